// What the daemon tells its scoring process at start.
import type { EngineSetting } from '../core/engine-setting.ts';
import type { ModelSetting } from './model-requirements.ts';

export interface ScorerSettings {
  readonly modelsDir: string;
  readonly engine: EngineSetting;
  /** `auto`: found out at start. */
  readonly batchFrames: number | 'auto';
  /** Bound of the scene models in memory. */
  readonly sceneMemoryBytes: number;
  /** What each camera's configuration asks of its models, by camera id. */
  readonly cameras: Readonly<Record<string, ModelSetting>>;
  readonly log: { readonly level: string; readonly format: string };
}
