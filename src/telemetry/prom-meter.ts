// The metric catalogue on prom-client, in a registry of its own.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import { METRICS, type MetricName } from '../core/metric-catalogue.ts';
import type { Labels, Meter } from '../core/ports/meter.ts';

interface Declaration {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

export class PromMeter implements Meter {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #beforeScrape: (() => void | Promise<void>)[] = [];

  constructor() {
    const declarations: readonly [string, Declaration][] = Object.entries(METRICS);
    for (const [name, declaration] of declarations) this.#declare(name, declaration);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Adds what prom-client knows of the process itself. */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Runs before each scrape, for gauges that are read rather than reported. */
  beforeScrape(update: () => void | Promise<void>): void {
    this.#beforeScrape.push(update);
  }

  add<Name extends MetricName>(name: Name, labels: Labels<Name>, by = 1): void {
    this.#counters.get(name)?.inc(labels, by);
  }

  restate<Name extends MetricName>(name: Name, labels: Labels<Name>, total: number): void {
    const counter = this.#counters.get(name);
    counter?.remove(labels);
    counter?.inc(labels, total);
  }

  set<Name extends MetricName>(name: Name, labels: Labels<Name>, value: number): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  /** Takes a gauge's series away, until it is set again: what is not known is no number. */
  forget<Name extends MetricName>(name: Name, labels: Labels<Name>): void {
    this.#gauges.get(name)?.remove(labels);
  }

  observe<Name extends MetricName>(name: Name, labels: Labels<Name>, value: number): void {
    this.#histograms.get(name)?.observe(labels, value);
  }

  /** The exposition text. */
  async scrape(): Promise<string> {
    for (const update of this.#beforeScrape) await update();
    return this.#registry.metrics();
  }

  #declare(name: string, { type, help, labels, buckets }: Declaration): void {
    const common = { name, help, labelNames: [...labels], registers: [this.#registry] };
    switch (type) {
      case 'counter':
        this.#counters.set(name, new Counter(common));
        break;
      case 'gauge':
        this.#gauges.set(name, new Gauge(common));
        // The library starts those without labels at 0, which would speak of parts that don't run in this process.
        if (labels.length === 0) this.#gauges.get(name)?.remove({});
        break;
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...common, buckets: [...(buckets ?? [])] }));
    }
  }
}
