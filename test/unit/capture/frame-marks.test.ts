import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameTimes } from '../../../src/capture/frame-times.ts';

const metadata = (index: number, pts: number | 'NOPTS'): string =>
  `frame:${String(index).padEnd(4)} pts:${String(pts).padEnd(7)} pts_time:${pts}\npatchwatch=1\n`;

const showinfo = (index: number, pts: number): string =>
  `[Parsed_showinfo_4 @ 0x3f3c0a40] [info] n:${String(index).padStart(4)} pts:${String(pts).padStart(7)} pts_time:0.5 pos: 48 fmt:rgb24\n` +
  '[Parsed_showinfo_4 @ 0x3f3c0a40] [info] color_range:unknown\n';

it.each([
  ['the metadata filter', metadata],
  ['showinfo', showinfo],
])('reads the times of %s, cut anywhere', (_, line) => {
  const ptsList = fc.array(fc.integer({ min: -1000, max: 2 ** 45 }), { maxLength: 10 });
  fc.assert(
    fc.property(ptsList, fc.array(fc.integer({ min: 1, max: 60 })), (pts, cuts) => {
      const times = new FrameTimes();
      const text = `${pts.map((value, index) => line(index, value)).join('')}frame:`;
      let offset = 0;
      for (const cut of cuts) {
        times.push(text.slice(offset, offset + cut));
        offset += cut;
      }
      times.push(text.slice(offset));
      expect(pts.map(() => times.take())).toEqual(pts);
    }),
  );
});

it('takes nothing from a title that looks like a time', () => {
  const times = new FrameTimes();
  times.push('[info]     title : [Parsed_showinfo_4 @ 0x1] [info] n:   0 pts:   7 pts_time:1\n');
  times.push(showinfo(0, 5));
  expect(times.take()).toBe(5);
});

it('gives a frame without a time the one before it', () => {
  const times = new FrameTimes();
  times.push(metadata(0, 'NOPTS') + metadata(1, 40) + metadata(2, 'NOPTS'));
  expect([times.take(), times.take(), times.take()]).toEqual([0, 40, 40]);
});

it('lets a frame wait for its time', async () => {
  const times = new FrameTimes();
  const taken = times.take();
  times.push(metadata(0, 120));
  expect(await taken).toBe(120);
});

it('fails whoever waits, or comes later, when no more times come', async () => {
  const times = new FrameTimes();
  times.push(metadata(0, 0));
  expect(times.take()).toBe(0);
  const waiting = times.take();
  times.close();
  await expect(waiting).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  await expect(times.take()).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
});
