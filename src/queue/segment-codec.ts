// Segments and outcomes as Redis holds them: facts and headers as JSON, pixels and maps as bytes.
import type { Segment } from '../core/frame.ts';
import type { SegmentFacts, SegmentOutcome } from '../core/ports/frame-queue.ts';

type OutcomeHeader =
  | Extract<SegmentOutcome, { readonly kind: 'dropped' }>
  | {
      readonly kind: 'scored';
      readonly side: number;
      readonly modelVersion: string;
      readonly threshold: number;
    };

export const encodeFacts = (segment: SegmentFacts): string => {
  const { id, cameraId, sceneId, stamps, hasContext } = segment;
  return JSON.stringify({ id, cameraId, sceneId, stamps, hasContext } satisfies SegmentFacts);
};

export const decodeFacts = (bytes: Buffer): SegmentFacts =>
  JSON.parse(bytes.toString()) as SegmentFacts;

export const decodeSegment = (facts: Buffer, pixels: Buffer): Segment => ({
  ...decodeFacts(facts),
  pixels: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length),
});

export const encodeOutcome = (
  outcome: SegmentOutcome,
): { readonly header: string; readonly maps: Buffer } => {
  if (outcome.kind === 'dropped')
    return { header: JSON.stringify(outcome satisfies OutcomeHeader), maps: Buffer.alloc(0) };
  const { side, modelVersion, threshold, maps } = outcome.score;
  const header: OutcomeHeader = { kind: 'scored', side, modelVersion, threshold };
  return {
    header: JSON.stringify(header),
    maps: Buffer.from(maps.buffer, maps.byteOffset, maps.byteLength),
  };
};

export const decodeOutcome = (
  facts: SegmentFacts,
  header: Buffer,
  maps: Buffer | undefined,
): SegmentOutcome => {
  const outcome = JSON.parse(header.toString()) as OutcomeHeader;
  if (outcome.kind === 'dropped') return outcome;
  const { id, cameraId, sceneId, stamps } = facts;
  const { side, modelVersion, threshold } = outcome;
  // Copied: floats must start at a multiple of four.
  const floats = new Float32Array(Uint8Array.from(maps ?? []).buffer);
  const score = { segmentId: id, cameraId, sceneId, stamps, side, modelVersion, threshold };
  return { kind: 'scored', score: { ...score, maps: floats } };
};
