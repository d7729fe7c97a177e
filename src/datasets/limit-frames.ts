// Fewer frames for a quick look: spread evenly over all clips, because the first ones would all be of one clip.
import type { Clip } from './dataset.ts';

/** At most `limit` frames of the image clips together; videos are kept whole. */
export const limitFrames = (clips: readonly Clip[], limit: number | undefined): readonly Clip[] => {
  const total = clips.reduce((sum, clip) => sum + imageCount(clip), 0);
  if (limit === undefined || total <= limit) return clips;
  let before = 0;
  return clips.map((clip) => {
    const start = before;
    before += imageCount(clip);
    if (clip.footage.kind === 'video') return clip;
    // Frame i of all is kept where i · limit / total steps to the next whole number.
    const isKept = (_: unknown, index: number): boolean =>
      Math.floor(((start + index + 1) * limit) / total) >
      Math.floor(((start + index) * limit) / total);
    return {
      ...clip,
      footage: { kind: 'images', paths: clip.footage.paths.filter(isKept) },
      labels: clip.labels?.filter(isKept),
      masks: clip.masks?.filter(isKept),
      ...(clip.geometries === undefined ? {} : { geometries: clip.geometries.filter(isKept) }),
    };
  });
};

const imageCount = (clip: Clip): number =>
  clip.footage.kind === 'images' ? clip.footage.paths.length : 0;
