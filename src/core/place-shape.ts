// How places in the picture look when they come from outside the process.
import type { Point, Region } from './place.ts';
import { aNumber, record, type Shape } from './shape.ts';

export const aPoint: Shape<Point> = record({ x: aNumber, y: aNumber });
export const aRegion: Shape<Region> = record({
  x: aNumber,
  y: aNumber,
  width: aNumber,
  height: aNumber,
});
