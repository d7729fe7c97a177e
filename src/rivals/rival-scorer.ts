// What PaDiM is compared with has one shape: learn from normal frames, finish, then score.

export interface RivalScores {
  /** (frame, row, column): `mapSide` × `mapSide` cells a frame; valid until the next call. */
  readonly maps: Float32Array;
  /** One per frame, from the method's own image score: not the map's maximum. */
  readonly scores: Float32Array;
}

export interface RivalScorer {
  readonly mapSide: number;
  /** What scoring needs to keep. */
  readonly modelBytes: number;
  /**
   * @param pixels frameCount × FRAME_BYTES, rgb24; copied where the method keeps frames
   * @throws PatchwatchError USAGE when the training frames no longer fit into the method's memory
   */
  addTraining(pixels: Uint8Array, frameCount: number): void | Promise<void>;
  /** After the last training frame, once. @throws PatchwatchError FOOTAGE_TOO_SHORT */
  finish(): void | Promise<void>;
  score(pixels: Uint8Array, frameCount: number): Promise<RivalScores>;
  close(): Promise<void>;
}
