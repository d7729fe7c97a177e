import { describe, expect, test } from 'vitest';

import { programName } from '../../../src/process/command-line.ts';

describe('programName', () => {
  test.each([
    ['/usr/local/bin/patchwatch', '/home/me', 'patchwatch'],
    ['/srv/patchwatch/dist/main.js', '/srv/patchwatch', 'node dist/main.js'],
    ['/opt/patchwatch/dist/main.js', '/var/lib/patchwatch', 'node /opt/patchwatch/dist/main.js'],
    ['/srv/my cameras/dist/main.js', '/srv', "node 'my cameras/dist/main.js'"],
    [undefined, '/', 'patchwatch'],
  ])('started as %s in %s: %s', (script, cwd, name) => {
    expect(programName(script, cwd)).toBe(name);
  });
});
