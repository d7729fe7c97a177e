import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CovarianceKind } from '../../../src/core/ports/engine.ts';
import {
  SafetensorsError,
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
} from '../../../src/store/safetensors.ts';
import { FormatVersionError } from '../../../src/store/scene-metadata.ts';
import { decodeSceneModel, encodeSceneModel } from '../../../src/store/scene-model-codec.ts';
import { MADE_PARTS, SMALL, sceneModel, type ModelShape } from './scene-models.ts';

const encode = (model: Parameters<typeof encodeSceneModel>[0]): Uint8Array =>
  new Uint8Array(Buffer.concat(encodeSceneModel(model)));

const shape: fc.Arbitrary<ModelShape> = fc.record({
  grid: fc.integer({ min: 1, max: 4 }),
  covariance: fc.constantFrom<CovarianceKind>('own', 'shared'),
  stages: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(4), fc.nat(4)),
  hasChange: fc.boolean(),
  motionChannels: fc.nat(3),
});

const whole = encode(sceneModel(1));

/** The file with its scene's metadata changed. */
const withMetadata = (change: Record<string, unknown>): Uint8Array => {
  const { metadata, tensors } = decodeSafetensors(whole);
  const scene = { ...(JSON.parse(metadata.scene!) as object), ...change };
  const parts = encodeSafetensors({
    metadata: { ...metadata, scene: JSON.stringify(scene) },
    tensors,
  });
  return new Uint8Array(Buffer.concat(parts));
};

describe('the parts of a model', () => {
  const withParts = encode({ ...sceneModel(1), parts: MADE_PARTS });
  interface Changing {
    readonly metadata: Record<string, string>;
    tensors: Record<string, Tensor>;
  }
  const changed = (change: (file: Changing) => void): Uint8Array => {
    const { metadata, tensors } = decodeSafetensors(withParts);
    const file: Changing = { metadata: { ...metadata }, tensors: { ...tensors } };
    change(file);
    return new Uint8Array(Buffer.concat(encodeSafetensors(file)));
  };

  test('a file of before there were parts has none', () => {
    const old = changed((file) => {
      delete file.metadata.parts;
      const own = Object.entries(file.tensors).filter(([name]) => !name.startsWith('stay.'));
      file.tensors = Object.fromEntries(own);
      file.metadata.scene = file.metadata.scene!.replace('"formatVersion":3', '"formatVersion":2');
    });
    expect(decodeSceneModel(old)).toMatchObject({ parts: {}, metadata: { formatVersion: 2 } });
  });

  test.each<[string, Parameters<typeof changed>[0], RegExp]>([
    ['numbers that are not JSON', ({ metadata }) => (metadata.parts = '{'), /not JSON/],
    ['numbers that are none', ({ metadata }) => (metadata.parts = '{"stay":{"a":"b"}}'), /"stay"/],
    [
      'an array of another kind',
      ({ tensors }) => (tensors['stay.normal'] = { ...tensors['stay.normal']!, dtype: 'I32' }),
      /"stay.normal" is I32/,
    ],
    [
      'a number that is not finite',
      ({ tensors }) =>
        (tensors['stay.normal'] = {
          ...tensors['stay.normal']!,
          bytes: new Uint8Array(Float32Array.of(1, NaN).buffer),
        }),
      /"stay.normal" holds NaN at place 1/,
    ],
  ])('%s is refused, by name', (_, change, says) => {
    expect(() => decodeSceneModel(changed(change))).toThrow(says);
  });
});

