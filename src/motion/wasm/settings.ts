// The numbers of the method, and where each was taken from.

/**
 * A cell counts as changed from this many grey levels on (largest difference in the cell, at half size). Twice what three
 * quarters of the cells of UCSD Ped2's training clips stay within. Slower motion of weaker contrast counts as still.
 */
export const CHANGE_MINIMUM: i32 = 4;
/**
 * Cells that may count as changed before their neighbours are added, of 1,024. Keeps a shaking or noisy camera near twice
 * the usual time; changes scattered one by one can still activate nearly the whole grid.
 */
export const CHANGED_CELLS_LIMIT: i32 = 256;

/** Gauss-Newton steps per patch and level at most; a patch stops earlier when its residual no longer falls. */
export const SEARCH_STEPS: i32 = 8;

/** Weights of the intensity, gradient and smoothness terms, epsilon^2 of the robust function and zeta^2 of the normalisation. */
export const DELTA: f32 = 5;
export const GAMMA: f32 = 10;
export const ALPHA: f32 = 10;
export const EPSILON2: f32 = 1e-6;
export const ZETA2: f32 = 0.01;
/** Fixed-point iterations and sweeps in each: chosen for time, more changes little. */
export const OUTER: i32 = 3;
export const SWEEPS: i32 = 5;
/** Over-relaxation. Rows are solved from old left and right values, which diverges from 4/3 on. */
export const OMEGA: f32 = 1.25;
