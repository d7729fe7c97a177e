// TensorFlow.js where it is installed; its tests are skipped elsewhere. PATCHWATCH_TFJS names the package's folder, and
// then it must load: a test that was meant to run is not skipped.
import { loadTfjs, type TfjsChoice } from '../../src/tfjs/load-tfjs.ts';
import type { TensorFlow } from '../../src/tfjs/tensor-flow.ts';

export const installedTfjs = (kind: TfjsChoice['kind']): TensorFlow | undefined => {
  const place = process.env['PATCHWATCH_TFJS'];
  if (place !== undefined) return loadTfjs({ place, kind, threads: 0 });
  try {
    return loadTfjs({ place, kind, threads: 0 });
  } catch {
    return undefined;
  }
};
