// What the VAE does before it needs TensorFlow.js; its training is in test/integration/rivals.
import { expect, test } from 'vitest';

import { FRAME_BYTES } from '../../../src/core/frame.ts';
import type { TensorFlow } from '../../../src/tfjs/tensor-flow.ts';
import { VaeScorer } from '../../../src/rivals/vae-scorer.ts';

const unused = {} as TensorFlow;

test('more training frames than fit are refused with the number that does', () => {
  const vae = new VaeScorer({ tf: unused, seed: 0, memoryBytes: 2 * FRAME_BYTES });
  vae.addTraining(new Uint8Array(2 * FRAME_BYTES), 2);
  expect(() => vae.addTraining(new Uint8Array(FRAME_BYTES), 1)).toThrow(/--train-limit 2$/);
});

test('no training frame is told', async () => {
  const vae = new VaeScorer({ tf: unused, seed: 0 });
  await expect(vae.finish()).rejects.toMatchObject({ code: 'FOOTAGE_TOO_SHORT' });
});
