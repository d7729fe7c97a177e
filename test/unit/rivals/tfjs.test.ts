import { expect, test } from 'vitest';

import { PatchwatchError } from '../../../src/core/errors.ts';
import { loadTfjs } from '../../../src/rivals/tfjs.ts';

test('a missing TensorFlow.js is told in one line with the command', () => {
  const load = (): unknown => loadTfjs('/nowhere/tfjs');
  expect(load).toThrow(PatchwatchError);
  expect(load).toThrow(
    /^TensorFlow\.js does not load \(\/nowhere\/tfjs: .+\): install it with `npm install --no-save @tensorflow\/tfjs-node@4\.22\.0`$/,
  );
});
