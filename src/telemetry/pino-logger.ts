// Logging with pino, to stderr: JSON for collectors, short lines for people at a terminal. Credentials in URLs
// are struck out of every text, whatever field it is in. Logging never fails and never waits: see lossy-outlet.ts.
import { pino } from 'pino';

import { printable } from '../core/printable.ts';
import { redactUrl } from '../core/redact-url.ts';
import type { LogFields, Logger } from '../core/ports/logger.ts';
import { standardOutlet, type LossyOutlet } from './lossy-outlet.ts';
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
  ...(error instanceof AggregateError ? { errors: redactValue(error.errors, depth + 1) } : {}),
});

const redactFields = (fields: LogFields): LogFields => redactValue(fields) as LogFields;

const LEVEL_WARN = 40;

interface Destination {
  readonly pino: pino.Logger;
  readonly outlet: LossyOutlet | undefined;
}

const openStderr = ({ level, format }: LogSettings): Destination => {
  const { stderr } = process;
  const isPretty = format === 'pretty' || (format === 'auto' && stderr.isTTY);
  // In JSON such a character stands for itself as `\\u009b`; in a line for people it is shown as that.
  const shape = (line: string): string => printable(isPretty ? prettyLine(line) : line);
  const outlet = standardOutlet(stderr, (count) => {
    const time = new Date().toISOString();
    const record = { level: LEVEL_WARN, time, count, message: 'log lines were lost' };
    return shape(`${JSON.stringify(record)}\n`);
  });
  const write = (line: string): void => {
    outlet.write(shape(line));
  };
  return {
    pino: pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' },
      { write },
    ),
    outlet,
  };
};

export class PinoLogger implements Logger {
  readonly #pino: pino.Logger;
  readonly #outlet: LossyOutlet | undefined;

  constructor(settings: LogSettings | Destination) {
    const { pino: instance, outlet } = 'format' in settings ? openStderr(settings) : settings;
    this.#pino = instance;
    this.#outlet = outlet;
  }

  /** Lines since the last call that could be written nowhere. */
  takeLostCount(): number {
    return this.#outlet?.takeLostCount() ?? 0;
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
    return new PinoLogger({ pino: this.#pino.child(redactFields(fields)), outlet: this.#outlet });
  }
}
