// What is installed, for people and scripts.
import { listBackbones, readBackbone, type Backbone } from '../../engine/backbone-catalogue.ts';
import { SHIPPED_BACKBONES_DIR, backboneFolders } from '../../engine/backbone-folders.ts';

export interface InstalledBackbone extends Backbone {
  readonly isShipped: boolean;
}

export const describeBackbones = async (): Promise<readonly InstalledBackbone[]> => {
  const folders = backboneFolders();
  const names = await listBackbones(folders);
  return Promise.all(
    names.map(async (name) => {
      const backbone = await readBackbone(folders, name);
      return { ...backbone, isShipped: backbone.folder.startsWith(SHIPPED_BACKBONES_DIR) };
    }),
  );
};
