import { expect, test } from 'vitest';

import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { SegmentFacts } from '../../../src/core/ports/frame-queue.ts';
import { EntryError } from '../../../src/entries/parse-entry.ts';
import { decodeFacts, decodeOutcome, encodeFacts } from '../../../src/redis/segment-codec.ts';

const FACTS: SegmentFacts = {
  id: 'gate-1-0',
  cameraId: cameraId('gate'),
  sceneId: sceneId('day'),
  stamps: [
    { sequence: 0, capturedAtMs: 1_700_000_000_000, mediaTimeMs: 0 },
    { sequence: 1, capturedAtMs: 1_700_000_000_200, mediaTimeMs: 200, steadyMs: 5.5 },
  ],
  hasContext: false,
};

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const written = (changes: object): Buffer =>
  bytes({ ...(JSON.parse(encodeFacts(FACTS)) as object), ...changes });

test('facts come back as they were, and nothing with them', () => {
  expect(decodeFacts(Buffer.from(encodeFacts(FACTS)))).toStrictEqual(FACTS);
  expect(decodeFacts(written({ more: 1, format: undefined }))).toStrictEqual(FACTS);
  const stamps = FACTS.stamps.map((stamp) => ({ steadyMs: null, ...stamp }));
  expect(decodeFacts(written({ stamps }))).toStrictEqual(FACTS);
});

const [first, second] = FACTS.stamps;

test.each([
  ['another format', { format: 2, id: 7 }, /^facts\.format: another version/],
  ['a path', { cameraId: '../../..' }, /^facts\.cameraId: /],
  ['a sequence beyond the last', { stamps: [{ ...first, sequence: 2 ** 52 }] }, /\[0\]\.sequence/],
  ['no stamps', { stamps: [] }, /facts\.stamps is empty/],
  ['stamps out of order', { stamps: [second, first] }, /not in order/],
  ['a flag that is text', { hasContext: 'false' }, /^facts\.hasContext: /],
])('%s is refused by name', (_what, changes, message) => {
  const decode = (): unknown => decodeFacts(written(changes));
  expect(decode).toThrow(EntryError);
  expect(decode).toThrow(message);
});

test('a list that is too long is refused as one, whatever is in it', () => {
  expect(() => decodeFacts(written({ stamps: Array.from({ length: 5_000 }, () => 'x') }))).toThrow(
    /^facts\.stamps: /,
  );
});

test.each(['', '{', '[]', 'null', '{"kind":"lost"}', '{"format":2,"kind":"lost"}'])(
  'the header %j is no outcome',
  (header) => {
    expect(() => decodeOutcome(FACTS, Buffer.from(header), undefined)).toThrow(EntryError);
  },
);

test('maps of another size, or with a number that is not finite, are refused', () => {
  const header = bytes({ format: 1, kind: 'scored', side: 1, modelVersion: 'v', threshold: 1 });
  const maps = Buffer.from(Float32Array.of(1, 2).buffer);
  expect(decodeOutcome(FACTS, header, maps)).toMatchObject({ score: { side: 1, threshold: 1 } });
  expect(() => decodeOutcome(FACTS, header, maps.subarray(4))).toThrow(/4 bytes where 2 numbers/);
  const infinite = Buffer.from(Float32Array.of(1, Infinity).buffer);
  expect(() => decodeOutcome(FACTS, header, infinite)).toThrow(/not finite/);
});
