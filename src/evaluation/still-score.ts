// One number for a still picture. The largest cell of a map is a poor one: it is where normal pictures vary most, or
// one odd cell. The mean of the top share of the map counts, in two ways that are added up: of the distances, and of
// how far each lies from what its own position shows in pictures that were not learnt.

/** Of the map's cells. */
const TOP_SHARE = 0.01;
/** Of the variance of all positions, added to each one's: few pictures tell a position's own badly. */
const COMMON_VARIANCE = 0.06;
/** Fewer held-out pictures say nothing about a position. */
const FEWEST_MAPS = 10;
/** Kept, 4 kB each. */
const MOST_MAPS = 2_000;

/** Mean of the largest cells. @param spare as long as the map; written to */
export const topMean = (map: Float32Array, spare: Float32Array): number => {
  spare.set(map);
  spare.sort();
  const count = Math.max(1, Math.round(TOP_SHARE * map.length));
  let sum = 0;
  for (let index = map.length - count; index < map.length; index++) sum += spare[index] ?? 0;
  return sum / count;
};

/** What normal numbers are like. */
interface Usual {
  readonly mean: number;
  readonly deviation: number;
}

const usualOf = (values: readonly number[]): Usual => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
};

const standardised = (value: number, { mean, deviation }: Usual): number =>
  (value - mean) / deviation;

interface Calibration {
  readonly meanByCell: Float32Array;
  readonly deviationByCell: Float32Array;
  readonly distance: Usual;
  readonly deviation: Usual;
}

export class StillScore {
  readonly #maps: Float32Array[] = [];
  readonly #cellCount: number;
  readonly #spare: Float32Array;
  readonly #deviations: Float32Array;
  #calibration: Calibration | undefined;

  /** @param cellCount of a map */
  constructor(cellCount: number) {
    this.#cellCount = cellCount;
    this.#spare = new Float32Array(cellCount);
    this.#deviations = new Float32Array(cellCount);
  }

  /** A map of a normal picture by a model that did not learn it. */
  addHeldOut(map: Float32Array): void {
    if (this.#maps.length < MOST_MAPS) this.#maps.push(map.slice());
  }

  /** After the last held-out map. With too few of them, distances alone count. */
  finish(): void {
    const maps = this.#maps.splice(0);
    if (maps.length < FEWEST_MAPS) return;
    const { meanByCell, deviationByCell } = this.#cells(maps);
    const distances = maps.map((map) => topMean(map, this.#spare));
    const deviations = maps.map((map) => this.#topDeviation(map, meanByCell, deviationByCell));
    this.#calibration = {
      ...{ meanByCell, deviationByCell },
      distance: usualOf(distances),
      deviation: usualOf(deviations),
    };
  }

  /** Higher: less like what was learnt. */
  of(map: Float32Array): number {
    const distance = topMean(map, this.#spare);
    if (this.#calibration === undefined) return distance;
    const { meanByCell, deviationByCell, ...usual } = this.#calibration;
    const deviation = this.#topDeviation(map, meanByCell, deviationByCell);
    return standardised(distance, usual.distance) + standardised(deviation, usual.deviation);
  }

  #cells(maps: readonly Float32Array[]) {
    const meanByCell = new Float32Array(this.#cellCount);
    const varianceByCell = new Float32Array(this.#cellCount);
    for (let cell = 0; cell < this.#cellCount; cell++) {
      const { mean, deviation } = usualOf(maps.map((map) => map[cell] ?? 0));
      meanByCell[cell] = mean;
      varianceByCell[cell] = deviation ** 2;
    }
    const common =
      COMMON_VARIANCE * (varianceByCell.reduce((sum, value) => sum + value, 0) / this.#cellCount);
    return { meanByCell, deviationByCell: varianceByCell.map((own) => Math.sqrt(own + common)) };
  }

  #topDeviation(map: Float32Array, mean: Float32Array, deviation: Float32Array): number {
    for (let cell = 0; cell < map.length; cell++) {
      this.#deviations[cell] = ((map[cell] ?? 0) - (mean[cell] ?? 0)) / (deviation[cell] ?? 1);
    }
    return topMean(this.#deviations, this.#spare);
  }
}
