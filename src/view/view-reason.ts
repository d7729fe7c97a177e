// What a verdict was made by, in words for people.
import type { ViewVerdict } from '../core/event.ts';
import type { ViewReading } from './view-fields.ts';

export const viewReason = (verdict: ViewVerdict, reading: ViewReading): string => {
  switch (verdict) {
    case 'dark':
      return `${percent(reading.dark)} of the picture is black and ${percent(reading.lost)} of what was learnt is gone`;
    case 'bright':
      return `${percent(reading.bright)} of the picture is white and ${percent(reading.lost)} of what was learnt is gone`;
    case 'covered':
      return `something smooth hides ${percent(reading.lostSmooth)} of what was learnt`;
    case 'frozen':
      return 'the picture repeats itself, though time stamps go on';
    case 'defocused':
      return `fine structure is down to ${percent(Math.exp(reading.sharpness))} of what was learnt`;
    case 'moved':
      return reading.registered === 1 ? placementWords(reading) : 'the picture shows another view';
    case 'damaged':
      return 'the decoder leaves parts of the picture grey';
  }
};

const placementWords = ({ shiftX, shiftY, turn, zoom }: ReadonlyReading): string => {
  const words = [
    `shifted by ${shiftX.toFixed(1)}, ${shiftY.toFixed(1)} px`,
    ...(Math.abs(turn) >= 0.01 ? [`turned by ${((turn * 180) / Math.PI).toFixed(1)}°`] : []),
    ...(Math.abs(zoom) >= 0.01 ? [`zoomed by ${(zoom * 100).toFixed(0)} %`] : []),
  ];
  return `the view is ${words.join(', ')} (of 256)`;
};

type ReadonlyReading = Pick<ViewReading, 'shiftX' | 'shiftY' | 'turn' | 'zoom'>;

const percent = (share: number): string => `${Math.round(share * 100)} %`;
