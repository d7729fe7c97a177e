import { pino } from 'pino';
import { describe, expect, test } from 'vitest';

import { PinoLogger } from '../../../src/telemetry/pino-logger.ts';
import { prettyLine } from '../../../src/telemetry/pretty-line.ts';

const SECRET = 'hunter2';
const URL_WITH_SECRET = `rtsp://admin:${SECRET}@camera.example/stream?token=${SECRET}`;

/** A logger, and the records that it wrote. */
const logging = (level = 'debug') => {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logger = new PinoLogger({
    pino: pino({ level, base: null, messageKey: 'message' }, destination),
    outlet: undefined,
  });
  return {
    logger,
    text: () => lines.join(''),
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
};

describe('PinoLogger', () => {
  test('one JSON record a line: level, message, fields', () => {
    const { logger, records } = logging();
    logger.debug('a', { n: 1 });
    logger.info('b');
    logger.warn('c', { list: [1, 'two', null], deep: { on: true } });
    logger.error('d');
    expect(records()).toMatchObject([
      { level: 20, message: 'a', n: 1 },
      { level: 30, message: 'b' },
      { level: 40, message: 'c', list: [1, 'two', null], deep: { on: true } },
      { level: 50, message: 'd' },
    ]);
  });

  test('nothing below its level', () => {
    const { logger, records } = logging('warn');
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    expect(records()).toMatchObject([{ message: 'c' }]);
  });

  test.each([
    ['the message', (logger: PinoLogger) => logger.info(`opening ${URL_WITH_SECRET}`)],
    ['a field', (logger: PinoLogger) => logger.debug('m', { url: URL_WITH_SECRET })],
    [
      'a field in a field',
      (logger: PinoLogger) => logger.warn('m', { camera: { url: URL_WITH_SECRET } }),
    ],
    ['a list', (logger: PinoLogger) => logger.error('m', { args: ['-i', URL_WITH_SECRET] })],
    ['an error', (logger: PinoLogger) => logger.error('m', { err: new Error(URL_WITH_SECRET) })],
    ['a child’s fields', (logger: PinoLogger) => logger.child({ url: URL_WITH_SECRET }).info('m')],
    ['a child’s message', (logger: PinoLogger) => logger.child({}).info(URL_WITH_SECRET)],
  ])('credentials are struck out of %s', (_where, log) => {
    const { logger, text } = logging();
    log(logger);
    expect(text()).not.toContain(SECRET);
    expect(text()).not.toContain('admin');
    expect(text()).toContain('rtsp://***@camera.example/stream?token=***');
  });

  test('an error keeps its message and stack', () => {
    const { logger, records } = logging();
    logger.error('failed', { err: new TypeError('odd') });
    expect(records()[0]?.err).toMatchObject({
      message: 'odd',
      stack: expect.stringContaining('TypeError: odd') as string,
    });
  });

  test('what was passed in is left as it was', () => {
    const { logger } = logging();
    const fields = { url: URL_WITH_SECRET, deep: { url: URL_WITH_SECRET } };
    logger.info('m', fields);
    expect(fields).toEqual({ url: URL_WITH_SECRET, deep: { url: URL_WITH_SECRET } });
  });

  test('a child says what its parent says, and more', () => {
    const { logger, records } = logging();
    logger.child({ cameraId: 'door' }).child({ attempt: 2 }).warn('retrying', { delayMs: 100 });
    logger.info('other');
    expect(records()[0]).toMatchObject({ cameraId: 'door', attempt: 2, delayMs: 100 });
    expect(records()[1]).not.toHaveProperty('cameraId');
  });
});

test('prettyLine: time, level, message and fields on one line', () => {
  const time = new Date(2026, 4, 4, 13, 2, 1).toISOString();
  const record = { level: 40, time, message: 'retrying', cameraId: 'door', why: 'no route', n: 3 };
  expect(prettyLine(JSON.stringify(record))).toBe(
    '13:02:01 WARN  retrying cameraId=door why="no route" n=3\n',
  );
});
