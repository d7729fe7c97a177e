// The dashboard and the alert rules ask for metrics that exist, with labels that they have, in PromQL that parses.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { METRICS } from '../../src/core/metric-catalogue.ts';

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy');

/** Labels that Prometheus adds to every series, and the one of a histogram's buckets. */
const SCRAPE_LABELS = ['job', 'instance'];

interface Expression {
  readonly place: string;
  readonly expr: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; definition?: string }[] };
}

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

const dashboardText = readFileSync(join(DEPLOY, 'grafana/dashboards/patchwatch.json'), 'utf8');
const dashboard = JSON.parse(dashboardText) as Dashboard;
const rules = parse(readFileSync(join(DEPLOY, 'alerts.rules.yml'), 'utf8')) as RuleFile;

const panelExpressions: readonly Expression[] = dashboard.panels.flatMap(
  ({ title, targets = [] }) => targets.map(({ expr }) => ({ place: `panel "${title}"`, expr })),
);

/** The selectors within `label_values(selector, label)`. */
const variableExpressions: readonly Expression[] = dashboard.templating.list.flatMap(
  ({ name, definition }) =>
    definition === undefined
      ? []
      : [
          {
            place: `variable ${name}`,
            expr: /^label_values\((.*), \w+\)$/.exec(definition)?.[1] ?? '',
          },
        ],
);

const ruleExpressions: readonly Expression[] = rules.groups
  .flatMap((group) => group.rules)
  .map(({ alert, expr }) => ({ place: `rule ${alert}`, expr }));

const expressions = [...panelExpressions, ...variableExpressions, ...ruleExpressions];

/** Grafana puts durations there; within quotes its other variables are just text. */
const withoutGrafana = (expr: string): string => expr.replaceAll('$__rate_interval', '5m');

interface Reading {
  readonly hasError: boolean;
  readonly metrics: readonly string[];
  readonly matchers: readonly { readonly metric: string; readonly label: string }[];
}

const readExpression = (expr: string): Reading => {
  const text = withoutGrafana(expr);
  const metrics: string[] = [];
  const matchers: { metric: string; label: string }[] = [];
  let hasError = text.trim() === '';
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) hasError = true;
      if (node.name !== 'VectorSelector') return;
      const name = node.node.getChild('Identifier');
      const metric = name === null ? '' : text.slice(name.from, name.to);
      metrics.push(metric);
      for (const matcher of node.node
        .getChild('LabelMatchers')
        ?.getChildren('UnquotedLabelMatcher') ?? []) {
        const label = matcher.getChild('LabelName');
        if (label !== null) matchers.push({ metric, label: text.slice(label.from, label.to) });
      }
    },
  });
  return { hasError, metrics, matchers };
};

/** Series names as they are scraped, with their labels. */
const labelsBySeries = new Map<string, readonly string[]>([
  ['up', SCRAPE_LABELS],
  ...Object.entries(METRICS).flatMap(([name, { type, labels }]): [string, readonly string[]][] => {
    const all = [...labels, ...SCRAPE_LABELS];
    if (type !== 'histogram') return [[name, all]];
    return [
      [`${name}_bucket`, [...all, 'le']],
      [`${name}_sum`, all],
      [`${name}_count`, all],
    ];
  }),
]);

test('the parser tells right from wrong', () => {
  expect(readExpression('rate(a[$__rate_interval])').hasError).toBe(false);
  expect(readExpression('rate(a[5m]').hasError).toBe(true);
  const { metrics, matchers } = readExpression('sum by (x) (a{l="1"}) / on (y) b_total{m=~"$n"}');
  expect(metrics).toEqual(['a', 'b_total']);
  expect(matchers.map(({ label }) => label)).toEqual(['l', 'm']);
});

test('there is something to check', () => {
  expect(panelExpressions.length).toBeGreaterThan(20);
  expect(variableExpressions.length).toBeGreaterThan(1);
  expect(ruleExpressions.length).toBeGreaterThan(5);
});

test.each(expressions)('$place: $expr', ({ expr }) => {
  const { hasError, metrics, matchers } = readExpression(expr);
  expect(hasError, 'PromQL that parses').toBe(false);
  expect(metrics.length).toBeGreaterThan(0);
  expect(metrics.filter((name) => !labelsBySeries.has(name))).toEqual([]);
  expect(
    matchers.filter(({ metric, label }) => !labelsBySeries.get(metric)?.includes(label)),
  ).toEqual([]);
});

test('counters are read by how fast they grow', () => {
  const bare = expressions.flatMap(({ place, expr }) =>
    Object.entries(METRICS)
      .filter(([, { type }]) => type === 'counter')
      .filter(([name]) => new RegExp(`(?<!(rate|increase)\\()${name}\\b`).test(expr))
      .map(([name]) => `${place}: ${name}`),
  );
  expect(bare).toEqual([]);
});

test('every variable that the dashboard uses is declared', () => {
  const declared = new Set(dashboard.templating.list.map(({ name }) => name));
  const used = [...dashboardText.matchAll(/\$\{?(?!__)([a-z]\w*)/g)].map((match) => match[1] ?? '');
  expect(used.length).toBeGreaterThan(0);
  expect([...new Set(used)].filter((name) => !declared.has(name))).toEqual([]);
});

test('panels have ids of their own, say what they show, and do not overlap', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const shown = panels.filter(({ type }) => type !== 'row');
  expect(shown.filter(({ description = '' }) => description === '')).toEqual([]);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([]);
});
