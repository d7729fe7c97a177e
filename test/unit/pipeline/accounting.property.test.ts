// The accounting identity under whatever load: captured = scored + dropped (by reason) + in flight, per camera, at
// every step, with the ledger and the queue wired as the daemon wires them.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { Segment } from '../../../src/core/frame.ts';
import type { SegmentLease } from '../../../src/core/ports/frame-queue.ts';
import { silentMeter } from '../../../src/core/ports/meter.ts';
import { FrameLedger } from '../../../src/queue/frame-ledger.ts';
import { MemoryFrameQueue } from '../../../src/queue/memory-queue.ts';
import { SimClock } from '../../support/sim-clock.ts';

const CAMERAS = ['a', 'b', 'c'].map(cameraId);
const MAX_FRAMES = 24;
const MAX_SEGMENT_FRAMES = 5;

/** What is known from outside: frames that workers hold, and whether the queue still takes any. */
interface Model {
  held: number;
  isClosed: boolean;
}

class Daemon {
  readonly clock = new SimClock();
  readonly ledger = new FrameLedger(silentMeter);
  readonly queue = new MemoryFrameQueue({
    maxFramesPerCamera: 10,
    maxFrames: MAX_FRAMES,
    maxFrameAgeMs: 1_000,
    clock: this.clock,
    onOutcome: ({ cameraId: camera, stamps }, outcome) => {
      if (outcome.kind === 'dropped') this.ledger.dropped(camera, outcome.reason, stamps.length);
      else this.ledger.scored(camera, stamps.length);
    },
  });
  readonly held: SegmentLease[] = [];
  #sequence = 0;

  async capture(camera: number, frameCount: number): Promise<void> {
    const segment = this.#segment(camera, frameCount);
    this.ledger.captured(segment.cameraId, frameCount);
    await this.queue.offer(segment);
  }

  /** What there is to take now. */
  async take(maxFrames: number): Promise<readonly SegmentLease[]> {
    const stop = new AbortController();
    const taken = this.queue.take(maxFrames, stop.signal);
    stop.abort();
    return taken;
  }

  /** The identity, and that the queue agrees about what is in flight. */
  async expectBalance(model: Model): Promise<void> {
    let inFlight = 0;
    for (const camera of CAMERAS) {
      const balance = this.ledger.balance(camera);
      const byReason = Object.values(balance.dropped).reduce((sum, count) => sum + count, 0);
      expect(balance.droppedTotal).toBe(byReason);
      expect(balance.captured).toBe(balance.scored + byReason + balance.inFlight);
      expect(balance.inFlight).toBeGreaterThanOrEqual(0);
      inFlight += balance.inFlight;
    }
    const { frames } = await this.queue.depth();
    expect(frames).toBe(inFlight);
    expect(this.held.reduce((sum, one) => sum + one.segment.stamps.length, 0)).toBe(model.held);
    expect(frames - model.held).toBeLessThanOrEqual(model.isClosed ? 0 : MAX_FRAMES);
  }

  #segment(camera: number, frameCount: number): Segment {
    const first = this.#sequence;
    this.#sequence += frameCount;
    return {
      id: String(first),
      cameraId: CAMERAS[camera]!,
      sceneId: sceneId('default'),
      stamps: Array.from({ length: frameCount }, (_, index) => ({
        sequence: first + index,
        capturedAtMs: this.clock.nowMs(),
        mediaTimeMs: 0,
      })),
      hasContext: false,
      pixels: new Uint8Array(0),
    };
  }
}

type Command = fc.AsyncCommand<Model, Daemon>;

const command = (
  name: string,
  check: (model: Readonly<Model>) => boolean,
  run: (model: Model, daemon: Daemon) => Promise<void>,
): Command => ({
  check,
  run: async (model, daemon) => {
    await run(model, daemon);
    await daemon.expectBalance(model);
  },
  toString: () => name,
});

const always = (): boolean => true;
const someHeld = (model: Readonly<Model>): boolean => model.held > 0;

const captureCommand = fc
  .tuple(fc.nat(CAMERAS.length - 1), fc.integer({ min: 1, max: MAX_SEGMENT_FRAMES }))
  .map(([camera, count]) =>
    command(`capture ${count} of camera ${camera}`, always, (_model, daemon) =>
      daemon.capture(camera, count),
    ),
  );

const takeCommand = fc.integer({ min: 1, max: 8 }).map((maxFrames) =>
  command(`take ${maxFrames}`, always, async (model, daemon) => {
    const leases = await daemon.take(maxFrames);
    daemon.held.push(...leases);
    const size = leases.reduce((sum, lease) => sum + lease.segment.stamps.length, 0);
    expect(leases.length <= 1 || size <= maxFrames).toBe(true);
    model.held += size;
  }),
);

const endCommand = (name: string, end: (lease: SegmentLease, daemon: Daemon) => Promise<void>) =>
  fc.nat().map((which) =>
    command(`${name} ${which}`, someHeld, async (model, daemon) => {
      const [lease] = daemon.held.splice(which % daemon.held.length, 1);
      model.held -= lease!.segment.stamps.length;
      await end(lease!, daemon);
    }),
  );

const advanceCommand = fc
  .integer({ min: 1, max: 900 })
  .map((byMs) =>
    command(`advance ${byMs}`, always, (_model, daemon) => daemon.clock.advance(byMs)),
  );

const closeCommand = fc.constant(
  command('close', always, async (model, daemon) => {
    await daemon.queue.close();
    model.isClosed = true;
  }),
);

const score = (lease: SegmentLease): Promise<void> => {
  const { id, cameraId: camera, sceneId: scene, stamps } = lease.segment;
  const facts = { segmentId: id, cameraId: camera, sceneId: scene, stamps };
  const maps = new Float32Array(stamps.length);
  return lease.settle({
    kind: 'scored',
    score: { ...facts, side: 1, maps, modelVersion: 'v1', threshold: 1 },
  });
};

const load = fc.commands(
  [
    captureCommand,
    captureCommand,
    takeCommand,
    endCommand('done', score),
    endCommand('give back', (lease) => lease.giveBack()),
    advanceCommand,
    closeCommand,
  ],
  { size: '+1', maxCommands: 80 },
);

test('no frame is lost or counted twice, and none is left after the drain', async () => {
  await fc.assert(
    fc.asyncProperty(load, async (commands) => {
      const daemon = new Daemon();
      const model: Model = { held: 0, isClosed: false };
      await fc.asyncModelRun(() => ({ model, real: daemon }), commands);
      await daemon.queue.close();
      for (const [index, lease] of daemon.held.entries()) {
        if (index % 2 === 0) await score(lease);
        else await lease.giveBack();
      }
      for (const camera of CAMERAS) expect(daemon.ledger.balance(camera).inFlight).toBe(0);
      expect(await daemon.queue.depth()).toEqual({ frames: 0, oldestAgeMs: 0 });
    }),
  );
});
