import { expect, test } from 'vitest';

import { PromMeter } from '../../../src/telemetry/prom-meter.ts';
import { RelayMeter, replay } from '../../../src/scoring/relay-meter.ts';

test('what is noted in one process shows in the meter of another, once', async () => {
  const relay = new RelayMeter();
  relay.add('patchwatch_scene_model_evictions_total', {});
  relay.add('patchwatch_scene_model_evictions_total', {}, 2);
  relay.set('patchwatch_scene_models', {}, 7);
  relay.observe('patchwatch_scene_model_load_seconds', {}, 0.004);
  const meter = new PromMeter();
  const overTheWire = JSON.stringify(relay.drain());
  replay(JSON.parse(overTheWire) as ReturnType<RelayMeter['drain']>, meter);
  replay(relay.drain(), meter);
  const text = await meter.scrape();
  expect(text).toMatch(/^patchwatch_scene_model_evictions_total 3$/m);
  expect(text).toMatch(/^patchwatch_scene_models 7$/m);
  expect(text).toMatch(/^patchwatch_scene_model_load_seconds_count 1$/m);
});
