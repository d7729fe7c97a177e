// SOAK_CAMERAS (4) cameras, streams and files in turn, for as long as SOAK_MINUTES says (30): memory stays flat, every
// frame is accounted for; how long frames took from capture to score is printed.
// Not part of `npm test`: run it with `npm run soak`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { memoryOf, treeUsage } from '../../src/commands/bench/process-tree.ts';
import { readMetrics } from '../support/metric-values.ts';
import { Patchwatch, ROOT, patchwatch } from '../support/patchwatch.ts';
import { RtspServer } from '../support/rtsp-server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 30);
const SAMPLE_MS = 15_000;
const CLIP = join(ROOT, 'assets/demo/vtest.mp4');
const CAMERAS = Array.from(
  { length: Number(process.env.SOAK_CAMERAS ?? 4) },
  (_, index) => `${index % 2 === 0 ? 'rtsp' : 'file'}-${index}`,
);

interface Sample {
  readonly daemonMb: number;
  readonly childrenMb: number;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The bucket of `patchwatch_latency_seconds`, over all cameras, that holds this share of the frames. */
const quantile = async (url: string, share: number): Promise<string> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const [, bound = '', count] of text.matchAll(
    /^patchwatch_latency_seconds_bucket\{le="([^"]+)".*\} (\d+)$/gm,
  )) {
    counts.set(bound, (counts.get(bound) ?? 0) + Number(count));
  }
  const wanted = share * (counts.get('+Inf') ?? 0);
  return [...counts].find(([, count]) => count >= wanted)?.[0] ?? 'no';
};

test(
  `${CAMERAS.length} cameras for ${MINUTES} minutes`,
  async () => {
    await using folder = await tempDir();
    await using first = new RtspServer();
    await using second = new RtspServer();
    await first.start();
    await second.start();
    const urls = [first.url(), CLIP, second.url(), CLIP];
    const cameras = CAMERAS.map(
      (id, index) => `  ${id}: { url: '${urls[index % 4]!}', loop: true }`,
    );
    await writeFile(
      folder.at('patchwatch.yaml'),
      `log: { format: json }\nserver: { port: 0 }\ncameras:\n${cameras.join('\n')}\n`,
    );
    for (const camera of CAMERAS) {
      const args = ['fit', '--camera', camera, '--from', CLIP, '--duration', '48s'];
      expect((await patchwatch(args, { cwd: folder.path })).code).toBe(0);
    }
    await using daemon = new Patchwatch(['run'], { cwd: folder.path });
    await waitUntil(() => daemon.stderr.includes('"watching"'), 30_000, 'the daemon');
    const url = /"url":"(http[^"]+)"/.exec(daemon.stderr)?.[1] ?? '';

    const samples: Sample[] = [];
    const endMs = performance.now() + MINUTES * 60_000;
    while (performance.now() < endMs) {
      await delay(SAMPLE_MS);
      // Pages that several share, such as ffmpeg's libraries, are divided among them.
      const own = memoryOf(daemon.pid, 'Pss');
      const children = (treeUsage(daemon.pid)?.pssBytes ?? own) - own;
      samples.push({ daemonMb: own / 1e6, childrenMb: children / 1e6 });
      const value = await readMetrics(url);
      const { daemonMb, childrenMb } = samples.at(-1)!;
      console.log(
        `${((samples.length * SAMPLE_MS) / 60_000).toFixed(1)} min: daemon ${daemonMb.toFixed(0)} MB, children ${childrenMb.toFixed(0)} MB, ` +
          `scored ${value('patchwatch_frames_scored_total')}, dropped ${value('patchwatch_frames_dropped_total')}, ` +
          `event loop at most ${(value('patchwatch_event_loop_delay_max_seconds') * 1_000).toFixed(0)} ms`,
      );
      expect(value('patchwatch_frames_captured_total')).toBe(
        value('patchwatch_frames_scored_total') +
          value('patchwatch_frames_dropped_total') +
          value('patchwatch_frames_in_flight'),
      );
    }
    console.log(`capture to score: 95 % within ${await quantile(url, 0.95)} s`);
    const quarter = Math.floor(samples.length / 4);
    for (const part of ['daemonMb', 'childrenMb'] as const) {
      const early = median(samples.slice(quarter, 2 * quarter).map((sample) => sample[part]));
      const late = median(samples.slice(-quarter).map((sample) => sample[part]));
      console.log(
        `${part}: ${early.toFixed(0)} in the second quarter, ${late.toFixed(0)} in the last`,
      );
      expect(late).toBeLessThan(early * 1.1 + 5);
    }
  },
  (MINUTES + 5) * 60_000,
);
