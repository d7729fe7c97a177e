// The static gate as a tap of one camera.
import type { FrameTap } from '../core/ports/frame-tap.ts';
import { StaticGate, type StaticGateOptions } from './static-gate.ts';

/** A twentieth of what scoring the frame takes. */
const BUDGET_MS = 0.5;

export const staticGateTap = (options: StaticGateOptions): FrameTap => {
  const gate = new StaticGate(options);
  return {
    name: 'gate',
    everyMs: 0,
    budgetMs: BUDGET_MS,
    see: ({ sceneId, pixels, stamp }) =>
      sceneId === undefined || gate.passes(pixels, stamp.capturedAtMs) ? undefined : 'unchanged',
    reset: () => {
      gate.reset();
    },
  };
};
