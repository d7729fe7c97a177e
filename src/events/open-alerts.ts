// Which alerts of each camera are open: a camera may have one of each cue.
import type { Alert } from '../core/alert.ts';
import type { CameraId } from '../core/ids.ts';

export class OpenAlerts {
  readonly #open = new Map<CameraId, Set<string>>();

  /** Whether any alert of its camera is open then. */
  see({ id, cameraId, phase }: Alert): boolean {
    const open = this.#open.get(cameraId) ?? new Set<string>();
    this.#open.set(cameraId, open);
    if (phase === 'close') open.delete(id);
    else open.add(id);
    return open.size > 0;
  }
}
