// The version of the package, read from the package itself.
import { readFileSync } from 'node:fs';

const readVersion = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

export const VERSION: string = readVersion();
