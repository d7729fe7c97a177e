import { describe, test } from 'vitest';

import { TfjsEngine } from '../../src/engine/tfjs-engine.ts';
import { installedTfjs } from '../support/installed-tfjs.ts';
import { engineSuite } from './engine-suite.ts';

const tf = installedTfjs('native');

if (tf === undefined) {
  describe('TfjsEngine', () => {
    test.skip('needs TensorFlow.js: `npm run test:tfjs` builds it and runs this');
  });
} else {
  engineSuite('TfjsEngine', (backboneFolders) => new TfjsEngine({ tf, backboneFolders }));
}
