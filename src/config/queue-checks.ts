// What no single setting of the queue shows: which Redis, and one way to it only.
import type { IssueProblem } from './issue-text.ts';
import { pathText, type Path } from './problem.ts';
import type { QueueDocument } from './queue-schema.ts';

const REDIS: Path = ['queue', 'redis'];

const problem = (path: Path, text: string): IssueProblem => ({
  path,
  at: 'key',
  text: `${pathText(path)}: ${text}`,
});

/** Ways to Redis that are written down: one is needed, two contradict each other. */
const ways = (
  { sentinels, cluster }: QueueDocument['redis'],
  keys: readonly string[],
): string[] => [
  ...keys.filter((key) => key === 'url' || key === 'urlFile').slice(0, 1),
  ...(sentinels.length > 0 ? ['sentinels'] : []),
  ...(cluster.length > 0 ? ['cluster'] : []),
];

export const queueChecks = (
  { kind, redis }: QueueDocument,
  keys: (path: Path) => readonly string[],
): IssueProblem[] => {
  const problems: IssueProblem[] = [];
  const found = ways(redis, keys(REDIS));
  if (kind === 'bullmq' && found.length === 0) {
    const place: Path = keys(['queue']).includes('redis') ? REDIS : ['queue', 'kind'];
    const at = place === REDIS ? '' : 'bullmq needs queue.redis: ';
    problems.push(
      problem(place, `${at}no way to Redis; add one, such as url: redis://127.0.0.1:6379`),
    );
  }
  if (found.length > 1) {
    problems.push(
      problem([...REDIS, found[1] ?? ''], `not allowed beside ${found[0]}; remove one of them`),
    );
  }
  if (redis.sentinels.length > 0 && redis.sentinelName === undefined) {
    problems.push(
      problem([...REDIS, 'sentinels'], 'need sentinelName, the name of the master they watch'),
    );
  }
  const { certFile, keyFile } = redis.tls;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const [has, lacks] = certFile === undefined ? ['keyFile', 'certFile'] : ['certFile', 'keyFile'];
    problems.push(problem([...REDIS, 'tls', has], `needs ${lacks} beside it`));
  }
  return problems;
};
