// Metrics of the scoring process, which has no /metrics of its own: noted there, carried by the replies, and told to
// the daemon's meter.
import type { Labels, Meter } from '../core/ports/meter.ts';
import type { MetricName } from '../core/metric-catalogue.ts';

type Verb = 'add' | 'restate' | 'set' | 'observe';

export interface MetricSample {
  readonly verb: Verb;
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Whoever drains it bounds it: a batch notes a handful. */
export class RelayMeter implements Meter {
  #samples: MetricSample[] = [];

  add<Name extends MetricName>(name: Name, labels: Labels<Name>, by = 1): void {
    this.#samples.push({ verb: 'add', name, labels, value: by });
  }

  restate<Name extends MetricName>(name: Name, labels: Labels<Name>, total: number): void {
    this.#samples.push({ verb: 'restate', name, labels, value: total });
  }

  set<Name extends MetricName>(name: Name, labels: Labels<Name>, value: number): void {
    this.#samples.push({ verb: 'set', name, labels, value });
  }

  observe<Name extends MetricName>(name: Name, labels: Labels<Name>, value: number): void {
    this.#samples.push({ verb: 'observe', name, labels, value });
  }

  /** What was noted since the last call. */
  drain(): readonly MetricSample[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }
}

export const replay = (samples: readonly MetricSample[], meter: Meter): void => {
  // Each sample was typed when it was noted; the wire keeps names and labels together.
  const untyped = meter as unknown as Record<
    Verb,
    (name: MetricName, labels: MetricSample['labels'], value: number) => void
  >;
  for (const { verb, name, labels, value } of samples) untyped[verb](name, labels, value);
};
