import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StderrRing } from '../../../../src/capture/ffmpeg/stderr-ring.ts';

const ring = (options: Partial<ConstructorParameters<typeof StderrRing>[0]> = {}): StderrRing =>
  new StderrRing({ maxLines: 5, maxLineChars: 60, secrets: [], ...options });

it('keeps the last lines, the unfinished one included', () => {
  const kept = ring();
  for (let line = 0; line < 100; line += 1) kept.push(`line ${line}\n`);
  kept.push('and');
  expect(kept.lines()).toEqual(['line 95', 'line 96', 'line 97', 'line 98', 'line 99', 'and']);
});

it('is bounded whatever is written and however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 200, unit: 'binary' })), (pieces) => {
      const kept = ring();
      for (const piece of pieces) kept.push(piece);
      const lines = kept.lines();
      expect(lines.length).toBeLessThanOrEqual(6);
      expect(Math.max(0, ...lines.map((line) => line.length))).toBeLessThanOrEqual(61);
    }),
  );
});

it('gives the same lines however they are cut', () => {
  const text = 'one\r\ntwo two\n\n  three\rfour';
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length }), (cut) => {
      const kept = ring();
      kept.push(text.slice(0, cut));
      kept.push(text.slice(cut));
      expect(kept.lines()).toEqual(['one', 'two two', 'three', 'four']);
    }),
  );
});

it('never shows a password, not even where a long line is cut inside of it', () => {
  const address = 'rtsp://admin:s3cretword@cam/1';
  for (let padding = 0; padding < 80; padding += 1) {
    const kept = ring({ secrets: ['s3cretword'] });
    kept.push(`${'x'.repeat(padding)} ${address} failed\n`);
    expect(kept.lines().join()).not.toMatch(/s3c|admin:/);
  }
});

it('strikes secrets outside of addresses too', () => {
  const kept = ring({ secrets: ['s3cret!word'] });
  kept.push('password s3cret!word is wrong\n');
  expect(kept.lines()).toEqual(['password *** is wrong']);
});
