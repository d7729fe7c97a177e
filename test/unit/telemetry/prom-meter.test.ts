import { describe, expect, test } from 'vitest';

import { METRICS, type MetricName } from '../../../src/core/metric-catalogue.ts';
import { PromMeter } from '../../../src/telemetry/prom-meter.ts';

const linesOf = async (meter: PromMeter): Promise<string[]> => (await meter.scrape()).split('\n');

describe('PromMeter', () => {
  test('declares every metric of the catalogue, with its type and help', async () => {
    const lines = await linesOf(new PromMeter());
    for (const [name, { type, help }] of Object.entries(METRICS)) {
      expect(lines).toContain(`# TYPE ${name} ${type}`);
      expect(lines).toContain(`# HELP ${name} ${help}`);
    }
    const declared = lines.filter((line) => line.startsWith('# TYPE '));
    expect(declared).toHaveLength(Object.keys(METRICS).length);
  });

  test('the catalogue keeps to the naming rules', () => {
    for (const [name, { type, labels }] of Object.entries(METRICS)) {
      expect(name).toMatch(/^patchwatch_[a-z0-9_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
    }
  });

  test('counters add up, per label', async () => {
    const meter = new PromMeter();
    const name = 'patchwatch_frames_dropped_total' satisfies MetricName;
    meter.add(name, { camera: 'door', reason: 'too_old' }, 3);
    meter.add(name, { camera: 'door', reason: 'too_old' });
    meter.add(name, { camera: 'gate', reason: 'queue_full' }, 2);
    const lines = await linesOf(meter);
    expect(lines).toContain(`${name}{camera="door",reason="too_old"} 4`);
    expect(lines).toContain(`${name}{camera="gate",reason="queue_full"} 2`);
  });

  test('a gauge that was never set, or is forgotten, has no value', async () => {
    const meter = new PromMeter();
    const values = async () => (await linesOf(meter)).filter((line) => /^patchwatch_sc/.test(line));
    const gauges = async () =>
      (await values()).filter((line) => !/_(?:total|sum|count|bucket)/.test(line));
    expect(await gauges()).toEqual([]);
    meter.set('patchwatch_scorer_up', {}, 0);
    meter.set('patchwatch_score', { camera: 'door' }, 12);
    meter.set('patchwatch_score', { camera: 'gate' }, 13);
    meter.forget('patchwatch_score', { camera: 'door' });
    expect(await gauges()).toEqual([
      'patchwatch_score{camera="gate"} 13',
      'patchwatch_scorer_up 0',
    ]);
  });

  test('gauges keep the last value', async () => {
    const meter = new PromMeter();
    meter.set('patchwatch_score', { camera: 'door' }, 12);
    meter.set('patchwatch_score', { camera: 'door' }, 7.5);
    meter.set('patchwatch_scorer_up', {}, 1);
    const lines = await linesOf(meter);
    expect(lines).toContain('patchwatch_score{camera="door"} 7.5');
    expect(lines).toContain('patchwatch_scorer_up 1');
  });

  test('histograms count into the catalogue’s buckets', async () => {
    const meter = new PromMeter();
    const name = 'patchwatch_scorer_batch_frames' satisfies MetricName;
    for (const frames of [1, 3, 40]) meter.observe(name, {}, frames);
    const lines = (await linesOf(meter)).filter((line) => line.startsWith(name));
    expect(lines).toEqual([
      `${name}_bucket{le="1"} 1`,
      `${name}_bucket{le="2"} 1`,
      `${name}_bucket{le="4"} 2`,
      `${name}_bucket{le="8"} 2`,
      `${name}_bucket{le="16"} 2`,
      `${name}_bucket{le="32"} 2`,
      `${name}_bucket{le="+Inf"} 3`,
      `${name}_sum 44`,
      `${name}_count 3`,
    ]);
  });

  test('gauges that are read are brought up to date before each scrape', async () => {
    const meter = new PromMeter();
    let frames = 0;
    meter.beforeScrape(async () => {
      await Promise.resolve();
      meter.set('patchwatch_queue_frames', {}, ++frames);
    });
    expect(await linesOf(meter)).toContain('patchwatch_queue_frames 1');
    expect(await linesOf(meter)).toContain('patchwatch_queue_frames 2');
  });

  test('two meters share nothing', async () => {
    const [one, other] = [new PromMeter(), new PromMeter()];
    one.add('patchwatch_scorer_restarts_total', {}, 5);
    expect(await linesOf(other)).toContain('patchwatch_scorer_restarts_total 0');
  });

  test('Prometheus is told which format it gets', () => {
    expect(new PromMeter().contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});
