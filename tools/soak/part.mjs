// One process of the accelerated soak: says that it is ready, then answers questions, one at a time.
import { allInOne } from './all-in-one.mjs';
import { redisPart } from './redis-parts.mjs';
import { usage } from './usage.mjs';

/** @typedef {import('./setting.mjs').Question} Question */

/** @type {unknown} */
const given = JSON.parse(process.argv[2] ?? '{}');
const setting = /** @type {import('./setting.mjs').PartSetting} */ (given);
const part = await (setting.role === 'all-in-one' ? allInOne(setting) : redisPart(setting));

const answer = async (/** @type {Question} */ question) => {
  switch (question.ask) {
    case 'load':
      await part.load?.(question.amount);
      return part.counts();
    case 'counts':
      return part.counts();
    case 'usage':
      return usage();
    case 'stop':
      await part.end();
      return {};
  }
};

process.on('message', (message) => {
  const question = /** @type {Question} */ (message);
  void answer(question).then((text) => {
    process.send?.(text, () => {
      if (question.ask === 'stop') process.exit(0);
    });
  });
});
// Its parent has gone.
process.on('disconnect', () => process.exit(70));
process.send?.({});
