// Runs assets/motion/median.wasm, the median of seven pictures, and owns its linear memory (256 kB). Source of the module:
// src/motion/wasm/median.ts (AssemblyScript), built by tools/build_motion.mjs.

/** Of how many pictures the median is taken. */
export const MEDIAN_PICTURES = 7;

/**
 * Writes the median of each byte of seven `pictures` of equal length to `target`.
 * @throws RangeError where they are not seven, or of different length
 */
export type MedianOfSeven = (pictures: readonly Uint8Array[], target: Uint8Array) => void;

// TypeScript keeps the types of WebAssembly in its DOM library, which the build does without: what is used is described here.
interface WasmRuntime {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}
const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WasmRuntime };

interface MedianExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  chunkBytes(): number;
  pictures(): number;
  medians(): number;
  median(): void;
}

/** @param bytes of median.wasm */
export const compileMedian = (bytes: Uint8Array): MedianOfSeven => {
  const exports = new wasm.Instance(new wasm.Module(bytes)).exports as MedianExports;
  const chunkBytes = exports.chunkBytes();
  const { buffer } = exports.memory;
  const chunks = Array.from(
    { length: MEDIAN_PICTURES },
    (_, index) => new Uint8Array(buffer, exports.pictures() + index * chunkBytes, chunkBytes),
  );
  const medians = new Uint8Array(buffer, exports.medians(), chunkBytes);
  return (pictures, target) => {
    assertSeven(pictures, target);
    for (let from = 0; from < target.length; from += chunkBytes) {
      const end = Math.min(from + chunkBytes, target.length);
      for (let index = 0; index < MEDIAN_PICTURES; index++)
        chunks[index]!.set(pictures[index]!.subarray(from, end));
      exports.median();
      target.set(end - from === chunkBytes ? medians : medians.subarray(0, end - from), from);
    }
  };
};

/** The same without WebAssembly, some forty times as slow. */
export const plainMedian: MedianOfSeven = (pictures, target) => {
  assertSeven(pictures, target);
  const sorted = new Uint8Array(MEDIAN_PICTURES);
  for (let at = 0; at < target.length; at++) {
    for (let index = 0; index < MEDIAN_PICTURES; index++) sorted[index] = pictures[index]![at]!;
    sorted.sort();
    target[at] = sorted[MEDIAN_PICTURES >> 1]!;
  }
};

const assertSeven = (pictures: readonly Uint8Array[], target: Uint8Array): void => {
  if (pictures.length !== MEDIAN_PICTURES)
    throw new RangeError(`the median is of ${MEDIAN_PICTURES} pictures, not of ${pictures.length}`);
  for (const { length } of pictures) {
    if (length !== target.length)
      throw new RangeError(`a picture has ${length} bytes where the target has ${target.length}`);
  }
};
