// One JSON log record as a short line for people: time, level, message, then its fields.

const LEVELS: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info ',
  40: 'WARN ',
  50: 'ERROR',
};

const showValue = (value: unknown): string =>
  typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value);

export const prettyLine = (json: string): string => {
  const { level, time, message, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${showValue(value)}`);
  return `${clock} ${LEVELS[Number(level)] ?? String(level)} ${String(message)}${shown.join('')}\n`;
};
