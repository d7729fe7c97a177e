// The live page in a real Chromium, on the demo's daemon.
import { existsSync } from 'node:fs';

import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Patchwatch } from '../support/patchwatch.ts';
import { waitUntil } from '../support/wait-until.ts';

const CHROMIUM = '/usr/bin/chromium';

describe.skipIf(!existsSync(CHROMIUM))('live page (needs Chromium)', () => {
  let demo: Patchwatch;
  let browser: Browser;
  let url = '';

  beforeAll(async () => {
    demo = new Patchwatch(['demo', '--port', '0']);
    await waitUntil(() => demo.stdout.includes('live page: '), 60_000, 'the demo');
    url = /live page: (\S+)/.exec(demo.stdout)?.[1] ?? '';
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser.close();
    await demo[Symbol.asyncDispose]();
  });

  test('shows the camera, its picture with a heat map, and the alert as it comes', async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(url);
    await page.getByText('live', { exact: true }).waitFor();
    await page.locator('[data-camera="square"] .waiting').waitFor({ state: 'hidden' });
    await page.locator('#alerts li').first().waitFor({ timeout: 40_000 });

    const isPainted = (selector: string): Promise<boolean> =>
      page.evaluate((what) => {
        const canvas = document.querySelector<HTMLCanvasElement>(what);
        const pixels = canvas
          ?.getContext('2d')
          ?.getImageData(0, 0, canvas.width, canvas.height).data;
        return pixels?.some((value) => value > 0) ?? false;
      }, selector);
    expect(await isPainted('.frame')).toBe(true);
    // Alerts of an earlier run are there at once; maps come with the frames.
    await waitUntil(() => isPainted('.heat'), 40_000, 'the heat map');
    expect(await isPainted('.trace')).toBe(true);
    expect(await page.locator('#alerts li').first().textContent()).toMatch(/square.*score \d+/);
    expect(problems).toEqual([]);
  });

  test('fits a phone', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    await page.goto(url);
    await page.locator('[data-camera="square"]').waitFor();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });

  test('says when the daemon is gone', async () => {
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByText('live', { exact: true }).waitFor();
    demo.kill('SIGTERM');
    await page.getByText(/disconnected|connecting/).waitFor();
  });
});
