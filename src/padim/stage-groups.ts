// Which stages of the backbone make an embedding, as the paper's ablation writes them (PaDiM, table 1).
import { PatchwatchError } from '../core/errors.ts';

/**
 * `2`: one stage; `1,2`: concatenated; `1+2`: each with Gaussians of its own, maps added.
 *
 * @returns groups of stage numbers from 1 on: concatenated within, added between
 * @throws PatchwatchError USAGE
 */
export const parseStages = (
  text: string | undefined,
  stageCount: number,
): readonly (readonly number[])[] => {
  if (text === undefined) return [Array.from({ length: stageCount }, (_, index) => index + 1)];
  const groups = text.split('+').map((group) => group.split(',').map(Number));
  const all = groups.flat();
  const isGood = (stage: number): boolean =>
    Number.isInteger(stage) && stage >= 1 && stage <= stageCount;
  if (all.every(isGood) && new Set(all).size === all.length) return groups;
  throw new PatchwatchError(
    'USAGE',
    `--stages ${text}: expected different numbers from 1 to ${stageCount}, such as 1, 1,2 (concatenated) or 1+2 (maps added)`,
  );
};
