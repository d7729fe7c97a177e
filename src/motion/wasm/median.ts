// The median of seven pictures, byte by byte: a module of its own (median.wasm), so that whoever wants no flow needs none of
// its memory. The host writes as much of each picture as there is room for at `pictures`, and reads the median at `medians`.

/** Bytes of each picture that are worked on in one go; a multiple of 16. All eight buffers then stay in the second cache. */
const CHUNK: i32 = 24_576;
const PICTURES: i32 = 1024;
const MEDIANS: i32 = PICTURES + 7 * CHUNK;

/** Bytes of one picture that a call takes. */
export function chunkBytes(): i32 {
  return CHUNK;
}

/** Address of the first of seven chunks. */
export function pictures(): i32 {
  return PICTURES;
}

/** Address of the result. */
export function medians(): i32 {
  return MEDIANS;
}

/** Thirteen exchanges (Devillard 1998, "Fast median search", opt_med7), each the lower and the upper of two. */
export function median(): void {
  for (let at: i32 = PICTURES; at < PICTURES + CHUNK; at += 16) {
    let a = v128.load(at);
    let b = v128.load(at, CHUNK);
    let c = v128.load(at, 2 * CHUNK);
    let d = v128.load(at, 3 * CHUNK);
    let e = v128.load(at, 4 * CHUNK);
    let f = v128.load(at, 5 * CHUNK);
    let g = v128.load(at, 6 * CHUNK);
    let low = i8x16.min_u(a, f);
    f = i8x16.max_u(a, f);
    a = low;
    low = i8x16.min_u(a, d);
    d = i8x16.max_u(a, d);
    a = low;
    low = i8x16.min_u(b, g);
    g = i8x16.max_u(b, g);
    b = low;
    low = i8x16.min_u(c, e);
    e = i8x16.max_u(c, e);
    c = low;
    b = i8x16.max_u(a, b);
    low = i8x16.min_u(d, f);
    f = i8x16.max_u(d, f);
    d = low;
    low = i8x16.min_u(c, g);
    g = i8x16.max_u(c, g);
    c = low;
    // From here on only one of the two is needed.
    d = i8x16.max_u(c, d);
    d = i8x16.min_u(d, g);
    e = i8x16.min_u(e, f);
    low = i8x16.min_u(b, e);
    e = i8x16.max_u(b, e);
    d = i8x16.max_u(low, d);
    v128.store(at, i8x16.min_u(d, e), 7 * CHUNK);
  }
}
