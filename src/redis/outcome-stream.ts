// The stream of outcomes, and its one reader.
import type { RedisLink } from './redis-link.ts';

export const OUTCOME_GROUP = 'gateway';

export const outcomeStream = (link: RedisLink): string => `${link.prefix}:outcomes`;
