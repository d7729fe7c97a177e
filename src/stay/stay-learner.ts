// Learns what stays from normal footage: keeps the embeddings of its slow pictures, and fits a model to them at the end. Memory
// and disk are bounded however long the footage is: stretches of ten are kept, each with the same chance.
import { FRAME_BYTES } from '../core/frame.ts';
import type { ModelPart } from '../core/model-part.ts';
import type { EmbeddingPlan, Engine } from '../core/ports/engine.ts';
import type { LearnedBatch, PartLearner } from '../core/ports/part-learner.ts';
import type { MedianOfSeven } from '../motion/median-kernel.ts';
import { seededRandom } from '../padim/maths/random.ts';
import { SlowPictures } from './slow-pictures.ts';
import type { SlowSpool } from './slow-spool.ts';
import { fitStay } from './stay-fit.ts';
import { arrayOf, numberOf, toPart } from './stay-model.ts';
import { OVERLAP } from './stretch-cut.ts';

/** Fewer slow pictures say nothing. */
const FEWEST_PICTURES = 8;
const SLOT_PICTURES = 10;
/** Ten minutes of slow pictures, 157 MB on disk and as much again while the model is fitted. */
const MAX_SLOTS = 60;
/** Of those, how many a later fit is told of: two minutes, 16 MB. */
const STATE_SLOTS = 12;

export interface StayLearnerOptions {
  readonly engine: Engine;
  readonly plan: EmbeddingPlan;
  /** Frames a second of the batches. */
  readonly fps: number;
  /** Its own from now on: `release` removes it. */
  readonly spool: SlowSpool;
  /** False changes a day that are acceptable. */
  readonly changesPerDay: number;
  readonly seed: number;
  /** See SlowPictures. */
  readonly median?: MedianOfSeven | undefined;
}

/** Up to SLOT_PICTURES that follow each other, in places of the spool that do too. */
interface Slot {
  readonly ordinals: number[];
}

export class StayLearner implements PartLearner {
  readonly name = 'stay';
  readonly #options: StayLearnerOptions;
  readonly #slow: SlowPictures;
  readonly #random: () => number;
  readonly #slots: Slot[] = [];
  /** Where the current stretch is kept, if it is. */
  #current: { readonly slot: number | undefined; length: number } | undefined;
  /** Stretches that were begun, kept or not. */
  #stretchCount = 0;
  /** Number of the next slow picture; it jumps where footage is interrupted. */
  #ordinal = 0;
  #shape = { patchCount: 0, dimensions: 0 };

  constructor(options: StayLearnerOptions) {
    this.#options = options;
    this.#slow = new SlowPictures(options);
    this.#random = seededRandom(options.seed);
  }

  /** Slow pictures that it holds. */
  get pictureCount(): number {
    return this.#slots.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
  }

  async add({ pixels, hasContext, timesMs }: LearnedBatch): Promise<void> {
    if (!hasContext) this.#interrupt();
    let from = hasContext ? FRAME_BYTES : 0;
    for (const timeMs of timesMs) {
      const picture = this.#slow.add(pixels.subarray(from, from + FRAME_BYTES), timeMs);
      if (picture !== undefined) await this.#keep(picture);
      from += FRAME_BYTES;
    }
  }

