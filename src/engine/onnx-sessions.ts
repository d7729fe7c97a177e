// Opens onnxruntime sessions on the device that was asked for. Where that can't be had, inference goes on with the
// processor, and one line says so.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import * as ort from 'onnxruntime-node';

import type { EngineDevice } from '../core/engine-setting.ts';
import { toError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';

type Accelerator = Exclude<EngineDevice, 'auto' | 'cpu'>;

/** What is tried before the processor, best first. */
const PROVIDERS: Readonly<Record<Accelerator, readonly string[]>> = {
  cuda: ['cuda'],
  tensorrt: ['tensorrt', 'cuda'],
};

export interface OnnxSessionsOptions {
  readonly device: EngineDevice;
  /** Threads inside one operation; 0 = one per core. */
  readonly threads: number;
  readonly logger: Logger;
}

export class OnnxSessions {
  readonly #options: OnnxSessionsOptions;
  #accelerator: Accelerator | undefined | 'undecided' = 'undecided';

  constructor(options: OnnxSessionsOptions) {
    this.#options = options;
  }

  async open(graph: Uint8Array | string): Promise<ort.InferenceSession> {
    const accelerator = this.#decided();
    if (accelerator !== undefined) {
      try {
        return await this.#create(graph, [...PROVIDERS[accelerator], 'cpu']);
      } catch (error) {
        this.#fallBack(accelerator, toError(error));
      }
    }
    return this.#create(graph, ['cpu']);
  }

  #decided(): Accelerator | undefined {
    const { device } = this.#options;
    if (this.#accelerator === 'undecided') {
      const wanted = device === 'auto' ? (hasCudaLibraries() ? 'cuda' : 'cpu') : device;
      this.#accelerator = wanted === 'cpu' ? undefined : wanted;
    }
    return this.#accelerator;
  }

  /** Sessions are opened side by side: only the first says it. */
  #fallBack(accelerator: Accelerator, { message }: Error): void {
    if (this.#accelerator === undefined) return;
    this.#accelerator = undefined;
    this.#options.logger.warn(
      'scoring on the processor: the device of engine.device is not usable',
      {
        device: accelerator,
        reason: message.split('\n')[0],
        remedy: 'docs/guide/gpu.md',
      },
    );
  }

  #create(
    graph: Uint8Array | string,
    executionProviders: readonly string[],
  ): Promise<ort.InferenceSession> {
    // The library prints what it throws, at length: of providers by this, of sessions by their own setting below.
    ort.env.logLevel = 'fatal';
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders,
      intraOpNumThreads: this.#options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      // Failures are thrown; printed too, one would flood the log at every batch.
      logSeverityLevel: 4,
      // Sessions share the machine with ffmpeg: idle threads must sleep, not spin.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    };
    return typeof graph === 'string'
      ? ort.InferenceSession.create(graph, options)
      : ort.InferenceSession.create(graph, options);
  }
}

/** They don't come with the package: its own script fetches them when asked to. */
export const hasCudaLibraries = (): boolean => {
  const library = 'libonnxruntime_providers_cuda.so';
  const bin = join(
    dirname(createRequire(import.meta.url).resolve('onnxruntime-node')),
    '..',
    'bin',
  );
  return readdirSync(bin).some((api) =>
    existsSync(join(bin, api, process.platform, process.arch, library)),
  );
};
