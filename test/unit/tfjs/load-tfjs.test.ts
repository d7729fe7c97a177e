import { expect, test } from 'vitest';

import { PatchwatchError } from '../../../src/core/errors.ts';
import { loadTfjs } from '../../../src/tfjs/load-tfjs.ts';

test('a missing TensorFlow.js is told in one line with the command', () => {
  const load = (): unknown => loadTfjs({ place: '/nowhere/tfjs', kind: 'native', threads: 0 });
  expect(load).toThrow(PatchwatchError);
  expect(load).toThrow(
    /^TensorFlow\.js does not load \(\/nowhere\/tfjs: .+\): install it with `npm install --no-save --ignore-scripts=false @tensorflow\/tfjs-node@4\.22\.0`$/,
  );
});

test('who asks for a GPU is told of its package', () => {
  const load = (): unknown => loadTfjs({ place: '/nowhere/tfjs', kind: 'gpu', threads: 0 });
  expect(load).toThrow(/tfjs-node-gpu@4\.22\.0`$/);
});
