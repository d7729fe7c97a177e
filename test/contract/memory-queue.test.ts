import { MemoryFrameQueue } from '../../src/queue/memory-queue.ts';
import { frameQueueSuite } from './frame-queue-suite.ts';

frameQueueSuite('MemoryFrameQueue', (setting) =>
  Promise.resolve({
    queue: new MemoryFrameQueue(setting),
    untilTold: () => Promise.resolve(),
    release: () => Promise.resolve(),
  }),
);
