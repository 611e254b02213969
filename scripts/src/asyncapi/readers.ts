/** Who reads what, from the very subscriptions with which the services start. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Subscription } from '@merit/chassis/consumer';
import { requestsSubscription } from '@merit/chassis/requests';
import { ROOT, SERVICES, type Service } from '../start.plan.js';

export interface Reading {
  readonly service: Service;
  readonly topic: string;
  /** Full names, sorted. */
  readonly types: readonly string[];
}

type Module = { readonly subscriptions: readonly Subscription[] | ((here: object) => readonly Subscription[]) };

/** A service's subscriptions only name things until events come, so anything may stand for its clock. */
async function subscriptionsOf(service: Service): Promise<readonly Subscription[]> {
  const file = join(ROOT, 'services', service, 'dist', 'consumers.js');
  const requests = requestsSubscription({ source: `/merit/${service}` });
  if (!existsSync(file)) return [requests];
  const { subscriptions } = (await import(pathToFileURL(file).href)) as Module;
  const own = typeof subscriptions === 'function' ? subscriptions({}) : subscriptions;
  return own.some(({ topic }) => topic === requests.topic) ? own : [...own, requests];
}

/** By service and topic, each once. */
export async function readings(): Promise<Reading[]> {
  const found: Reading[] = [];
  for (const service of SERVICES) {
    const subscriptions = await subscriptionsOf(service);
    for (const topic of [...new Set(subscriptions.map((each) => each.topic))].sort()) {
      const types = subscriptions.filter((each) => each.topic === topic).flatMap((each) => each.types);
      found.push({ service, topic, types: [...new Set(types)].sort() });
    }
  }
  return found;
}
