// What a fit knows, as a safetensors file (docs/ref/scene-model.md): exact, so that going on is as good as never
// having stopped.
import { FRAME_BYTES } from '../core/frame.ts';
import type { FitState, LearnerState, StatisticsState } from '../core/fit-state.ts';
import { partNumbers, partTensors, readParts } from './model-part-codec.ts';
import {
  SafetensorsError,
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  toFloat32,
  toFloat64,
  toInt32,
  type SafetensorsFile,
  type Tensor,
} from './safetensors.ts';

const FORMAT_NAME = 'patchwatch-fit-state';
const CUES = ['own', 'shared', 'motion'] as const;

/** What the state was gathered with and for; all of it must agree to go on from it. */
export type FitIdentity = Readonly<Record<string, string | number | boolean>>;

type StatisticsFacts = Pick<StatisticsState, 'kind' | 'patchCount' | 'dimensions' | 'frameCount'>;

/** The numbers that are no arrays. */
interface Facts extends Pick<FitState, 'scales' | 'spanMs' | 'steps' | 'leftOut'> {
  readonly seenEvery?: number | undefined;
  readonly halves: readonly {
    readonly frameCount: number;
    readonly statistics: Readonly<Record<string, StatisticsFacts>>;
  }[];
}

export const encodeFitState = (state: FitState, identity: FitIdentity): readonly Uint8Array[] => {
  const { scales, spanMs, steps, leftOut, halves, heldOut, parts, seen } = state;
  const tensors: Record<string, Tensor> = {
    scores: f64(Float64Array.from(heldOut.flatMap((scores) => [...scores]))),
    lengths: {
      dtype: 'I32',
      shape: [heldOut.length],
      bytes: bytesOf(Int32Array.from(heldOut, ({ length }) => length)),
    },
    ...partTensors(parts),
  };
  if (seen !== undefined) tensors.seen = f64(seen.digests);
  const facts: Facts = {
    ...{ scales, spanMs, steps, leftOut, seenEvery: seen?.every },
    halves: halves.map((half, index) => {
      tensors[`${index}.pixels`] = f64(half.pixelSums);
      const statistics: Record<string, StatisticsFacts> = {};
      for (const cue of CUES) {
        const known = half[cue];
        if (known === undefined) continue;
        const { kind, patchCount, dimensions, frameCount, shift, sum, product } = known;
        statistics[cue] = { kind, patchCount, dimensions, frameCount };
        tensors[`${index}.${cue}.shift`] = {
          ...{ dtype: 'F32', shape: [shift.length] },
          bytes: bytesOf(shift),
        };
        tensors[`${index}.${cue}.sum`] = f64(sum);
        tensors[`${index}.${cue}.product`] = f64(product);
      }
      return { frameCount: half.frameCount, statistics };
    }),
  };
  return encodeSafetensors({
    metadata: {
      format: FORMAT_NAME,
      identity: JSON.stringify(identity),
      facts: JSON.stringify(facts),
      parts: partNumbers(parts),
    },
    tensors,
  });
};

/** @throws SafetensorsError */
export const decodeFitState = (
  file: Uint8Array,
): { readonly state: FitState; readonly identity: FitIdentity } => {
  const decoded = decodeSafetensors(file);
  if (decoded.metadata.format !== FORMAT_NAME) throw new SafetensorsError('it is no fit state');
  const facts = parse(decoded, 'facts') as Facts;
  const scores = toFloat64(tensorOf(decoded, 'scores'));
  let from = 0;
  const heldOut = [...toInt32(tensorOf(decoded, 'lengths'))].map((length) => {
    from += length;
    return scores.slice(from - length, from);
  });
  const { scales, spanMs, steps, leftOut } = facts;
  const parts = readParts(decoded.tensors, decoded.metadata.parts);
  const halves = [learnerOf(decoded, facts, 0), learnerOf(decoded, facts, 1)] as const;
  return {
    state: { halves, heldOut, scales, spanMs, steps, leftOut, parts, ...seenOf(decoded, facts) },
    identity: parse(decoded, 'identity') as FitIdentity,
  };
};

const seenOf = (file: SafetensorsFile, { seenEvery }: Facts): Pick<FitState, 'seen'> =>
  seenEvery === undefined
    ? {}
    : { seen: { every: seenEvery, digests: toFloat64(tensorOf(file, 'seen')).slice() } };

const learnerOf = (file: SafetensorsFile, facts: Facts, half: 0 | 1): LearnerState => {
  const known = facts.halves[half];
  const pixelSums = toFloat64(tensorOf(file, `${half}.pixels`));
  if (known === undefined || pixelSums.length !== FRAME_BYTES) {
    throw new SafetensorsError(`half ${half} is not whole`);
  }
  const statisticsOf = (cue: string): StatisticsState | undefined => {
    const of = known.statistics[cue];
    if (of === undefined) return undefined;
    return {
      ...of,
      shift: toFloat32(tensorOf(file, `${half}.${cue}.shift`)).slice(),
      sum: toFloat64(tensorOf(file, `${half}.${cue}.sum`)),
      product: toFloat64(tensorOf(file, `${half}.${cue}.product`)),
    };
  };
  return {
    frameCount: known.frameCount,
    pixelSums,
    own: statisticsOf('own'),
    shared: statisticsOf('shared'),
    motion: statisticsOf('motion'),
  };
};

const parse = ({ metadata }: SafetensorsFile, name: string): unknown => {
  try {
    return JSON.parse(metadata[name] ?? '');
  } catch {
    throw new SafetensorsError(`its ${name} are not JSON`);
  }
};

const tensorOf = ({ tensors }: SafetensorsFile, name: string): Tensor => {
  const tensor = tensors[name];
  if (tensor === undefined) throw new SafetensorsError(`it has no tensor "${name}"`);
  return tensor;
};

const f64 = (values: Float64Array): Tensor => ({
  dtype: 'F64',
  shape: [values.length],
  bytes: bytesOf(values),
});
