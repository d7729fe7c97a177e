// Measures a segment's view against the learnt one. Edges, light and fineness of its last frame; repeats and grey cells
// of every frame, which cost next to nothing. Registration only where edges are gone.
import { FRAME_BYTES } from '../core/frame.ts';
import type { ModelPart } from '../core/model-part.ts';
import { EvenPicture } from './even-picture.ts';
import { FrameDifference } from './frame-difference.ts';
import { greyShare } from './grey-cells.ts';
import { LEAST_AGREEMENT, learnedView, type LearnedView } from './learned-view.ts';
import { BANDS, PictureLook } from './picture-look.ts';
import { displacementOf, type Placement } from './registration.ts';
import { compareStructure, Structure } from './structure.ts';
import { VIEW_FIELDS, type ViewField } from './view-fields.ts';
import { BLOCKS, COARSE_SIDE, FINE_SIDE, GREY_CELLS } from './view-grid.ts';
import { isRepeated } from './view-learner.ts';
import { SCENE_MEASURES } from './view-state.ts';
import { warpHalf } from './warp-half.ts';

/** A lost block is smooth when this little of its fine structure's energy is left. */
const SMOOTH = Math.log(0.15);
/** A block is as good as whole when so much of its usual agreement is left. */
const INTACT = 0.8;
/** A picture is registered when its edges agree by so many spreads less than usual, or so much of it is lost. */
const SUSPICIOUS_SPREADS = 4;
const SUSPICIOUS_LOST = 0.1;
const SUSPICIOUS_AGREEMENT = 0.7;
const LEAST_SPREAD = 0.01;
/** A registration explains the loss when it brings back so much of what is lost, or of the agreement. */
const BROUGHT_BACK = 0.5;
/** Logarithms of what may be nothing, as in the learner. */
const LEAST = 0.01;

/** Structures learnt and seen, luma and its warp, slopes of the registration. */
const SIZE_BYTES = 6 * 128 * 1_024;

export interface ViewRun {
  /** (context?, frames…) × FRAME_BYTES rgb24. */
  readonly pixels: Uint8Array;
  readonly frameCount: number;
  readonly hasContext: boolean;
}

export class ViewMeter {
  readonly #learnt: LearnedView;
  readonly #look = new PictureLook();
  readonly #structure = new Structure();
  readonly #difference = new FrameDifference();
  readonly #fine = new EvenPicture(FINE_SIDE);
  readonly #coarse = new EvenPicture(COARSE_SIDE);
  readonly #agreement = new Float32Array(BLOCKS);
  readonly #changes = new Float32Array(BLOCKS);
  readonly #warped = new Float32Array(this.#look.luma.length);
  readonly #placement: Placement = { shiftX: 0, shiftY: 0, turn: 0, zoom: 0 };
  readonly #grey = new Uint8Array(GREY_CELLS);
  readonly #values: Record<ViewField, number>;

  /** @throws RangeError for a part of another kind */
  constructor(part: ModelPart) {
    this.#learnt = learnedView(part);
    this.#values = Object.fromEntries(VIEW_FIELDS.map((field) => [field, 0])) as Record<
      ViewField,
      number
    >;
  }

  /** Roughly: what was learnt, and the memory of one picture. */
  get sizeBytes(): number {
    return SIZE_BYTES;
  }

  /** Numbers in the order of VIEW_FIELDS. */
  measure(run: ViewRun): number[] {
    const { pixels, frameCount, hasContext } = run;
    const last = (frameCount - (hasContext ? 0 : 1)) * FRAME_BYTES;
    this.#look.see(pixels, last);
    this.#structure.see(this.#look.luma);
    this.#coarse.see(this.#look.coarse);
    this.#measureLight();
    this.#measureStructure();
    this.#measureShift();
    this.#measurePairs(run, last);
    this.#measureGrey(run);
    return VIEW_FIELDS.map((field) => this.#values[field]);
  }

  #measureLight(): void {
    const values = this.#values;
    const { scene, sceneSpreads, bands } = this.#learnt;
    const { meanLuma, contrast, darkShare, brightShare } = this.#look;
    values.luma = meanLuma / 255;
    values.contrast = contrast / 255;
    values.lightRatio = (meanLuma + 1) / Math.exp(scene[SCENE_MEASURES.luma]!);
    values.dark = darkShare;
    values.bright = brightShare;
    const seen = this.#look.bands;
    values.sharpness = this.#sharpness();
    values.sharpnessSpread = sceneSpreads[SCENE_MEASURES.sharpness]!;
    values.texture = meanChange(seen, bands, 1);
    values.likeness = correlation(this.#coarse.values, this.#learnt.coarsePicture);
  }

  /** Change of the fine band against the coarse one, median over the blocks with detail: half may be covered. */
  #sharpness(): number {
    const { bands, detailed } = this.#learnt;
    const seen = this.#look.bands;
    const changes = this.#changes.subarray(0, detailed.length);
    const coarse = (BANDS - 1) * BLOCKS;
    for (let at = 0; at < detailed.length; at++) {
      const fine = BLOCKS + detailed[at]!;
      const rough = coarse + detailed[at]!;
      changes[at] = seen[fine]! - bands[fine]! - (seen[rough]! - bands[rough]!);
    }
    changes.sort();
    return changes[changes.length >> 1] ?? 0;
  }

