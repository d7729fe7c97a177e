// What `evaluate` takes a camera's settings to be: the defaults of config/default.yaml.
import type { AlertConfig } from '../../config/config.ts';

export const DEFAULT_POLICY: AlertConfig = {
  threshold: 'auto',
  budget: 2,
  hysteresis: 0.9,
  minDurationMs: 500,
  cooldownMs: 5_000,
  updateIntervalMs: 1_000,
};
