// The raster that movement is known by: 8 × 8 regions of the picture, each of 32 × 32 pixels.

export const REGION_SIDE = 8;
export const REGION_COUNT = REGION_SIDE * REGION_SIDE;
