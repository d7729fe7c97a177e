// The graphs agree with plain loops, over several blocks and in groups.
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { OnnxNearest } from '../../../src/engine/onnx-nearest.ts';
import { seededRandom } from '../../../src/padim/maths/random.ts';
import { ROOT } from '../../support/patchwatch.ts';
import { PlainNeighbours } from '../../support/plain-neighbours.ts';

const DIMENSIONS = 5;
const random = seededRandom(11);
const rows = (count: number): Float32Array =>
  Float32Array.from({ length: count * DIMENSIONS }, () => 2 * random() - 1);

describe('OnnxNearest', () => {
  const onnx = new OnnxNearest({ assetsDir: join(ROOT, 'assets'), threads: 1 });
  const plain = new PlainNeighbours();
  afterAll(() => onnx.close());

  test.each([
    { groupCount: 1, queryCount: 1_100, rowCount: 2_050 },
    { groupCount: 1, queryCount: 3, rowCount: 1 },
    { groupCount: 7, queryCount: 16, rowCount: 40 },
  ])('lower: $groupCount groups of $queryCount × $rowCount', async (sizes) => {
    const { groupCount, queryCount, rowCount } = sizes;
    const queries = rows(groupCount * queryCount);
    const gallery = rows(groupCount * rowCount);
    const fresh = (): Float32Array =>
      Float32Array.from({ length: groupCount * queryCount }, (_, at) =>
        at % 5 === 0 ? 0.01 : Infinity,
      );
    const [got, expected] = [fresh(), fresh()];
    await onnx.lower(got, queries, gallery, { groupCount, dimensions: DIMENSIONS });
    await plain.lower(expected, queries, gallery, { groupCount, dimensions: DIMENSIONS });
    got.forEach((square, at) => expect(square).toBeCloseTo(expected[at]!, 5));
  });

  test('nearest rows, nearest first', async () => {
    const queries = rows(20);
    const gallery = rows(300);
    const got = await onnx.nearestRows(queries, gallery, DIMENSIONS, 9);
    const expected = await plain.nearestRows(queries, gallery, DIMENSIONS, 9);
    expect(got.rows).toEqual(expected.rows);
    got.squares.forEach((square, at) => expect(square).toBeCloseTo(expected.squares[at]!, 5));
  });
});
