/** Who reads what, from the very subscriptions with which the processes start. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Subscription } from '@merit/chassis/in/consumer';
import { ROOT, SERVICES, type Service } from '../start.plan.js';

export interface Reading {
  readonly reader: Service | 'gateway';
  readonly topic: string;
  /** Full names, sorted; null for all that there are. */
  readonly types: readonly string[] | null;
}

const built = (...place: string[]) => import(pathToFileURL(join(ROOT, ...place)).href);

/** A service's subscriptions only name things until events come, so anything may stand for its clock. */
async function subscriptionsOf(service: Service): Promise<readonly Subscription[]> {
  const { subscriptions } = await built('services', service, 'dist', 'consumers.js');
  return typeof subscriptions === 'function' ? subscriptions({}) : subscriptions;
}

/** By reader and topic, each once. */
export async function readings(): Promise<Reading[]> {
  const found: Reading[] = [];
  for (const reader of SERVICES) {
    const subscriptions = await subscriptionsOf(reader);
    for (const topic of [...new Set(subscriptions.map((each) => each.topic))].sort()) {
      const types = subscriptions.filter((each) => each.topic === topic).flatMap((each) => each.types);
      found.push({ reader, topic, types: [...new Set(types)].sort() });
    }
  }
  // What is kept of answers is dropped by whatever happens to what they are about.
  const { TOPICS } = (await built('gateway', 'dist', 'tags.js')) as { TOPICS: readonly string[] };
  return [...found, ...TOPICS.map((topic): Reading => ({ reader: 'gateway', topic, types: null }))];
}
