// Which engine to score with, and on what: the configuration's `engine` section and `evaluate --engine`.

export const ENGINE_KINDS = ['auto', 'onnx', 'tfjs'] as const;
export const ENGINE_DEVICES = ['auto', 'cpu', 'cuda', 'tensorrt'] as const;

/** What a backbone computes in. */
export const PRECISIONS = ['float32', 'int8'] as const;

export type Precision = (typeof PRECISIONS)[number];
export type EngineDevice = (typeof ENGINE_DEVICES)[number];

export interface EngineSetting {
  /** `auto`: onnx. */
  readonly kind: (typeof ENGINE_KINDS)[number];
  /** `auto`: a GPU where its libraries are installed. */
  readonly device: EngineDevice;
  /** `auto`: integers where they pay. */
  readonly precision: 'auto' | Precision;
  /** Threads inside one operation; 0: one per core. */
  readonly threads: number;
}
