// A problem in the configuration file and the error that carries all of them. Texts are finished where
// they are made: nothing secret may reach this file.
import { printable } from '../core/printable.ts';
import { PatchwatchError } from '../core/errors.ts';

export interface Position {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly position: Position | undefined;
  readonly text: string;
}

export type Path = readonly (string | number)[];

/** `cameras.gate.ignore[0][1]` */
export const pathText = (path: Path): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');

/** A file must not forge lines of the log. */
const oneLine = (text: string): string => printable(text.replace(/[\t\r\n]+/g, ' '));

/** `file:line:col: text`, or `file: text` where no place is known. */
export const problemLine = (file: string, { position, text }: Problem): string =>
  oneLine(
    position === undefined
      ? `${file}: ${text}`
      : `${file}:${position.line}:${position.column}: ${text}`,
  );

/** In the order of the file; each line once. */
export const problemLines = (file: string, problems: readonly Problem[]): string[] => {
  const inOrder = [...problems].sort(
    (a, b) =>
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
  return [...new Set(inOrder.map((problem) => problemLine(file, problem)))];
};

/** All problems of a file at once, one line each. */
export class ConfigError extends PatchwatchError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('CONFIG_INVALID', problems.join('\n'), { details: { problems } });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
