// TensorFlow.js as the user has it: installed beside this package, or in the folder that PATCHWATCH_TFJS names.
import { loadTfjs, type TfjsChoice } from '../tfjs/load-tfjs.ts';
import type { TensorFlow } from '../tfjs/tensor-flow.ts';

/** @throws PatchwatchError TFJS_MISSING */
export const openTfjs = (choice: Omit<TfjsChoice, 'place'>): TensorFlow =>
  loadTfjs({ ...choice, place: process.env.PATCHWATCH_TFJS });
