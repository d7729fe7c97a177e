// A port of loopback that nobody listens on at the moment.
import { once } from 'node:events';
import { createServer } from 'node:net';

export const freePort = async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (address === null || typeof address === 'string') throw new Error('a server without a port');
  return address.port;
};
