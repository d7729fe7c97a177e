// The scene that `bench` measures with: the shipped clip, learnt once, under the name of as many cameras as wanted.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { cameraId } from '../../core/ids.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { SceneModel } from '../../core/ports/model-store.ts';
import { FsModelStore } from '../../store/fs-model-store.ts';
import { ASSETS_DIR } from '../../process/assets-dir.ts';
import { fitCamera, type FitReport } from '../fit/fit-camera.ts';
import { modelsDir } from '../../config/data-folders.ts';

/** Enough for a model that costs what any costs; too little for one that can be trusted. */
const LEARNT_MS = 24_000;

export const BENCH_FPS = 5;
export const BENCH_CLIP = join(ASSETS_DIR, 'demo', 'vtest.mp4');

const nameOf = (index: number): string => `camera${index + 1}`;

export class BenchScene {
  readonly #folder: string;
  #model: SceneModel | undefined;
  #savedCount = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<BenchScene> {
    return new BenchScene(await mkdtemp(join(tmpdir(), 'patchwatch-bench-')));
  }

  get model(): SceneModel {
    if (this.#model === undefined) throw new RangeError('the scene is not learnt yet');
    return this.#model;
  }

  async fit(signal: AbortSignal, onProgress: (frameCount: number) => void): Promise<FitReport> {
    const config = await this.#config(1);
    const [camera] = config.cameras;
    if (camera === undefined) throw new RangeError('the bench has no camera');
    const report = await fitCamera({
      config,
      camera,
      scene: camera.scenes[0],
      from: undefined,
      durationMs: LEARNT_MS,
      logger: silentLogger,
      signal,
      onProgress: ({ frameCount }) => {
        onProgress(frameCount);
      },
    });
    this.#model = report.model;
    return report;
  }

  /** A configuration of so many cameras, each with a model of its own. */
  async watchedBy(cameraCount: number): Promise<Config> {
    const config = await this.#config(cameraCount);
    const store = new FsModelStore({ folder: modelsDir(config) });
    for (; this.#savedCount < cameraCount; this.#savedCount++) {
      const metadata = { ...this.model.metadata, cameraId: cameraId(nameOf(this.#savedCount)) };
      await store.save({ ...this.model, metadata });
    }
    return config;
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #config(cameraCount: number): Promise<Config> {
    const path = join(this.#folder, 'patchwatch.yaml');
    const cameras = Array.from(
      { length: cameraCount },
      (_, index) => `  ${nameOf(index)}: { url: ${JSON.stringify(BENCH_CLIP)} }`,
    );
    const settings = [
      'log: { level: error }',
      'server: { port: 0 }',
      `defaults: { fps: ${BENCH_FPS}, loop: true }`,
      'cameras:',
    ];
    await writeFile(path, `${[...settings, ...cameras].join('\n')}\n`);
    return loadConfig(path, {});
  }
}
