import fc from 'fast-check';
import { expect, test } from 'vitest';

import { MessageReader } from '../../../src/worker/message-reader.ts';
import { encodeHeader } from '../../../src/worker/scorer-message.ts';

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
        expect(got).toEqual(messages);
      },
    ),
  );
});

test('a length out of all reason is refused instead of allocated', () => {
  const prefix = Buffer.alloc(8, 0xff);
  expect(() => new MessageReader().push(prefix)).toThrow(RangeError);
});
