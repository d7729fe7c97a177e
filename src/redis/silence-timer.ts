// ioredis keeps the timer of `socketTimeout` when a connection closes while an answer is awaited. It then holds the
// process for as long, and, worse, ends whatever connection there is by then, a new one in the midst of its work.
import { Cluster, type Redis } from 'ioredis';

/** Its own name for it; the test that a closed connection leaves no timer fails when that changes. */
const TIMER = 'socketTimeoutTimer';

const isTimer = (value: unknown): value is NodeJS.Timeout =>
  typeof value === 'object' && value !== null && 'hasRef' in value;

const endWithConnection = (client: Redis): void => {
  client.on('close', () => {
    const timer: unknown = Reflect.get(client, TIMER);
    if (!isTimer(timer)) return;
    clearTimeout(timer);
    Reflect.set(client, TIMER, undefined);
  });
};

/** Takes the timer away with each connection of the client that closes. */
export const endSilenceTimer = (client: Redis | Cluster): void => {
  if (client instanceof Cluster) client.on('+node', endWithConnection);
  else endWithConnection(client);
};
