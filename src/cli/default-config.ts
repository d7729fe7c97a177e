/** Looked for in the current folder when `-c` is not given. */
export const DEFAULT_CONFIG = 'patchwatch.yaml';
