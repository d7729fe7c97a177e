// Working memory by name, grown when more is asked for than ever before. Scenes that are scored in turn share one, so
// that a thousand of them in memory cost their numbers only.

export class ScratchMemory {
  readonly #arrays = new Map<string, Float32Array>();

  /** `length` numbers, whatever they were before; valid until the name is taken again. */
  take(name: string, length: number): Float32Array {
    let memory = this.#arrays.get(name);
    if (memory === undefined || memory.length < length) {
      memory = new Float32Array(length);
      this.#arrays.set(name, memory);
    }
    return memory.subarray(0, length);
  }
}
