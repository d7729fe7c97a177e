// A value of the file as a message may show it: short, one line, and never a secret.
import { redactUrl } from '../core/redact-url.ts';
import type { Path } from './problem.ts';

const MAX_CHARS = 60;
const SECRET_KEY = /token|secret|password|passwd/i;

/**
 * Anything before an @ may be a password: stricter than redactUrl, because what is reported here is
 * often not a proper URL (that is why it is reported).
 */
const withoutCredentials = (text: string): string =>
  redactUrl(text.replace(/^([a-z][a-z0-9+.-]*:\/+)?.*@/is, '$1***@'));

const shortened = (text: string): string =>
  text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}…`;

export interface Shown {
  readonly value: unknown;
  readonly path: Path;
  /** As it stands in the file, where the environment was put in. */
  readonly written: string | undefined;
}

/** What follows an unknown scheme (`exec:curl -u name:password …`) has no form to find a secret by. */
const withoutCommand = (text: string): string =>
  text.replace(/^([a-z][a-z0-9+.-]+:)(?!\/\/)(?!\S+@\S*$).*$/is, '$1***');

export const printableKey = (key: string): string => shortened(withoutCredentials(key));

export const printableValue = ({ value, path, written }: Shown): string => {
  const key = path.findLast((part) => typeof part === 'string') ?? '';
  if (SECRET_KEY.test(key) && !/File$/.test(key) && typeof value !== 'object') {
    return written ?? '***';
  }
  const printable = (text: string): string =>
    JSON.stringify(printableKey(key === 'url' ? withoutCommand(text) : text));
  if (written !== undefined) return `${printable(written)} (from the environment)`;
  if (typeof value === 'string') return printable(value);
  if (value === null) return '(nothing)';
  if (Array.isArray(value)) return '(a list)';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '(a map)';
};
