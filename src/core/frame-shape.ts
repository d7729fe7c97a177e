// How ids and stamps of frames look when they come from outside the process.
import { RUN_SEQUENCES, type FrameStamp } from './frame.ts';
import { parseCameraId, parseSceneId, type CameraId, type SceneId } from './ids.ts';
import { aCount, aNumber, aText, optional, record, ShapeError, type Shape } from './shape.ts';

/** Runs of capture that are counted; more would not leave a frame's sequence exact. */
export const MAX_RUNS = 2 ** 20;
const LONGEST_ID = 63;

export const aCameraId: Shape<CameraId> = (value, name) => {
  const id = parseCameraId(aText(LONGEST_ID)(value, name));
  if (id === undefined) throw new ShapeError(`${name} is not a camera id`);
  return id;
};

export const aSceneId: Shape<SceneId> = (value, name) => {
  const id = parseSceneId(aText(LONGEST_ID)(value, name));
  if (id === undefined) throw new ShapeError(`${name} is not a scene id`);
  return id;
};

export const aSequence = aCount(MAX_RUNS * RUN_SEQUENCES - 1);

const stampFields = record({
  sequence: aSequence,
  capturedAtMs: aNumber,
  mediaTimeMs: aNumber,
  steadyMs: optional(aNumber),
});

export const aStamp: Shape<FrameStamp> = (value, name) => {
  const { steadyMs, ...stamp } = stampFields(value, name);
  return steadyMs === undefined ? stamp : { ...stamp, steadyMs };
};
