/** Frames further apart than this do not follow each other: no change or motion is told from them. */
export const frameGapMs = (fps: number): number => Math.max(2_000, 5_000 / fps);
