// What the view is measured by, one number each, in the order in which a segment's score carries them. All are
// relative to what was learnt, or of a unit of their own: whoever reads them needs no model.

export const VIEW_FIELDS = [
  /** Share of the blocks with structure. */
  'structured',
  /** Of those, the share whose structure is gone; of which smooth now, where there was something fine. */
  'lost',
  'lostSmooth',
  /** And the share whose structure is as good as whole. */
  'intact',
  /** Agreement of the edges with the learnt ones, against what is usual; and in spreads of normal footage below it. */
  'agreement',
  'disagreement',
  /** Whether a registration was tried, found; the share lost where it puts the learnt picture. */
  'registered',
  'lostRegistered',
  /** Where it lies, pixels of the frame, radians, and share. */
  'shiftX',
  'shiftY',
  'turn',
  'zoom',
  'displacement',
  /** Correlation of the coarse even picture with the learnt one. */
  'likeness',
  /** Logarithm of the fine structure's energy against the coarse one's, against what was learnt; its spread then. */
  'sharpness',
  'sharpnessSpread',
  /** Mean and standard deviation of luma, 0..1; and the mean against what was learnt. */
  'luma',
  'contrast',
  'lightRatio',
  'dark',
  'bright',
  /** Logarithm of the energy at mid fineness against what was learnt. */
  'texture',
  /** Logarithm of the noise against what was learnt. */
  'noise',
  /** Frames at the segment's end that repeat the one before them, of all its pairs; how many pairs. */
  'repeats',
  'pairs',
  /** The last pair's difference against the least of normal footage; −1 without a pair. */
  'difference',
  /** Longest time for which normal footage repeated one picture, milliseconds. */
  'longestRepeatMs',
  /** Largest share of a frame that a decoder left grey; frames with any, of all. */
  'greyShare',
  'greyFrames',
  'frames',
] as const;
export type ViewField = (typeof VIEW_FIELDS)[number];
export type ViewReading = Readonly<Record<ViewField, number>>;

/** Undefined for a list of another version. */
export const readingOf = (values: readonly number[]): ViewReading | undefined =>
  values.length === VIEW_FIELDS.length
    ? (Object.fromEntries(VIEW_FIELDS.map((field, at) => [field, values[at]])) as ViewReading)
    : undefined;
