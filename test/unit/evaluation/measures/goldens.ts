// The golden values of tools/make_metric_goldens.py, decoded.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface AurocCase {
  readonly name: string;
  readonly scores: string;
  readonly labels: string;
  readonly auroc: number;
}

interface PixelCase {
  readonly name: string;
  readonly side: number;
  readonly frames: number;
  readonly regions: number;
  readonly maps: string;
  readonly masks: string;
  readonly auroc: number;
  readonly pro: number;
}

interface ComponentCase {
  readonly width: number;
  readonly height: number;
  readonly mask: string;
  readonly sizes: readonly number[];
}

interface PictureCase {
  readonly name: string;
  readonly png: string;
  readonly places: readonly number[];
  readonly values: readonly number[];
  readonly maskPng: string;
  /** 256 × 256 bits, row-major, most significant first. */
  readonly mask: string;
}

interface Goldens {
  readonly auroc: readonly AurocCase[];
  readonly pixels: readonly PixelCase[];
  readonly components: readonly ComponentCase[];
  readonly pictures: readonly PictureCase[];
}

const FILE = join(import.meta.dirname, '../../../fixtures/metrics/goldens.json');

export const goldens = (): Goldens => JSON.parse(readFileSync(FILE, 'utf8')) as Goldens;

export const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));

export const floats = (base64: string): Float32Array =>
  new Float32Array(bytes(base64).buffer as ArrayBuffer);
