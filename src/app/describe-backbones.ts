// What is installed, for people and scripts.
import { listBackbones, readBackbone, type Backbone } from '../engine/backbone-catalogue.ts';
import { ASSETS_DIR } from './assets-dir.ts';

export const describeBackbones = async (): Promise<readonly Backbone[]> =>
  Promise.all((await listBackbones(ASSETS_DIR)).map((name) => readBackbone(ASSETS_DIR, name)));
