// Runs assets/motion/flow.wasm, dense optical flow between consecutive frames, and owns its linear memory, which
// has a fixed size: nothing is allocated per frame. Sources of the module: src/motion/wasm (AssemblyScript), built
// by tools/build_motion.mjs.
import { FRAME_BYTES, FRAME_SIDE } from '../core/frame.ts';

/** Edge of the grid; a cell covers 8×8 pixels. */
export const GRID_SIDE = 32;
/** Numbers per cell written by the module: mean magnitude, maximum magnitude, mean u, mean v, in pixels per frame. */
export const RAW_CHANNELS = 4;

/** Floats between two rows of the dense flow (4 columns of border on each side). */
const FLOW_ROW = FRAME_SIDE + 8;

/** A compiled module: opaque, and shareable between kernels. */
export type FlowModule = object;

// TypeScript keeps the types of WebAssembly in its DOM library, which the build does without: what is used is described here.
interface WasmRuntime {
  readonly Module: new (bytes: Uint8Array) => FlowModule;
  readonly Instance: new (module: FlowModule) => { readonly exports: unknown };
}
const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WasmRuntime };

interface FlowExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  input(): number;
  cells(): number;
  flowU(): number;
  flowV(): number;
  start(): void;
  step(): number;
}

export class FlowKernel {
  /** (cell, channel) row-major, RAW_CHANNELS a cell. A view of the module's memory: overwritten by the next `step`. */
  readonly cells: Float32Array;
  readonly #exports: FlowExports;
  readonly #input: Uint8Array;

  constructor(module: FlowModule) {
    // The module imports nothing and exports what src/motion/wasm/flow.ts declares.
    this.#exports = new wasm.Instance(module).exports as FlowExports;
    const { buffer } = this.#exports.memory;
    this.#input = new Uint8Array(buffer, this.#exports.input(), FRAME_BYTES);
    this.cells = new Float32Array(
      buffer,
      this.#exports.cells(),
      GRID_SIDE * GRID_SIDE * RAW_CHANNELS,
    );
  }

  /** Takes frame `index` of `pixels` (rgb24) as the one before the next `step`. */
  start(pixels: Uint8Array, index: number): void {
    this.#load(pixels, index);
    this.#exports.start();
  }

  /** Flow from the frame given last to frame `index`, summed up in `cells`. Returns how many cells held motion. */
  step(pixels: Uint8Array, index: number): number {
    this.#load(pixels, index);
    return this.#exports.step();
  }

  /** A copy of the last dense flow, (component u or v, row, column), in pixels. For tests and pictures. */
  denseFlow(): Float32Array {
    const flow = new Float32Array(2 * FRAME_SIDE * FRAME_SIDE);
    for (const [component, address] of [this.#exports.flowU(), this.#exports.flowV()].entries()) {
      for (let y = 0; y < FRAME_SIDE; y++) {
        const row = new Float32Array(
          this.#exports.memory.buffer,
          address + y * FLOW_ROW * 4,
          FRAME_SIDE,
        );
        flow.set(row, (component * FRAME_SIDE + y) * FRAME_SIDE);
      }
    }
    return flow;
  }

  #load(pixels: Uint8Array, index: number): void {
    this.#input.set(pixels.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES));
  }
}

/** Compiling takes milliseconds; share the result between kernels. */
export const compileFlowModule = (bytes: Uint8Array): FlowModule => new wasm.Module(bytes);
