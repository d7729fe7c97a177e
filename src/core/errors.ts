// Every failure the daemon reports has a code from this closed list, documented in docs/ref/errors.md.

export const ERROR_CODES = {
  USAGE: { exitCode: 64, retryable: false },
  CONFIG_INVALID: { exitCode: 78, retryable: false },
  CONFIG_MISSING: { exitCode: 78, retryable: false },
  CAMERA_UNKNOWN: { exitCode: 64, retryable: false },
  SCENE_UNKNOWN: { exitCode: 64, retryable: false },
  SOURCE_MISSING: { exitCode: 64, retryable: true },
  SOURCE_UNREADABLE: { exitCode: 69, retryable: true },
  SOURCE_REFUSED: { exitCode: 69, retryable: true },
  SOURCE_STALLED: { exitCode: 69, retryable: true },
  FFMPEG_MISSING: { exitCode: 69, retryable: false },
  FOOTAGE_TOO_SHORT: { exitCode: 64, retryable: false },
  FOOTAGE_CONSTANT: { exitCode: 64, retryable: false },
  NUMBERS_NOT_FINITE: { exitCode: 70, retryable: false },
  MODEL_MISSING: { exitCode: 69, retryable: false },
  MODEL_CORRUPT: { exitCode: 69, retryable: false },
  MODEL_MISMATCH: { exitCode: 69, retryable: false },
  BACKBONE_UNKNOWN: { exitCode: 64, retryable: false },
  BACKBONE_INVALID: { exitCode: 64, retryable: false },
  BACKBONE_CORRUPT: { exitCode: 69, retryable: false },
  TFJS_MISSING: { exitCode: 69, retryable: false },
  SCORER_MESSAGE_INVALID: { exitCode: 70, retryable: true },
  SCORER_CRASHED: { exitCode: 70, retryable: true },
  ADDRESS_IN_USE: { exitCode: 69, retryable: false },
  LOG_REPLACED: { exitCode: 69, retryable: false },
  QUEUE_UNAVAILABLE: { exitCode: 69, retryable: true },
  STORAGE_FAILED: { exitCode: 69, retryable: true },
  DATASET_INVALID: { exitCode: 64, retryable: false },
  INTERRUPTED: { exitCode: 130, retryable: false },
  INTERNAL: { exitCode: 70, retryable: false },
} as const satisfies Record<string, { exitCode: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Message = what, where (camera, file, line), and what to do about it; one line; no credentials. */
export class PatchwatchError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PatchwatchError';
    this.code = code;
    this.details = options.details ?? {};
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

export const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

/** The `code` of a Node system error (`ENOENT`, `EADDRINUSE`, …), if it is one. */
export const systemErrorCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