describe('a scene model', () => {
  test('comes back as it was, whatever its shape', () => {
    fc.assert(
      fc.property(shape, fc.nat(), (given, seed) => {
        const model = { ...sceneModel(seed, {}, given), parts: seed % 2 === 0 ? MADE_PARTS : {} };
        const { meanFrame, ...rest } = decodeSceneModel(encode(model));
        const { meanFrame: expectedFrame, ...expected } = model;
        expect(rest).toEqual(expected);
        expect(Buffer.compare(meanFrame, expectedFrame)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test('shares no memory with the file', () => {
    const bytes = encode(sceneModel(1, {}, { ...SMALL, motionChannels: 2 }));
    const { gaussians, meanFrame, channels } = decodeSceneModel(bytes);
    const { appearance, motion } = gaussians;
    const parts = [appearance.mean, appearance.factor, motion!.mean, motion!.factor, meanFrame];
    for (const part of [...parts, ...channels]) {
      expect(part.buffer).not.toBe(bytes.buffer);
    }
  });

  test('the same model gives the same bytes', () => {
    expect(Buffer.compare(encode(sceneModel(1)), encode(sceneModel(1)))).toBe(0);
    expect(Buffer.compare(encode(sceneModel(1)), encode(sceneModel(2)))).not.toBe(0);
  });

  test('half of each symmetric matrix is left out', () => {
    const large: ModelShape = { ...SMALL, grid: 8, covariance: 'own', stages: [20] };
    const { factor } = decodeSafetensors(encode(sceneModel(1, {}, large))).tensors;
    expect(factor?.shape).toEqual([64, 210]);
  });

  const { gaussians } = sceneModel(1);
  const { appearance } = gaussians;
  test.each([
    [
      'a mean too short',
      { gaussians: { ...gaussians, appearance: { ...appearance, mean: new Float32Array(3) } } },
    ],
    [
      'a factor too long',
      { gaussians: { ...gaussians, appearance: { ...appearance, factor: new Float32Array(99) } } },
    ],
    ['change that its channels do not have', { gaussians: { ...gaussians, hasChange: true } }],
    ['motion without scales', { gaussians: { ...gaussians, motion: appearance } }],
    ['a stage too many', { channels: [1, 2, 3].map(() => Int32Array.of(0)) }],
    ['half a frame', { meanFrame: new Uint8Array(5) }],
  ])('%s is not written', (_what, change) => {
    expect(() => encodeSceneModel({ ...sceneModel(1), ...change })).toThrow(RangeError);
  });

  test.each([{ threshold: NaN }, { grid: 0 }, { calibration: { score: Infinity } }])(
    'metadata %j is not written',
    (change) => {
      expect(() => encodeSceneModel(sceneModel(1, change))).toThrow(RangeError);
    },
  );
});

describe('a file that is none', () => {
  test('cut or changed anywhere, it is refused or read, never anything else', () => {
    const headerEnd = 8 + Number(new DataView(whole.buffer).getBigUint64(0, true));
    const change = fc.tuple(fc.nat(headerEnd - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          decodeSceneModel(bytes);
        } catch (error) {
          const isExpected =
            error instanceof SafetensorsError || error instanceof FormatVersionError;
          expect(isExpected, String(error)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        expect(() => decodeSceneModel(whole.subarray(0, length))).toThrow(SafetensorsError);
      }),
    );
  });

  test('any value in any field of the metadata', () => {
    const fields = Object.keys(sceneModel(1).metadata);
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
        try {
          decodeSceneModel(withMetadata({ [field]: value }));
        } catch (error) {
          const isExpected =
            error instanceof SafetensorsError || error instanceof FormatVersionError;
          expect(isExpected, `${field}: ${String(error)}`).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    { change: { threshold: 'high' }, why: 'its metadata has no valid threshold' },
    { change: { covariance: 'both' }, why: 'its metadata has no valid covariance' },
    { change: { grid: 3 }, why: '"mean" is F32 [4,3], expected F32 [9,3]' },
    { change: { dimensions: 4 }, why: '"factor" is F32 [1,6], expected F32 [1,10]' },
    { change: { stageCount: 3 }, why: 'lacks the tensor "channels3"' },
    { change: { stageCount: 1 }, why: 'it lists 2 channels, its metadata 3' },
    { change: { covariance: 'own' }, why: '"factor" is F32 [1,6], expected F16 [4,6]' },
  ])('$why', ({ change, why }) => {
    expect(() => decodeSceneModel(withMetadata(change))).toThrow(SafetensorsError);
    expect(() => decodeSceneModel(withMetadata(change))).toThrow(why);
  });

  test('a later format is named', () => {
    expect(() => decodeSceneModel(withMetadata({ formatVersion: 4 }))).toThrow(FormatVersionError);
    expect(() => decodeSceneModel(withMetadata({ formatVersion: 4 }))).toThrow('format 3');
  });

  test('a safetensors file of something else', () => {
    const other = Buffer.concat(encodeSafetensors({ metadata: {}, tensors: {} }));
    expect(() => decodeSceneModel(other)).toThrow('it is not a scene model');
  });
});

describe('numbers that would blind a scene are refused at loading, by name', () => {
  const given: ModelShape = { ...SMALL, motionChannels: 2 };

  /** The file of a model with one number of a tensor changed. */
  const withNumber = (name: string, value: number): Uint8Array => {
    const { metadata, tensors } = decodeSafetensors(encode(sceneModel(1, {}, given)));
    const tensor = tensors[name]!;
    const bytes = tensor.bytes.slice();
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
    const parts = encodeSafetensors({
      metadata,
      tensors: { ...tensors, [name]: { ...tensor, bytes } },
    });
    return new Uint8Array(Buffer.concat(parts));
  };

  test.each(['mean', 'factor', 'motion_mean', 'motion_factor', 'cue_scales'])('%s', (name) => {
    for (const value of [NaN, Infinity, -Infinity]) {
      expect(() => decodeSceneModel(withNumber(name, value))).toThrow(
        new RegExp(`tensor "${name}" holds (NaN|-?Infinity) at place \\d+`),
      );
    }
  });

  test('a deviation of 0', () => {
    expect(() => decodeSceneModel(withNumber('cue_scales', 0))).toThrow(/cue_scales.*not above 0/);
  });

  test.each([0, -5, 1e-320, 1e-7])('a threshold of %d', (threshold) => {
    expect(() => decodeSceneModel(withMetadata({ threshold }))).toThrow(/no valid threshold/);
    expect(() => encode(sceneModel(1, { threshold }))).toThrow(/invalid threshold/);
  });

  test.each(['../../..', '', 'a/b', '.hidden', 'x'.repeat(64)])('an id of %j', (id) => {
    expect(() => decodeSceneModel(withMetadata({ cameraId: id }))).toThrow(/no valid cameraId/);
    expect(() => decodeSceneModel(withMetadata({ sceneId: id }))).toThrow(/no valid sceneId/);
  });
});
