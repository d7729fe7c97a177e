// What the daemon tells its scoring process at start.
import type { ModelRequirements } from '../core/ports/model-store.ts';
import type { EngineSettings } from './open-engine.ts';

export interface ScorerSettings {
  readonly modelsDir: string;
  readonly engine: EngineSettings;
  /** By camera id. */
  readonly requirements: Readonly<Record<string, ModelRequirements>>;
  readonly log: { readonly level: string; readonly format: string };
}
