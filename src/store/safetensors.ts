// The safetensors format: u64 header length, JSON header, then the tensors' bytes, little-endian. Simple enough
// to read from any language, and it can hold no code. Everything read is checked before it is used.

export type TensorType = 'F64' | 'F32' | 'F16' | 'U8' | 'I32';

export interface Tensor {
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  /** The raw bytes; a view into the file's memory after decoding. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

const ITEM_BYTES: Readonly<Record<TensorType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  U8: 1,
  I32: 4,
};
const PREFIX_BYTES = 8;
const OPENING_BRACE = '{'.charCodeAt(0);
/** Headers here are a few KB; a damaged length must not make the parser chew through a whole model. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** Says what is wrong with the bytes; callers add which file it was. */
export class SafetensorsError extends Error {}

/** Parts to write one after the other: header, then each tensor's own memory, without joining them. */
export const encodeSafetensors = (file: SafetensorsFile): readonly Uint8Array[] => {
  // Wide types first, as the reference implementation does: then every tensor lies on a multiple of its type.
  const tensors = Object.entries(file.tensors).sort(
    ([, a], [, b]) => ITEM_BYTES[b.dtype] - ITEM_BYTES[a.dtype],
  );
  let offset = 0;
  const entries = tensors.map(([name, { dtype, shape, bytes }]) => {
    const start = offset;
    offset += bytes.byteLength;
    return [name, { dtype, shape, data_offsets: [start, offset] }] as const;
  });
  const json = JSON.stringify({ __metadata__: file.metadata, ...Object.fromEntries(entries) });
  const text = Buffer.from(json, 'utf8');
  // The format wants the tensors to start on a multiple of 8, so that they can be read in place.
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeBigUInt64LE(BigInt(padded.length));
  return [prefix, padded, ...tensors.map(([, tensor]) => tensor.bytes)];
};

/** @throws SafetensorsError; the tensors are views into `file`. */
export const decodeSafetensors = (file: Uint8Array): SafetensorsFile => {
  // A Buffer's slice() shares memory, a Uint8Array's copies: what is handed out must be of one kind.
  const data = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const { header, start } = readHeader(data);
  const body = data.subarray(start);
  // Names come from the file: one called __proto__ must be a name like any other.
  const tensors = Object.create(null) as Record<string, Tensor>;
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') metadata = readMetadata(entry);
    else tensors[name] = readTensor(name, entry, body);
  }
  checkLayout(tensors, body);
  return { metadata, tensors };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const readHeader = (data: Uint8Array): { header: Record<string, unknown>; start: number } => {
  if (data.length < PREFIX_BYTES) throw new SafetensorsError('it is shorter than its own prefix');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(data.length - PREFIX_BYTES)) {
    throw new SafetensorsError('its header reaches beyond its end');
  }
  if (length > BigInt(MAX_HEADER_BYTES)) throw new SafetensorsError('its header is too long');
  const start = PREFIX_BYTES + Number(length);
  let header: unknown;
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    header = JSON.parse(utf8.decode(data.subarray(PREFIX_BYTES, start)));
  } catch {
    throw new SafetensorsError('its header is not JSON');
  }
  if (!isRecord(header)) throw new SafetensorsError('its header is not an object');
  // Padding goes behind the header, never before it.
  if (data[PREFIX_BYTES] !== OPENING_BRACE) throw new SafetensorsError('its header starts late');
  return { header, start };
};

const readMetadata = (entry: unknown): Record<string, string> => {
  if (!isRecord(entry) || Object.values(entry).some((value) => typeof value !== 'string')) {
    throw new SafetensorsError('its metadata is not a map of texts');
  }
  return entry as Record<string, string>;
};

const readTensor = (name: string, entry: unknown, body: Uint8Array): Tensor => {
  const fail = (why: string): never => {
    throw new SafetensorsError(`tensor "${name}" ${why}`);
  };
  if (!isRecord(entry)) return fail('is not described');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(ITEM_BYTES, dtype))
    return fail('has an unknown type');
  if (!Array.isArray(shape) || !shape.every(isCount)) return fail('has no valid shape');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return fail('has no valid place');
  }
  const [from, to] = offsets as [number, number];
  if (from > to || to > body.length) return fail('reaches beyond the end of the file');
  const type = dtype as TensorType;
  const sizeBytes = shape.reduce((product, size) => product * size, ITEM_BYTES[type]);
  if (sizeBytes !== to - from) return fail('has another size than its shape');
  return { dtype: type, shape, bytes: body.subarray(from, to) };
};

/** The format wants tensors to cover the body without holes or overlaps. */
const checkLayout = (tensors: Record<string, Tensor>, body: Uint8Array): void => {
  const inOrder = Object.values(tensors).sort((a, b) => a.bytes.byteOffset - b.bytes.byteOffset);
  let end = body.byteOffset;
  for (const { bytes } of inOrder) {
    if (bytes.byteLength === 0) continue;
    if (bytes.byteOffset !== end) throw new SafetensorsError('its tensors overlap or leave a hole');
    end += bytes.byteLength;
  }
  if (end !== body.byteOffset + body.byteLength) {
    throw new SafetensorsError('it has bytes that no tensor owns');
  }
};

export const bytesOf = (
  array: Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array,
): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** A view when the bytes are aligned, else a copy. */
export const toFloat32 = ({ bytes }: Tensor): Float32Array =>
  bytes.byteOffset % 4 === 0
    ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    : new Float32Array(bytes.slice().buffer);

export const toFloat64 = ({ bytes }: Tensor): Float64Array =>
  new Float64Array(bytes.slice().buffer);

export const toInt32 = ({ bytes }: Tensor): Int32Array => new Int32Array(bytes.slice().buffer);

export const toUint16 = ({ bytes }: Tensor): Uint16Array => new Uint16Array(bytes.slice().buffer);

/** One number that is none would make every score of its place infinite or nothing, and so never an alert. */
export const finite = (name: string, values: Float32Array): Float32Array => {
  const place = values.findIndex((value) => !Number.isFinite(value));
  if (place === -1) return values;
  throw new SafetensorsError(`tensor "${name}" holds ${values[place] ?? NaN} at place ${place}`);
};
