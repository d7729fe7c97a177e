// RTSP over loopback, over both transports: playing, losing the camera and getting it back, being
// refused. Passwords must not show in any message.
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/process/system-clock.ts';
import { ReconnectingSource, type SourceState } from '../../../src/capture/reconnecting-source.ts';
import { PatchwatchError } from '../../../src/core/errors.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import { RtspServer } from '../../support/rtsp-server.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { childPids } from './child-pids.ts';
import { never, openSource } from './clips.ts';
import { RecordingSink } from './recording-sink.ts';

afterEach(() => {
  expect(childPids()).toEqual([]);
});

/** Back-off on a fast clock, so that a test of four attempts takes no minutes. */
const hurried: Clock = {
  ...systemClock,
  sleep: (delayMs, signal) => systemClock.sleep(delayMs / 50, signal),
};

const failureOf = async (url: string, transport: 'tcp' | 'udp' = 'tcp'): Promise<PatchwatchError> =>
  openSource({ url, transport })
    .play(new RecordingSink(), never())
    .then(
      () => {
        throw new Error('played');
      },
      (error: unknown) => error as PatchwatchError,
    );

describe.each(['tcp', 'udp'] as const)('over %s', (transport) => {
  it('plays until told to stop, and says goodbye to the camera', async () => {
    await using server = await new RtspServer({ transports: [transport] }).start();
    const stop = new AbortController();
    const sink = new RecordingSink();
    const playing = openSource({ url: server.url(), transport }).play(sink, stop.signal);
    await waitUntil(() => sink.times.length >= 15, 30_000, '15 frames');
    stop.abort();
    await playing;
    await waitUntil(() => server.teardownCount === 1, 5_000, 'the goodbye');
    const steps = sink.mediaTimesMs.slice(1).map((time, index) => time - sink.mediaTimesMs[index]!);
    expect(steps.every((step) => step >= 0)).toBe(true);
  });

  it('recovers by itself when the camera is stopped and started again', async () => {
    await using server = await new RtspServer({ transports: [transport] }).start();
    const states: SourceState[] = [];
    const camera = new ReconnectingSource({
      source: openSource({ url: server.url(), transport, stallTimeoutMs: 3_000 }),
      clock: hurried,
      random: () => 0.5,
      onState: (state) => states.push(state),
    });
    const stop = new AbortController();
    const sink = new RecordingSink();
    const playing = camera.play(sink, stop.signal);
    await waitUntil(() => sink.times.length >= 5, 30_000, 'frames');
    await server.stop();
    await waitUntil(() => states.at(-1)?.kind === 'down', 30_000, 'the loss to be noticed');
    await server.start();
    const before = sink.times.length;
    await waitUntil(() => sink.times.length >= before + 5, 60_000, 'frames again');
    stop.abort();
    await playing;
    expect(states.slice(0, 2)).toEqual([
      { kind: 'connecting', attempt: 1 },
      { kind: 'up', attempt: 1 },
    ]);
    expect(states.at(-1)?.kind).toBe('up');
    expect(states.find((state) => state.kind === 'down')).toMatchObject({
      attempt: 1,
      delayMs: 5000,
    });
  });
});

it('gives a camera up that stays connected and falls silent', async () => {
  await using server = await new RtspServer().start();
  const stalls: number[] = [];
  const sink = new RecordingSink({
    onFrame: () => {
      server.isSilent = true;
    },
  });
  const playing = openSource({ url: server.url(), stallTimeoutMs: 4_000 }).play(
    sink,
    never(),
    (silentMs) => stalls.push(silentMs),
  );
  const failure: unknown = await playing.catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'SOURCE_STALLED' });
  expect((failure as Error).message).toMatch(/gave no frame for 4 s; check the camera/);
  expect(stalls).toHaveLength(1);
});

describe('refusals', () => {
  it('a wrong password, which is not shown', async () => {
    const credentials = { user: 'admin', password: 'right' };
    await using server = await new RtspServer({ credentials }).start();
    const failure = await failureOf(server.url('admin:s3cret%21word'));
    expect(failure.code).toBe('SOURCE_REFUSED');
    expect(failure.message).toMatch(/refused the user or password \(401\); check/);
    expect(JSON.stringify([failure.message, failure.details])).not.toMatch(/s3cret|admin/);
  });

  it('no refusal with the right password', async () => {
    const credentials = { user: 'admin', password: 's3cret!word' };
    await using server = await new RtspServer({ credentials }).start();
    const stop = new AbortController();
    const sink = new RecordingSink({ onFrame: () => stop.abort() });
    const source = openSource({ url: server.url('admin:s3cret%21word') });
    await source.play(sink, stop.signal);
    expect(sink.times).not.toHaveLength(0);
    expect(source.description).toBe(`rtsp://***@127.0.0.1:${server.port}/cam`);
  });

  it('a path the camera does not know', async () => {
    await using server = await new RtspServer().start();
    const failure = await failureOf(server.url().replace('/cam', '/other'));
    expect(failure.message).toMatch(/no such stream \(404\); check the path/);
  });

  it('a transport the camera does not offer', async () => {
    await using server = await new RtspServer({ transports: ['udp'] }).start();
    const failure = await failureOf(server.url(), 'tcp');
    expect(failure.message).toMatch(/does not offer this RTSP transport; set transport/);
  });

  it('nobody there', async () => {
    const server = await new RtspServer().start();
    await server.stop();
    const failure = await failureOf(server.url('u:p'));
    expect(failure.message).toMatch(
      /^cannot play rtsp:\/\/\*\*\*@127\.0\.0\.1:\d+\/cam: connection refused; check host and port/,
    );
  });
});
