import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { MessageReader } from '../../../src/scoring/message-reader.ts';
import { encodeHeader, parseRequest, WIRE_VERSION } from '../../../src/scoring/scorer-message.ts';

const message = fc.record({
  header: fc.record({ kind: fc.string(), n: fc.integer() }),
  payload: fc.uint8Array({ maxLength: 50 }),
});

test('messages come out whole, in order, at any chunk boundary', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (messages, cuts) => {
        const stream = Buffer.concat(
          messages.flatMap(({ header, payload }) => [
            encodeHeader(header, payload.length),
            payload,
          ]),
        );
        const reader = new MessageReader();
        const got: unknown[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = cuts[cut % cuts.length]!;
          for (const { header, payload } of reader.push(stream.subarray(at, at + size))) {
            got.push({ header, payload: Uint8Array.from(payload) });
          }
          at += size;
        }
        expect(got).toEqual(
          messages.map(({ header, payload }) => ({
            header: { version: WIRE_VERSION, ...header },
            payload,
          })),
        );
      },
    ),
  );
});

test('a length out of all reason is refused instead of allocated', () => {
  const prefix = Buffer.alloc(8, 0xff);
  expect(() => new MessageReader().push(prefix)).toThrow(/4294967295 \+ 4294967295 bytes/);
});

describe('a request', () => {
  const segment = { segmentId: 'a', cameraId: 'gate', sceneId: 'default', hasContext: false };
  const good = {
    version: WIRE_VERSION,
    kind: 'score',
    batchId: 1,
    segments: [{ ...segment, stamps: [{ sequence: 7, capturedAtMs: 1 }], pixelBytes: 12 }],
  };

  test('is parsed', () => {
    expect(parseRequest(good, 12).segments[0]?.stamps).toEqual([{ sequence: 7 }]);
  });

  test.each([
    ['another version', { ...good, version: 0 }, 12, 'not of version 1'],
    ['no segments', { ...good, segments: undefined }, 12, 'segments: '],
    ['pixels that are not there', good, 11, '11 bytes of pixels where 12 were announced'],
    ['not an object', null, 0, 'not of version 1'],
  ])('%s is refused', (_what, header, payloadBytes, says) => {
    expect(() => parseRequest(header, payloadBytes)).toThrow(says);
  });
});
