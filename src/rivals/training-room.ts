// Methods that keep their training frames must say how many fit, before the machine runs out of memory.
import { PatchwatchError } from '../core/errors.ts';

export interface TrainingRoom {
  readonly method: string;
  readonly frameCount: number;
  readonly frameBytes: number;
  readonly memoryBytes: number;
}

/** @throws PatchwatchError USAGE */
export const assertRoom = (room: TrainingRoom): void => {
  const { method, frameCount, frameBytes, memoryBytes } = room;
  if (frameCount * frameBytes <= memoryBytes) return;
  const fitting = Math.floor(memoryBytes / frameBytes);
  throw new PatchwatchError(
    'USAGE',
    `${method} keeps every training frame at ${(frameBytes / 1e6).toFixed(2)} MB, and ${fitting} of them fit into ${(memoryBytes / 1e9).toFixed(1)} GB: use --train-limit ${fitting}`,
  );
};