  #measureStructure(): void {
    const { structure, norms, agreement, lostBelow, structuredBlocks } = this.#learnt;
    const { bands, scene, sceneSpreads } = this.#learnt;
    compareStructure(this.#structure.values, structure, norms, this.#agreement);
    let lost = 0;
    let smooth = 0;
    let intact = 0;
    let total = 0;
    for (let block = 0; block < BLOCKS; block++) {
      total += this.#agreement[block]!;
      if (lostBelow[block]! > 0 && this.#agreement[block]! > INTACT * agreement[block]!)
        intact += 1;
      if (!isLost(this.#agreement, lostBelow, block)) continue;
      lost += 1;
      const change = this.#look.bands[BLOCKS + block]! - bands[BLOCKS + block]!;
      if (change < SMOOTH) smooth += 1;
    }
    const values = this.#values;
    const count = Math.max(1, structuredBlocks);
    values.structured = structuredBlocks / BLOCKS;
    values.lost = lost / count;
    values.lostSmooth = smooth / count;
    values.intact = intact / count;
    const spread = Math.max(LEAST_SPREAD, sceneSpreads[SCENE_MEASURES.agreement]!);
    const usual = scene[SCENE_MEASURES.agreement]!;
    values.disagreement = (usual - total / BLOCKS) / spread;
    values.agreement = usual > 0 ? total / BLOCKS / usual : 1;
  }

  #measureShift(): void {
    const values = this.#values;
    const placement = this.#placement;
    Object.assign(placement, { shiftX: 0, shiftY: 0, turn: 0, zoom: 0 });
    values.registered = 0;
    values.lostRegistered = values.lost;
    if (
      values.disagreement > SUSPICIOUS_SPREADS ||
      values.lost > SUSPICIOUS_LOST ||
      values.agreement < SUSPICIOUS_AGREEMENT
    ) {
      this.#register();
    }
    values.shiftX = placement.shiftX;
    values.shiftY = placement.shiftY;
    values.turn = placement.turn;
    values.zoom = placement.zoom;
    values.displacement = displacementOf(placement);
  }

  #register(): void {
    const { coarse, fine, structure, norms, agreement, lostBelow, structuredBlocks } = this.#learnt;
    const placement = this.#placement;
    this.#fine.see(this.#look.fine);
    coarse.better(this.#coarse.values, placement);
    fine.better(this.#fine.values, placement);
    const before = meanAgreement(this.#agreement, agreement);
    warpHalf(this.#look.luma, placement, this.#warped);
    this.#structure.see(this.#warped);
    compareStructure(this.#structure.values, structure, norms, this.#agreement);
    let lost = 0;
    for (let block = 0; block < BLOCKS; block++) {
      if (isLost(this.#agreement, lostBelow, block)) lost += 1;
    }
    const after = meanAgreement(this.#agreement, agreement);
    const usual = meanAgreement(agreement, agreement);
    const values = this.#values;
    values.lostRegistered = lost / Math.max(1, structuredBlocks);
    values.registered = after - before > BROUGHT_BACK * (usual - before) ? 1 : 0;
    if (values.registered === 0) {
      Object.assign(placement, { shiftX: 0, shiftY: 0, turn: 0, zoom: 0 });
      values.lostRegistered = values.lost;
    }
  }

  #measurePairs({ pixels, frameCount, hasContext }: ViewRun, last: number): void {
    const values = this.#values;
    const { scene, leastDifference, longestRepeatMs } = this.#learnt;
    const pairs = frameCount - (hasContext ? 0 : 1);
    let repeats = 0;
    while (
      repeats < pairs &&
      isRepeated(pixels, last - (repeats + 1) * FRAME_BYTES, last - repeats * FRAME_BYTES)
    ) {
      repeats += 1;
    }
    values.pairs = pairs;
    values.repeats = repeats;
    values.longestRepeatMs = longestRepeatMs;
    values.noise = 0;
    values.difference = -1;
    if (pairs === 0) return;
    this.#difference.see(pixels, last - FRAME_BYTES, last);
    if (this.#difference.mean > 0)
      values.noise = Math.log(this.#difference.median + LEAST) - scene[SCENE_MEASURES.noise]!;
    values.difference = this.#difference.mean / leastDifference;
  }

  #measureGrey({ pixels, frameCount, hasContext }: ViewRun): void {
    const values = this.#values;
    const { greyCells } = this.#learnt;
    values.greyShare = 0;
    values.greyFrames = 0;
    values.frames = frameCount;
    const first = hasContext ? 1 : 0;
    for (let frame = first; frame < first + frameCount; frame++) {
      const share = greyShare(pixels, frame * FRAME_BYTES, greyCells, this.#grey);
      if (share > values.greyShare) values.greyShare = share;
      if (share > LEAST) values.greyFrames += 1;
    }
  }
}

const isLost = (agreement: Float32Array, lostBelow: Float32Array, block: number): boolean =>
  lostBelow[block]! > 0 && agreement[block]! < lostBelow[block]!;

/** Mean change of a band's logarithm over the blocks. */
const meanChange = (seen: Float32Array, learnt: Float32Array, band: number): number => {
  let sum = 0;
  for (let at = band * BLOCKS; at < (band + 1) * BLOCKS; at++) sum += seen[at]! - learnt[at]!;
  return sum / BLOCKS;
};

/** Over the blocks whose edges usually agree with themselves. */
const meanAgreement = (agreement: Float32Array, usual: Float32Array): number => {
  let sum = 0;
  let count = 0;
  for (let block = 0; block < BLOCKS; block++) {
    if (usual[block]! < LEAST_AGREEMENT) continue;
    sum += agreement[block]!;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
};

const correlation = (a: Float32Array, b: Float32Array): number => {
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (let at = 0; at < a.length; at++) {
    product += a[at]! * b[at]!;
    squareA += a[at]! * a[at]!;
    squareB += b[at]! * b[at]!;
  }
  return squareA > 0 && squareB > 0 ? product / Math.sqrt(squareA * squareB) : 0;
};
