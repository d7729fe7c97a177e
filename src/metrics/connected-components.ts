// Regions of a mask: pixels that touch, corners included (8-connectivity).

/**
 * @param mask (row, column), width × height, non-zero = inside
 * @returns each region's pixel indices
 */
export const connectedComponents = (
  mask: Uint8Array,
  width: number,
  height: number,
): readonly Int32Array[] => {
  const seen = new Uint8Array(mask.length);
  const stack = new Int32Array(mask.length);
  const regions: Int32Array[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    const region: number[] = [];
    let depth = 0;
    stack[depth++] = start;
    seen[start] = 1;
    while (depth > 0) {
      const pixel = stack[--depth]!;
      region.push(pixel);
      const row = Math.floor(pixel / width);
      const column = pixel % width;
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
          const next = y * width + x;
          if (mask[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          stack[depth++] = next;
        }
      }
    }
    regions.push(Int32Array.from(region));
  }
  return regions;
};
