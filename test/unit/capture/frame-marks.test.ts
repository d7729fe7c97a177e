import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameMarks } from '../../../src/capture/frame-marks.ts';

const mark = (timeMs: number, { isKey = false, isChosen = true } = {}): string =>
  `[warning] ${8 * timeMs + (isKey ? 2 : 0) + (isChosen ? 1 : 0)}.000000\n`;

const open = (): { marks: FrameMarks; lines: string[]; judged: [number, boolean][] } => {
  const lines: string[] = [];
  const judged: [number, boolean][] = [];
  const marks = new FrameMarks({
    onLine: (line) => lines.push(line),
    judge: ({ timeMs, isKey }) => {
      judged.push([timeMs, isKey]);
      return lines.includes('damage');
    },
  });
  return { marks, lines, judged };
};

it('reads the times, cut anywhere, and hands every other line on', () => {
  const ptsList = fc.array(fc.integer({ min: -1000, max: 2 ** 45 }), { maxLength: 10 });
  fc.assert(
    fc.property(ptsList, fc.array(fc.integer({ min: 1, max: 60 })), (pts, cuts) => {
      const { marks, lines } = open();
      const text = pts.map((value) => `${mark(value)}[info] other\r\n`).join('');
      let offset = 0;
      for (const cut of cuts) {
        marks.push(text.slice(offset, offset + cut));
        offset += cut;
      }
      marks.push(text.slice(offset));
      expect(pts.map(() => marks.take())).toEqual(
        pts.map((timeMs) => ({ timeMs, isDamaged: false })),
      );
      expect(lines).toEqual(pts.map(() => '[info] other'));
    }),
  );
});

it('judges every decoded frame, in order with the messages, and hands out the chosen ones', () => {
  const { marks, judged } = open();
  marks.push(mark(0, { isKey: true }) + mark(40, { isChosen: false }) + 'damage\n' + mark(80));
  expect(judged).toEqual([
    [0, true],
    [40, false],
    [80, false],
  ]);
  expect(marks.take()).toEqual({ timeMs: 0, isDamaged: false });
  expect(marks.take()).toEqual({ timeMs: 80, isDamaged: true });
});

it('takes nothing from a title that looks like a mark', () => {
  const { marks } = open();
  marks.push(`[info]     title : ${mark(7)}${mark(5)}`);
  expect(marks.take()).toEqual({ timeMs: 5, isDamaged: false });
});

it('holds no more of an endless line than its beginning', () => {
  const { marks, lines } = open();
  for (let count = 0; count < 100; count += 1) marks.push('x'.repeat(1_000));
  marks.push(`\n${mark(5)}`);
  expect(lines).toHaveLength(1);
  expect(lines[0]!.length).toBeLessThan(10_000);
  expect(marks.take()).toEqual({ timeMs: 5, isDamaged: false });
});

it('lets a frame wait for its mark', async () => {
  const { marks } = open();
  const taken = marks.take();
  marks.push(mark(120));
  expect(await taken).toEqual({ timeMs: 120, isDamaged: false });
});

it('fails whoever waits, or comes later, when no more marks come', async () => {
  const { marks } = open();
  const waiting = marks.take();
  marks.close();
  await expect(waiting).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  await expect(marks.take()).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
});
