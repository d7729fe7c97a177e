// Reads the fields of a clip's description, and says where and what is wrong with it.
import { PatchwatchError } from '../core/errors.ts';
import type { Region } from '../core/place.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPair = (value: unknown): value is readonly [number, number] =>
  isNumbers(value) && value.length === 2;

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isFinite(item));

/** Numbers of a first and a last frame, or of seconds. */
export const isSpan = (value: unknown): value is readonly [number, number] =>
  isPair(value) && value[0] >= 0 && value[1] >= value[0];

export class ClipFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(entry: unknown, path: string) {
    this.#path = path;
    if (!isRecord(entry)) throw this.invalid('holds something that describes no clip');
    this.#fields = entry;
  }

  invalid(problem: string): PatchwatchError {
    return new PatchwatchError(
      'DATASET_INVALID',
      `${this.#path} ${problem}: see docs/ref/datasets.md`,
    );
  }

  field(name: string): unknown {
    return this.#fields[name];
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value === 'string' && value !== '') return value;
    throw this.invalid(`lacks "${name}", a text`);
  }

  /** Undefined where it is absent or null. */
  optionalText(name: string): string | undefined {
    const value = this.#fields[name] ?? undefined;
    return value === undefined ? undefined : this.text(name);
  }

  positive(name: string): number {
    const value = this.#fields[name];
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
    throw this.invalid(`lacks "${name}", a number above 0`);
  }

  /** Numbers of the first and last frame. */
  span(name: string): readonly [number, number] {
    const value = this.#fields[name];
    if (isSpan(value)) return value;
    throw this.invalid(`lacks "${name}", the numbers of a first and a last frame`);
  }

  /** Left, top, right, bottom in fractions of the picture; undefined where it is absent. */
  box(name: string): Region | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    if (!isNumbers(value) || value.length !== 4)
      throw this.invalid(`has a "${name}" that is no list of four numbers`);
    const [left = 0, top = 0, right = 0, bottom = 0] = value;
    return { x: left, y: top, width: right - left, height: bottom - top };
  }
}
