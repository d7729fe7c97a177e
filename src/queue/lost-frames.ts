// Frames given up before Redis had them: kept as facts, and reported to the ledger when Redis is there. Beyond
// what is kept, they are only counted.
import { randomUUID } from 'node:crypto';

import type { Segment } from '../core/frame.ts';
import type { CameraId } from '../core/ids.ts';
import type { DropReason } from '../core/ports/frame-queue.ts';
import type { ScriptValue } from '../redis/redis-script.ts';
import { encodeFacts } from '../redis/segment-codec.ts';

const MOST_KEPT = 4_096;
const MOST_IN_REPORT = 256;

interface Report {
  readonly reason: DropReason;
  readonly values: readonly ScriptValue[];
}

interface Lost {
  readonly reason: DropReason;
  readonly values: readonly [id: string, camera: string, frames: number, facts: string];
}

export class LostFrames {
  readonly #reporter = randomUUID();
  readonly #sendReport: (values: readonly ScriptValue[]) => Promise<unknown>;
  #kept: Lost[] = [];
  readonly #counted = new Map<DropReason, Map<CameraId, number>>();
  #sent = 0;
  /** The one under way or refused: repeated as it was, so that it counts once. */
  #report: Report | undefined;
  #reporting: Promise<void> | undefined;

  constructor(sendReport: (values: readonly ScriptValue[]) => Promise<unknown>) {
    this.#sendReport = sendReport;
  }

  add(segment: Segment, reason: DropReason): void {
    const { id, cameraId, stamps } = segment;
    if (this.#kept.length < MOST_KEPT) {
      this.#kept.push({ reason, values: [id, cameraId, stamps.length, encodeFacts(segment)] });
      return;
    }
    this.count(cameraId, reason, stamps.length);
  }

  /** Without a segment that anybody would wait for. */
  count(camera: CameraId, reason: DropReason, frames: number): void {
    const byCamera = this.#counted.get(reason) ?? new Map<CameraId, number>();
    byCamera.set(camera, (byCamera.get(camera) ?? 0) + frames);
    this.#counted.set(reason, byCamera);
  }

  /** Reports everything; rejects when Redis does not take it, and it is kept for the next time. */
  report(): Promise<void> {
    this.#reporting ??= this.#reportAll().finally(() => {
      this.#reporting = undefined;
    });
    return this.#reporting;
  }

  async #reportAll(): Promise<void> {
    for (;;) {
      this.#report ??= this.#nextReport();
      if (this.#report === undefined) return;
      const { reason, values } = this.#report;
      await this.#sendReport([reason, this.#sent + 1, this.#reporter, ...values]);
      this.#sent += 1;
      this.#report = undefined;
    }
  }

  #nextReport(): Report | undefined {
    const reason = this.#kept[0]?.reason;
    if (reason !== undefined) {
      const other = this.#kept.findIndex((lost) => lost.reason !== reason);
      const count = Math.min(MOST_IN_REPORT, other === -1 ? this.#kept.length : other);
      return { reason, values: this.#kept.splice(0, count).flatMap(({ values }) => values) };
    }
    for (const [counted, byCamera] of this.#counted) {
      this.#counted.delete(counted);
      const values = [...byCamera].flatMap(([camera, frames]) => ['', camera, frames, '']);
      return { reason: counted, values };
    }
    return undefined;
  }
}
