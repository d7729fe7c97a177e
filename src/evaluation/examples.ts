// The frames that explain a figure: false alarms, misses and finds, at most one of a kind from each clip. Bounded
// memory, however many frames go by.
import { FRAME_BYTES } from '../core/frame.ts';

export type ExampleKind = 'false alarm' | 'miss' | 'find';

export interface Example {
  readonly kind: ExampleKind;
  readonly clipId: string;
  readonly frame: number;
  readonly score: number;
  /** FRAME_BYTES, rgb24. */
  readonly pixels: Uint8Array;
  /** (row, column), side × side. */
  readonly map: Float32Array;
  readonly side: number;
}

export interface ObservedFrame {
  readonly clipId: string;
  readonly frame: number;
  readonly score: number;
  /** Non-zero = anomalous. */
  readonly label: number;
  readonly pixels: Uint8Array;
  readonly map: Float32Array;
  readonly side: number;
}

const PER_KIND = 4;

/** What makes a frame a good example of each kind: larger is better. */
const worthOf = (kind: ExampleKind, score: number): number => (kind === 'miss' ? -score : score);

export class Examples {
  readonly #kept = new Map<ExampleKind, Example[]>();

  /** Copies what it keeps. */
  observe(frame: ObservedFrame): void {
    const kinds: readonly ExampleKind[] = frame.label === 0 ? ['false alarm'] : ['miss', 'find'];
    for (const kind of kinds) this.#offer(kind, frame);
  }

  /** The best of a kind first. */
  all(): readonly Example[] {
    return [...this.#kept.values()].flat();
  }

  #offer(kind: ExampleKind, frame: ObservedFrame): void {
    const { clipId, score, side, pixels, map } = frame;
    const kept = this.#kept.get(kind) ?? [];
    const worth = worthOf(kind, score);
    const same = kept.findIndex((example) => example.clipId === clipId);
    const weakest = same === -1 ? PER_KIND - 1 : same;
    const rival = kept[weakest];
    if (rival !== undefined && worthOf(kind, rival.score) >= worth) return;
    // A frame that replaces another takes its buffers: a clip with a rising score would otherwise leave hundreds
    // of dead pictures to the garbage collector.
    const example = {
      ...{ kind, clipId, score, side, frame: frame.frame },
      pixels: rival?.pixels ?? new Uint8Array(FRAME_BYTES),
      map: rival?.map ?? new Float32Array(map.length),
    };
    example.pixels.set(pixels);
    example.map.set(map);
    if (rival === undefined) kept.push(example);
    else kept[weakest] = example;
    kept.sort((a, b) => worthOf(kind, b.score) - worthOf(kind, a.score));
    this.#kept.set(kind, kept);
  }
}
