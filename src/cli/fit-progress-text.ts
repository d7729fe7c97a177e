// Progress of a fit in words: frames, rate, and the time that is left when the end is known.

export interface FitState {
  readonly frameCount: number;
  readonly mediaTimeMs: number;
}

const WIDTH = 24;

const bar = (share: number): string => {
  const filled = Math.round(Math.min(1, share) * WIDTH);
  return `[${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}]`;
};

export class FitProgressText {
  readonly #durationMs: number | undefined;
  readonly #startMs = performance.now();

  constructor(durationMs: number | undefined) {
    this.#durationMs = durationMs;
  }

  describe({ frameCount, mediaTimeMs }: FitState): string {
    const elapsedMs = Math.max(1, performance.now() - this.#startMs);
    const rate = `${frameCount} frames, ${((frameCount * 1_000) / elapsedMs).toFixed(0)} frames/s`;
    if (this.#durationMs === undefined || mediaTimeMs === 0) return rate;
    const share = mediaTimeMs / this.#durationMs;
    const leftSeconds = Math.max(0, (elapsedMs / share - elapsedMs) / 1_000);
    return `${bar(share)} ${Math.round(Math.min(1, share) * 100)} %  ${rate}  ${Math.round(leftSeconds)} s left`;
  }
}
