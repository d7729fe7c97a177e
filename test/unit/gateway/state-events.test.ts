import { expect, it } from 'vitest';

import type { Event, RefusedModel } from '../../../src/core/event.ts';
import { cameraId, sceneId } from '../../../src/core/ids.ts';
import type { CameraStatus } from '../../../src/core/ports/live-state.ts';
import { EventTail } from '../../../src/events/event-tail.ts';
import { StateEvents } from '../../../src/gateway/state-events.ts';
import { SimClock } from '../../support/sim-clock.ts';

const GATE = cameraId('gate');
const DAY = sceneId('day');
const NIGHT = sceneId('night');

/** A log that outlives the processes which write it. */
const installation = () => {
  const log = new EventTail(0);
  const clock = new SimClock();
  const told: Event[] = [];
  const started = (): StateEvents => {
    const states = new StateEvents({
      log,
      clock,
      onEvent: (event) => {
        told.push(event);
        log.push(log.number([event]));
      },
    });
    states.restore();
    return states;
  };
  /** What was told since the last call. */
  const took = () =>
    told
      .splice(0)
      .map((event) =>
        event.kind === 'scene' ? `${event.sceneId} ${event.change} ${event.reason ?? ''}` : event,
      );
  return { started, took };
};

const misfit: RefusedModel = { sceneId: DAY, modelVersion: 'a', reason: 'does not fit' };
const broken: RefusedModel = { sceneId: NIGHT, modelVersion: undefined, reason: 'is damaged' };

const scored = (scene: CameraStatus['sceneId'], modelVersion: string): CameraStatus => ({
  cameraId: GATE,
  state: 'connecting',
  reason: undefined,
  sceneId: scene,
  modelVersion,
  isAlertOpen: false,
});

it('a model that is refused is told once for each cause, however often it is looked at', () => {
  const { started, took } = installation();
  const states = started();
  states.seeRefused(GATE, [misfit, broken]);
  expect(took()).toEqual(['day refused does not fit', 'night refused is damaged']);
  states.seeRefused(GATE, [misfit, broken]);
  states.seeRefused(cameraId('gate-2'), []);
  expect(took()).toEqual([]);
  states.seeRefused(GATE, [{ ...misfit, modelVersion: 'b' }, broken]);
  expect(took()).toEqual(['day refused does not fit']);
});

it('one that was mended is told when it is refused again', () => {
  const { started, took } = installation();
  const states = started();
  states.seeRefused(GATE, [misfit]);
  states.seeRefused(GATE, []);
  states.seeRefused(GATE, [misfit]);
  expect(took()).toHaveLength(2);
});

it('a restart tells nothing anew that is as it was', () => {
  const { started, took } = installation();
  started().seeRefused(GATE, [misfit]);
  took();
  started().seeRefused(GATE, [misfit]);
  expect(took()).toEqual([]);
});

it('a model that scores after one was refused is told, and so is the next that is refused', () => {
  const { started, took } = installation();
  const states = started();
  states.see(scored(DAY, 'first'));
  states.seeRefused(GATE, [misfit]);
  states.seeRefused(GATE, []);
  states.see(scored(DAY, 'second'));
  expect(took()).toEqual(['day fitted ', 'day refused does not fit', 'day swapped ']);
  const later = started();
  later.see(scored(DAY, 'second'));
  later.seeRefused(GATE, [misfit]);
  expect(took()).toEqual(['day refused does not fit']);
});
