// Areas of the picture that never count, drawn as polygons in the configuration.
import type { Point } from './place.ts';

export type Polygon = readonly Point[];

/** Even–odd rule: a ray to the right crosses the outline an odd number of times. */
const isInside = (polygon: Polygon, x: number, y: number): boolean => {
  let inside = false;
  polygon.forEach((a, index) => {
    const b = polygon[(index + polygon.length - 1) % polygon.length] ?? a;
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  });
  return inside;
};

/**
 * (row, column) of side × side cells, 1 where the cell's centre lies in a polygon. Undefined without
 * polygons, so that nothing is looked up where nothing is ignored.
 */
export const ignoreMask = (polygons: readonly Polygon[], side: number): Uint8Array | undefined => {
  if (polygons.length === 0) return undefined;
  return Uint8Array.from({ length: side * side }, (_, cell) => {
    const x = ((cell % side) + 0.5) / side;
    const y = (Math.floor(cell / side) + 0.5) / side;
    return polygons.some((polygon) => isInside(polygon, x, y)) ? 1 : 0;
  });
};
