// What of a stream is decoded: less costs less, at the price that docs/guide/tuning.md tells.

export interface Decoding {
  /** `reference`: not the frames that no other frame needs; `key`: only those that need no other. */
  readonly frames: 'all' | 'reference' | 'key';
  /** Pictures are decoded at 1/2^lowres of their size; only some codecs can, the others ignore it. */
  readonly lowres: number;
}

export const DECODE_ALL: Decoding = { frames: 'all', lowres: 0 };

const SKIPPED = { reference: 'noref', key: 'nokey' } as const;

/** Options of ffmpeg's decoder, to stand before its input. */
export const decodingArgs = ({ frames, lowres }: Decoding): string[] => [
  ...(frames === 'all' ? [] : ['-skip_frame', SKIPPED[frames]]),
  ...(lowres === 0 ? [] : ['-lowres', String(lowres)]),
];

const LOWRES_REFUSED = /maximum value for lowres supported by the decoder is (\d)/;

/** The largest `lowres` that the codec can, when ffmpeg's log says that it was asked for more. */
export const largestLowres = (log: string): number | undefined => {
  const match = LOWRES_REFUSED.exec(log);
  return match === null ? undefined : Number(match[1]);
};
