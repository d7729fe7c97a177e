// Branded identifiers, so that a camera id can never be passed where a scene id is meant.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type CameraId = Branded<'CameraId'>;
export type SceneId = Branded<'SceneId'>;

/** Ids travel in file names, metric labels and Redis keys: so letters, digits, `_` and `-` only. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Of text that is known to be one. */
export const cameraId = (text: string): CameraId => text as CameraId;
export const sceneId = (text: string): SceneId => text as SceneId;

/** Of text from outside; undefined when it is none. */
export const parseCameraId = (text: string): CameraId | undefined =>
  ID_PATTERN.test(text) ? cameraId(text) : undefined;
export const parseSceneId = (text: string): SceneId | undefined =>
  ID_PATTERN.test(text) ? sceneId(text) : undefined;
