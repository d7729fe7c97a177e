// Logging with pino, to stderr: JSON for collectors, short lines for people at a terminal. Credentials in URLs
// are struck out of every text, whatever field it is in.
import { pino } from 'pino';

import { redactUrl } from '../core/redact-url.ts';
import type { LogFields, Logger } from '../core/ports/logger.ts';
import { prettyLine } from './pretty-line.ts';

export interface LogSettings {
  readonly level: string;
  /** auto: pretty on a terminal, else json. */
  readonly format: string;
}

/** Deeper than any field of ours; what refers to itself ends here. */
const MAX_DEPTH = 6;

const redactValue = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redactUrl(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return '…';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactValue(item, depth + 1)]),
  );
};

const redactError = (error: Error, depth: number): object => ({
  message: redactUrl(error.message),
  stack: redactUrl(error.stack ?? ''),
  ...('code' in error ? { code: redactValue(error.code, depth + 1) } : {}),
  ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
});

const redactFields = (fields: LogFields): LogFields => redactValue(fields) as LogFields;

const createPino = ({ level, format }: LogSettings): pino.Logger => {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  const destination = isPretty
    ? { write: (line: string) => process.stderr.write(prettyLine(line)) }
    : pino.destination({ dest: 2, sync: true });
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
    destination,
  );
};

export class PinoLogger implements Logger {
  readonly #pino: pino.Logger;

  constructor(settings: LogSettings | pino.Logger) {
    this.#pino = 'format' in settings ? createPino(settings) : settings;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#pino.debug(redactFields(fields), redactUrl(message));
  }

  info(message: string, fields: LogFields = {}): void {
    this.#pino.info(redactFields(fields), redactUrl(message));
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#pino.warn(redactFields(fields), redactUrl(message));
  }

  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(redactFields(fields), redactUrl(message));
  }

  child(fields: LogFields): Logger {
    return new PinoLogger(this.#pino.child(redactFields(fields)));
  }
}
