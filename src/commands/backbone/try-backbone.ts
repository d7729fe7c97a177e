// One batch through each graph of a backbone, before anything relies on it.
import { PatchwatchError, toError } from '../../core/errors.ts';
import { FRAME_BYTES } from '../../core/frame.ts';
import type { Embedding } from '../../core/ports/engine.ts';
import type { Backbone } from '../../engine/backbone-catalogue.ts';
import { OnnxEngine } from '../../engine/onnx-engine.ts';
import { seededRandom } from '../../padim/maths/random.ts';
import { ASSETS_DIR } from '../../process/assets-dir.ts';

const FRAME_COUNT = 2;

/** `folder` has the backbone as a folder of its name. @throws PatchwatchError BACKBONE_INVALID */
export const tryBackbone = async (folder: string, backbone: Backbone): Promise<void> => {
  const random = seededRandom(0);
  const noise = Uint8Array.from({ length: FRAME_COUNT * FRAME_BYTES }, () => 256 * random());
  const options = { assetsDir: ASSETS_DIR, backboneFolders: [folder], threads: 0 };
  for (const { path, stageCount, grid, precision } of backbone.graphs) {
    const engine = new OnnxEngine({ ...options, precision });
    try {
      const channels = backbone.stageChannels
        .slice(0, stageCount)
        .map((count) => Int32Array.from({ length: count }, (_, channel) => channel));
      const plan = { backbone: backbone.name, stageCount, grid, channels };
      const reason = faultOf(await engine.embed(plan, noise, FRAME_COUNT).catch(toError));
      if (reason === undefined) continue;
      const shape = `[${grid * grid}, ${FRAME_COUNT}, ${channels.map((list) => list.length).join(' + ')}]`;
      throw new PatchwatchError(
        'BACKBONE_INVALID',
        `${path}: ${FRAME_COUNT} frames of noise gave no embedding ${shape}: ${reason}; export it again with tools/export_backbone.py --check`,
      );
    } finally {
      await engine.close().catch(() => undefined);
    }
  }
};

/** What is wrong with the outcome, if anything. */
const faultOf = (outcome: Embedding | Error): string | undefined => {
  if (outcome instanceof Error) return outcome.message.split('\n')[0];
  const { values, dimensions } = outcome;
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) return `channel ${at % dimensions} holds ${String(values[at])}`;
  if (values.every((value) => value === values[0])) return `all values are ${String(values[0])}`;
  return undefined;
};
