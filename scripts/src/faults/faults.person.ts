/** What a person has to do with: a message that nobody can read, and a reader that is far behind. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '@merit/chassis/log';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { until } from '@merit/infra/process';
import pg from 'pg';
import { type Fault, lasting, type Scene } from './fault.js';
import { YEAR } from './world.js';

const SEEN_WITHIN_MS = 30_000;
const HOUR_MINUTES = 60;

/** A message that no reader can make sense of, about a person whose own events go on; someone throws it away later. */
export const poison: Fault = {
  name: 'poison, thrown away by a person',
  strike: async (scene) => {
    const { databases, graph } = scene.world;
    const eventId = await publishPoison(scene);
    const letter = async () => {
      const { rows } = await databases.performance.query<{ id: string }>(
        'select id from dead_letter where event_id = $1',
        [eventId],
      );
      return rows[0]?.id;
    };
    if (!(await until(async () => (await letter()) !== undefined, SEEN_WITHIN_MS)))
      throw new Error('nobody noticed it');
    await pause(lasting(scene));
    await graph.ask(
      'mutation ($input: DiscardDeadLetterInput!) { discardPerformanceDeadLetter(input: $input) { applied } }',
      { input: { id: await letter(), reason: 'No event of ours.', idempotencyKey: randomUUID() } },
    );
  },
};

async function publishPoison({ world, chance }: Scene): Promise<string> {
  const { merit, people } = world;
  const env = { KAFKA_BROKERS: merit.brokers, EVENT_LOG_URL: merit.databases.eventlog };
  const transport = await openTransport(env, createLog('faults', 'silent'));
  const eventId = randomUUID();
  const now = new Date().toISOString();
  try {
    await transport.publish('merit.competency.v1', [
      {
        key: chance.pick(people),
        headers: {
          ...{ ce_specversion: '1.0', ce_id: eventId, ce_source: '/merit/competency', ce_sequence: '1' },
          ...{ ce_type: 'merit.competency.v1.LearningHoursCounted', ce_subject: `learning/${randomUUID()}` },
          ...{ ce_time: now, ce_recordedtime: now, 'content-type': 'application/protobuf' },
        },
        value: new Uint8Array([7, 255, 255, 255]),
      },
    ]);
  } finally {
    await transport.close(5_000);
  }
  return eventId;
}

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
