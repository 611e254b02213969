/** A reader that is far behind. */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@merit/infra/process';
import pg from 'pg';
import { type Fault, lasting, type Scene } from './fault.js';
import { YEAR } from './world.fill.js';

const SEEN_WITHIN_MS = 60_000;
const HOUR_MINUTES = 60;

/** Its place is held, so that it cannot go on, and what it heard last is an hour old: it must say so, and then catch up. */
export const behind: Fault = {
  name: 'a consumer an hour behind',
  strike: async (scene) => {
    const { merit } = scene.world;
    const holder = new pg.Client(merit.databases.performance);
    await holder.connect();
    try {
      await holder.query('set idle_in_transaction_session_timeout = 0');
      await holder.query(`begin; select from consumer_offset for update;
        update consumer_offset set as_of = as_of - interval '${HOUR_MINUTES} minutes'; commit;
        begin; select from consumer_offset for update`);
      const told = () => tellsStaleness(scene);
      if (!(await until(told, SEEN_WITHIN_MS))) throw new Error('it does not say that it is behind');
      await pause(lasting(scene));
      await holder.query('rollback');
    } finally {
      await holder.end();
    }
  },
};

/** In its metrics, and to whoever asks for what is derived: the age of it, or a refusal to judge by it. */
async function tellsStaleness({ world: { merit, token, people } }: Scene): Promise<boolean> {
  const metrics = await fetch(new URL('/metrics', merit.urls.performance)).then((answer) => answer.text());
  const ages = [...metrics.matchAll(/^merit_consumer_age_seconds\{[^}]*\} ([\d.]+)/gm)].map(([, age]) => Number(age));
  // Straight at the service: the root of a person is for civil servants, and who asks here is an operator with a role.
  const response = await fetch(merit.urls.performance, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Employee { score(year: ${YEAR}) { asOf } } } }`,
      variables: { of: [{ __typename: 'Employee', id: people[0] }] },
    }),
  });
  const text = await response.text();
  const asOf = /"asOf":"([^"]+)"/.exec(text)?.[1];
  const isOld = asOf !== undefined && Date.now() - Date.parse(asOf) > (HOUR_MINUTES - 5) * 60_000;
  return ages.some((age) => age > (HOUR_MINUTES - 5) * 60) && (isOld || text.includes('DIRECTORY_STALE'));
}
