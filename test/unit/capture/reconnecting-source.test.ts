import { describe, expect, it } from 'vitest';
import { ReconnectingSource, type SourceState } from '../../../src/capture/reconnecting-source.ts';
import type { WatchedSource } from '../../../src/capture/watched-source.ts';
import { PatchwatchError } from '../../../src/core/errors.ts';
import type { FrameSink } from '../../../src/core/ports/frame-source.ts';
import { SimClock } from '../../support/sim-clock.ts';

interface Attempt {
  readonly sink: FrameSink;
  readonly stall: (silentMs: number) => void;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

/** A source whose every play is decided by the test. */
class StagedSource implements WatchedSource {
  readonly description = 'camera';
  readonly isEndless: boolean;
  readonly attempts: Attempt[] = [];

  constructor(isEndless = true) {
    this.isEndless = isEndless;
  }

  get last(): Attempt {
    return this.attempts.at(-1)!;
  }

  play(sink: FrameSink, signal: AbortSignal, onStall?: (ms: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => resolve());
      this.attempts.push({ sink, stall: (ms) => onStall?.(ms), end: resolve, fail: reject });
    });
  }
}

const refused = new PatchwatchError('SOURCE_UNREADABLE', 'connection refused');
const FRAME = { capturedAtMs: 0, mediaTimeMs: 0 };

const start = (source: StagedSource) => {
  const clock = new SimClock();
  const states: SourceState[] = [];
  const log: string[] = [];
  const stop = new AbortController();
  const sink: FrameSink = {
    reserve: () => new Uint8Array(),
    commit: () => {
      log.push('frame');
    },
    leaveOut: () => {
      log.push('left out');
    },
  };
  const camera = new ReconnectingSource({
    source,
    clock,
    random: () => 0.5,
    onState: (state) => {
      states.push(state);
      log.push(state.kind);
    },
  });
  return { clock, states, log, stop, playing: camera.play(sink, stop.signal) };
};

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ReconnectingSource', () => {
  it('waits longer from failure to failure, and starts over after a good frame', async () => {
    const source = new StagedSource();
    const { clock, states, stop, playing } = start(source);
    for (const delayMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      source.last.fail(refused);
      await settle();
      expect(states.at(-1)).toMatchObject({ kind: 'down', delayMs, reason: refused });
      const attemptCount = source.attempts.length;
      await clock.advance(delayMs - 1);
      expect(source.attempts).toHaveLength(attemptCount);
      await clock.advance(1);
      expect(source.attempts).toHaveLength(attemptCount + 1);
    }
    expect(states.at(-1)).toEqual({ kind: 'connecting', attempt: 7 });
    void source.last.sink.commit(FRAME);
    source.last.fail(refused);
    await settle();
    expect(states.at(-1)).toMatchObject({ kind: 'down', attempt: 1, delayMs: 5_000 });
    stop.abort();
    await playing;
  });

  it('tells that it is up before the first frame of each connection', async () => {
    const source = new StagedSource();
    const { clock, log, stop, playing } = start(source);
    void source.last.sink.commit(FRAME);
    void source.last.sink.commit(FRAME);
    source.last.stall(2_000);
    void source.last.sink.commit(FRAME);
    source.last.fail(refused);
    await settle();
    await clock.advance(5_000);
    void source.last.sink.commit(FRAME);
    stop.abort();
    await playing;
    expect(log).toEqual([
      ...['connecting', 'up', 'frame', 'frame', 'stalled', 'up', 'frame', 'down'],
      ...['connecting', 'up', 'frame'],
    ]);
  });

  it('takes the end of a camera for a failure', async () => {
    const source = new StagedSource();
    const { states, stop, playing } = start(source);
    source.last.end();
    await settle();
    expect(states.at(-1)).toMatchObject({ kind: 'down', delayMs: 5_000 });
    stop.abort();
    await playing;
    expect(source.attempts).toHaveLength(1);
  });

  it('ends with a recording', async () => {
    const source = new StagedSource(false);
    const { states, playing } = start(source);
    source.last.end();
    await playing;
    expect(states).toEqual([{ kind: 'connecting', attempt: 1 }]);
  });

  it.each([
    ['a recording that fails', false, refused],
    ['an error of the sink', true, new Error('sink')],
  ])('does not try again after %s', async (_, isEndless, error) => {
    const source = new StagedSource(isEndless);
    const { playing } = start(source);
    source.last.fail(error);
    await expect(playing).rejects.toBe(error);
  });

  it.each([true, false])(
    'tries again when ffmpeg is missing; source endless: %s',
    async (isEndless) => {
      const source = new StagedSource(isEndless);
      const { clock, states, stop, playing } = start(source);
      source.last.fail(new PatchwatchError('FFMPEG_MISSING', 'no ffmpeg'));
      await settle();
      expect(states.at(-1)).toMatchObject({ kind: 'down', delayMs: 5_000 });
      await clock.advance(5_000);
      expect(source.attempts).toHaveLength(2);
      stop.abort();
      await playing;
    },
  );

  it('a damaged picture shows that the camera is up', async () => {
    const source = new StagedSource();
    const { log, stop, playing } = start(source);
    source.last.sink.leaveOut?.(FRAME, 'damaged');
    void source.last.sink.commit(FRAME);
    stop.abort();
    await playing;
    expect(log).toEqual(['connecting', 'up', 'left out', 'frame']);
  });

  it.each(['while connected', 'while waiting'])('stops %s', async (when) => {
    const source = new StagedSource();
    const { clock, stop, playing } = start(source);
    if (when === 'while waiting') {
      source.last.fail(refused);
      await settle();
      expect(clock.sleeperCount).toBe(1);
    }
    stop.abort();
    await playing;
    expect(clock.sleeperCount).toBe(0);
  });
});