  async finish(): Promise<ModelPart | undefined> {
    if (this.pictureCount < FEWEST_PICTURES) return undefined;
    const { engine, plan, spool, changesPerDay } = this.#options;
    const pictures = this.#slots
      .flatMap(({ ordinals }, slot) =>
        ordinals.map((ordinal, index) => ({ ordinal, place: slot * SLOT_PICTURES + index })),
      )
      .sort((a, b) => a.ordinal - b.ordinal);
    const placeOf = (picture: number): number => pictures[picture]!.place;
    const worked = MAX_SLOTS * SLOT_PICTURES;
    const model = await fitStay({
      ...{ ...this.#shape, engine, grid: plan.grid, changesPerDay, stepMs: this.#slow.stepMs },
      ordinals: pictures.map(({ ordinal }) => ordinal),
      read: (picture, from, target) => {
        spool.read(placeOf(picture), from, target);
      },
      readWorked: (picture, from, target) => {
        spool.read(worked + placeOf(picture), from, target);
      },
      writeWorked: (picture, values) => {
        spool.write(worked + placeOf(picture), values);
      },
    });
    return toPart(model);
  }

  /** Stretches spread over all that it holds. */
  state(): ModelPart {
    const { patchCount, dimensions } = this.#shape;
    const size = patchCount * dimensions;
    const slots = [...this.#slots.entries()].sort(
      ([, a], [, b]) => a.ordinals[0]! - b.ordinals[0]!,
    );
    const count = Math.min(STATE_SLOTS, slots.length);
    const kept = Array.from(
      { length: count },
      (_, at) => slots[Math.floor((at * slots.length) / count)]!,
    );
    const pictures = kept.flatMap(([slot, { ordinals }]) =>
      ordinals.map((ordinal, index) => ({ ordinal, place: slot * SLOT_PICTURES + index })),
    );
    const values = new Float32Array(pictures.length * size);
    for (const [index, { place }] of pictures.entries())
      this.#options.spool.read(place, 0, values.subarray(index * size, (index + 1) * size));
    const ordinals = Float32Array.from(pictures, ({ ordinal }) => ordinal - pictures[0]!.ordinal);
    const shape = [pictures.length, patchCount, dimensions];
    return {
      numbers: { stretchCount: this.#stretchCount, pictureCount: pictures.length },
      arrays: {
        embeddings: { shape, values, precision: 'half' },
        ordinals: { shape: [pictures.length], values: ordinals, precision: 'single' },
      },
    };
  }

  restore(state: ModelPart): void {
    const { plan, spool } = this.#options;
    const count = numberOf(state, 'pictureCount');
    const stretchCount = numberOf(state, 'stretchCount');
    const shape = state.arrays['embeddings']?.shape ?? [];
    const patchCount = plan.grid * plan.grid;
    const dimensions = shape[2] ?? 0;
    if (count === 0) return;
    if (count > STATE_SLOTS * SLOT_PICTURES)
      throw new RangeError(`stay: ${count} pictures are more than a state holds`);
    const values = arrayOf(state, 'embeddings', [count, patchCount, dimensions]);
    const size = patchCount * dimensions;
    this.#shape = { patchCount, dimensions };
    for (const [index, ordinal] of arrayOf(state, 'ordinals', [count]).entries()) {
      const place = this.#placeFor(ordinal);
      if (place !== undefined)
        spool.write(place, values.subarray(index * size, (index + 1) * size));
      this.#ordinal = ordinal + 1;
    }
    this.#stretchCount = Math.max(this.#stretchCount, stretchCount);
    this.#interrupt();
  }

  release(): Promise<void> {
    this.#options.spool.remove();
    return Promise.resolve();
  }

  async #keep(picture: Uint8Array): Promise<void> {
    const { engine, plan, spool } = this.#options;
    const place = this.#placeFor(this.#ordinal);
    this.#ordinal++;
    if (place === undefined) return;
    const { patchCount, dimensions, values } = await engine.embed(plan, picture, 1);
    this.#shape = { patchCount, dimensions };
    spool.write(place, values);
  }

  /** The place of the spool for the next picture; undefined when its stretch is not kept. */
  #placeFor(ordinal: number): number | undefined {
    if (ordinal !== this.#ordinal) this.#current = undefined;
    if (this.#current === undefined || this.#current.length === SLOT_PICTURES)
      this.#current = { slot: this.#slotForStretch(), length: 0 };
    const { slot, length } = this.#current;
    this.#current.length++;
    if (slot === undefined) return undefined;
    this.#slots[slot]!.ordinals.push(ordinal);
    return slot * SLOT_PICTURES + length;
  }

  /** Reservoir sampling (Vitter 1985, algorithm R): every stretch has the same chance to be kept. */
  #slotForStretch(): number | undefined {
    this.#stretchCount++;
    const slot =
      this.#slots.length < MAX_SLOTS
        ? this.#slots.length
        : Math.floor(this.#random() * this.#stretchCount);
    if (slot >= MAX_SLOTS) return undefined;
    this.#slots[slot] = { ordinals: [] };
    return slot;
  }

  #interrupt(): void {
    this.#slow.reset();
    this.#current = undefined;
    // Nothing after this shares seconds with anything before.
    this.#ordinal += OVERLAP + 1;
  }
}
