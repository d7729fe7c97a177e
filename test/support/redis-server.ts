// The Redis of tools/support, as tests use it: only where redis-server is installed.
import { spawnSync } from 'node:child_process';

export { freePort } from '../../tools/support/free-port.mjs';
export { RedisServer } from '../../tools/support/redis-server.mjs';

/** Tests that need Redis are skipped where it is not installed; `npm test` installs it where it can. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
