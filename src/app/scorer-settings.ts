// What the daemon tells its scoring process at start.
import type { EngineSetting } from '../core/engine-setting.ts';
import type { ModelRequirements } from '../core/ports/model-store.ts';

export interface ScorerSettings {
  readonly modelsDir: string;
  readonly engine: EngineSetting;
  /** `auto`: found out at start. */
  readonly batchFrames: number | 'auto';
  /** Bound of the scene models in memory. */
  readonly sceneMemoryBytes: number;
  /** By camera id. */
  readonly requirements: Readonly<Record<string, ModelRequirements>>;
  readonly log: { readonly level: string; readonly format: string };
}
