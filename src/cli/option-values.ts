// Parsers of option values; what they refuse becomes one line and exit code 64.
import { InvalidArgumentError } from 'commander';

export const numberWithin =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };

export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
  };

const CLOCK = /^(?:(\d+):)?(?:(\d+):)?(\d+(?:\.\d+)?)$/;

/** Milliseconds of "75", "1:15" or "0:01:15"; undefined when it is none. */
const clockMs = (text: string | undefined): number | undefined => {
  if (text === undefined || !CLOCK.test(text)) return undefined;
  return text.split(':').reduce((total, part) => total * 60 + Number(part), 0) * 1_000;
};

/** Stream times "1:20-1:45", minutes and seconds, or seconds alone. */
export const timeSpan = (text: string): { readonly fromMs: number; readonly toMs: number } => {
  const [fromMs, toMs, ...rest] = text.split('-').map(clockMs);
  if (fromMs !== undefined && toMs !== undefined && fromMs < toMs && rest.length === 0) {
    return { fromMs, toMs };
  }
  throw new InvalidArgumentError('Expected a stretch such as 1:20-1:45, from and to.');
};
