// One reader as the readers of an outcome desk.
import type { OutcomeDeskOptions } from '../../src/reading/outcome-desk.ts';
import type { ScoreReader } from '../../src/reading/score-reader.ts';

export const readersOf = (reader: ScoreReader): OutcomeDeskOptions['readers'] => ({
  read: (score) => {
    reader.read(score);
  },
  stateOf: () => reader.state,
  resume: (_camera, state) => {
    reader.resume(state);
  },
  restart: () => {
    reader.restart();
  },
});
