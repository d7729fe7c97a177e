// Metrics as a port. Names and labels come from the catalogue only.
import type { METRICS, MetricName } from '../metric-catalogue.ts';

type Named<Type extends string> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

export type Labels<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]['labels'][number], string>
>;

export interface Meter {
  add<Name extends Named<'counter'>>(name: Name, labels: Labels<Name>, by?: number): void;
  /** Sets a counter to what was counted elsewhere. */
  restate<Name extends Named<'counter'>>(name: Name, labels: Labels<Name>, total: number): void;
  set<Name extends Named<'gauge'>>(name: Name, labels: Labels<Name>, value: number): void;
  observe<Name extends Named<'histogram'>>(name: Name, labels: Labels<Name>, value: number): void;
}

export const silentMeter: Meter = {
  add: () => undefined,
  restate: () => undefined,
  set: () => undefined,
  observe: () => undefined,
};
