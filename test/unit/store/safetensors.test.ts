import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  SafetensorsError,
  decodeSafetensors,
  encodeSafetensors,
  toFloat32,
  toInt32,
  type SafetensorsFile,
  type Tensor,
} from '../../../src/store/safetensors.ts';

const ITEM_BYTES = { F64: 8, F32: 4, F16: 2, U8: 1, I32: 4 } as const;

const tensor: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom('F32', 'F16', 'U8', 'I32'),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
  })
  .chain(({ dtype, shape }) => {
    const length = shape.reduce((product, size) => product * size, ITEM_BYTES[dtype]);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ dtype, shape, bytes }));
  });

/** JSON puts keys that look like array indices first, and the format keeps one name for itself. */
const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text !== '__metadata__');
const file: fc.Arbitrary<SafetensorsFile> = fc.record({
  metadata: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 3 }),
  tensors: fc.dictionary(name, tensor, { maxKeys: 4 }),
});

const encode = (given: SafetensorsFile): Uint8Array =>
  new Uint8Array(Buffer.concat(encodeSafetensors(given)));

const plain = ({ metadata, tensors }: SafetensorsFile) => ({
  metadata: Object.entries(metadata).toSorted(),
  tensors: Object.entries(tensors)
    .map(([key, { dtype, shape, bytes }]) => [key, dtype, [...shape], [...bytes]] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1)),
});

/** Decoding either succeeds or says what is wrong. */
const expectAnswer = (bytes: Uint8Array): void => {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(SafetensorsError);
    expect((error as Error).message).not.toBe('');
  }
};

/** A file with this header (text or object) before `body`. */
const withHeader = (header: unknown, body: readonly number[] = []): Uint8Array => {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return new Uint8Array(Buffer.concat([prefix, text, Buffer.from(body)]));
};

describe('a file that is whole', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(file, (given) => {
        expect(plain(decodeSafetensors(encode(given)))).toEqual(plain(given));
      }),
    );
  });

  test('has its tensors on a multiple of 8, and each on one of its type', () => {
    fc.assert(
      fc.property(file, (given) => {
        const bytes = encode(given);
        const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(headerLength % 8).toBe(0);
        for (const { dtype, bytes: part } of Object.values(decodeSafetensors(bytes).tensors)) {
          if (part.length > 0) expect(part.byteOffset % ITEM_BYTES[dtype]).toBe(0);
        }
      }),
    );
  });

  test('is read wherever it lies in memory', () => {
    const floats = Float32Array.of(1, -2.5, 3e9);
    const integers = Int32Array.of(-1, 2_000_000_000);
    const bytes = encode({
      metadata: {},
      tensors: {
        floats: { dtype: 'F32', shape: [3], bytes: new Uint8Array(floats.buffer) },
        integers: { dtype: 'I32', shape: [2], bytes: new Uint8Array(integers.buffer) },
      },
    });
    for (let offset = 0; offset < 8; offset++) {
      const memory = new Uint8Array(offset + bytes.length);
      memory.set(bytes, offset);
      const { tensors } = decodeSafetensors(memory.subarray(offset));
      expect(toFloat32(tensors.floats!)).toEqual(floats);
      expect(toInt32(tensors.integers!)).toEqual(integers);
    }
  });

  test('is read as the format says, byte for byte', () => {
    const header =
      '{"__metadata__":{"a":"b"},"x":{"dtype":"U8","shape":[2,1],"data_offsets":[0,2]}}';
    expect(plain(decodeSafetensors(withHeader(header, [7, 9])))).toEqual({
      metadata: [['a', 'b']],
      tensors: [['x', 'U8', [2, 1], [7, 9]]],
    });
  });

  test('a tensor may have any name', () => {
    const header = '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    const { tensors } = decodeSafetensors(withHeader(header, [5]));
    expect(Object.keys(tensors)).toEqual(['__proto__']);
  });
});

describe('a file that is damaged', () => {
  test('cut anywhere, it is refused', () => {
    fc.assert(
      fc.property(file, fc.nat(), (given, cut) => {
        const bytes = encode(given);
        const part = bytes.subarray(0, cut % bytes.length);
        expect(() => decodeSafetensors(part)).toThrow(SafetensorsError);
      }),
    );
  });

  test('with any bytes changed, it is refused or read, never anything else', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(file, changes, (given, list) => {
        const bytes = encode(given);
        for (const [at, value] of list) bytes[at % bytes.length] = value;
        expectAnswer(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test('any bytes at all', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectAnswer), { numRuns: 500 });
  });

  test('any JSON as its header', () => {
    const body = [1, 2, 3, 4];
    fc.assert(
      fc.property(fc.jsonValue(), (header) => expectAnswer(withHeader(header, body))),
      { numRuns: 500 },
    );
    const entry = fc.record(
      { dtype: fc.jsonValue(), shape: fc.jsonValue(), data_offsets: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.dictionary(name, entry), (header) => expectAnswer(withHeader(header, body))),
    );
  });

  const u8 = (from: number, to: number, shape: readonly unknown[] = [to - from]) => ({
    dtype: 'U8',
    shape,
    data_offsets: [from, to],
  });

  test.each([
    { what: 'nothing', bytes: new Uint8Array(0), why: 'shorter than its own prefix' },
    { what: 'a length without end', bytes: new Uint8Array(16).fill(255), why: 'beyond its end' },
    { what: 'no JSON', bytes: withHeader('{"x"'), why: 'not JSON' },
    { what: 'a list', bytes: withHeader([]), why: 'not an object' },
    { what: 'padding first', bytes: withHeader(' {}'), why: 'starts late' },
    {
      what: 'metadata of numbers',
      bytes: withHeader({ __metadata__: { a: 1 } }),
      why: 'map of texts',
    },
    { what: 'no description', bytes: withHeader({ x: 1 }), why: '"x" is not described' },
    {
      what: 'a type',
      bytes: withHeader({ x: { ...u8(0, 1), dtype: 'F8' } }, [0]),
      why: 'unknown type',
    },
    { what: 'half a cell', bytes: withHeader({ x: u8(0, 1, [0.5]) }, [0]), why: 'no valid shape' },
    {
      what: 'a negative size',
      bytes: withHeader({ x: u8(0, 1, [-1]) }, [0]),
      why: 'no valid shape',
    },
    { what: 'a negative place', bytes: withHeader({ x: u8(-1, 0) }), why: 'no valid place' },
    {
      what: 'an end before the start',
      bytes: withHeader({ x: u8(1, 0, [1]) }, [0]),
      why: 'beyond the end',
    },
    {
      what: 'an end beyond the file',
      bytes: withHeader({ x: u8(0, 9) }, [0]),
      why: 'beyond the end',
    },
    { what: 'another size', bytes: withHeader({ x: u8(0, 2, [3]) }, [0, 0]), why: 'another size' },
    {
      what: 'a huge shape',
      bytes: withHeader({ x: u8(0, 1, [2 ** 52, 2 ** 52]) }, [0]),
      why: 'another size',
    },
    {
      what: 'an overlap',
      bytes: withHeader({ x: u8(0, 2), y: u8(1, 3) }, [0, 0, 0]),
      why: 'overlap',
    },
    { what: 'a hole', bytes: withHeader({ x: u8(0, 1), y: u8(2, 3) }, [0, 0, 0]), why: 'hole' },
    { what: 'bytes left over', bytes: withHeader({ x: u8(0, 1) }, [0, 0]), why: 'no tensor owns' },
  ])('$what: $why', ({ bytes, why }) => {
    expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => decodeSafetensors(bytes)).toThrow(why);
  });
});
