// Dense Inverse Search optical flow (Kroeger, Timofte, Dai, Van Gool 2016, arXiv 1603.03590) between consecutive frames of a fixed
// camera. Entry points: the host writes a frame at `input`, calls `start` for the first and `step` for each that follows.
import {
  CELLS,
  COARSE_U,
  COARSE_V,
  COARSEST,
  FLOW_U,
  FLOW_V,
  FRAME,
  INPUT,
  MEMORY_END,
  PYRAMID_A,
  PYRAMID_B,
  planeBytes,
  planeOrigin,
} from './layout';
import { findActivity } from './activity';
import { buildPyramid } from './pyramid';
import { buildGradients } from './gradient';
import { searchLevel } from './search';
import { densify } from './densify';
import { refine } from './refine';
import { summarise } from './cells';

let earlier: i32 = PYRAMID_A;
let later: i32 = PYRAMID_B;

/** Address of the frame to be read: 256x256 rgb24. */
export function input(): i32 {
  return INPUT;
}

/** Address of the result: 32x32 cells x (mean magnitude, maximum magnitude, mean u, mean v), float32, frame pixels. */
export function cells(): i32 {
  return CELLS;
}

/** Address of pixel (0, 0) of the dense flow's u; v lies `flowV() - flowU()` bytes on. Rows are 264 floats apart. */
export function flowU(): i32 {
  return FLOW_U + planeOrigin(FRAME);
}

export function flowV(): i32 {
  return FLOW_V + planeOrigin(FRAME);
}

/** Bytes of linear memory needed. */
export function memoryBytes(): i32 {
  return MEMORY_END;
}

/** Takes the frame at INPUT as the one before the next. */
export function start(): void {
  buildPyramid(later);
}

/** Flow from the frame before to the one at INPUT. Its pyramid is kept for the next call. Returns the number of active cells. */
export function step(): i32 {
  const swap = earlier;
  earlier = later;
  later = swap;
  buildPyramid(later);
  const active = findActivity(earlier, later);
  if (active > 0) flow();
  else clearFlow();
  summarise();
  return active;
}

/** Coarse to fine; only the finest level is refined, since what refinement does below is undone by the next search. */
function flow(): void {
  buildGradients(earlier);
  for (let width = COARSEST; width <= FRAME; width *= 2) {
    searchLevel(earlier, later, width);
    densify(earlier, later, width);
    if (width == FRAME) break;
    memory.copy(COARSE_U, FLOW_U, planeBytes(width));
    memory.copy(COARSE_V, FLOW_V, planeBytes(width));
  }
  refine(earlier, later);
}

function clearFlow(): void {
  memory.fill(FLOW_U, 0, planeBytes(FRAME));
  memory.fill(FLOW_V, 0, planeBytes(FRAME));
}
