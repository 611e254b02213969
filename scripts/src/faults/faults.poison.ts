/** Messages that cannot be processed: their keys wait, the others go on, and a person throws them away or has them retried. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog } from '@merit/chassis/log';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { until } from '@merit/infra/process';
import { type Fault, lasting, type Scene } from './fault.js';
import { reached } from './faults.point.js';
import type { World } from './world.js';

const WITHIN_MS = 60_000;
const RETRY = 'mutation ($input: RetryDeadLetterInput!) { retryPerformanceDeadLetter(input: $input) { applied } }';
const HOURS = 'merit.competency.v1.LearningHoursCounted';

/** A message that no reader can make sense of, about a person whose own events go on; someone throws it away later. */
const thrownAway: Fault = {
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
    if (!(await until(async () => (await letter()) !== undefined, WITHIN_MS))) throw new Error('nobody noticed it');
    await othersGoOn(scene.world);
    await pause(lasting(scene));
    await graph.ask(
      'mutation ($input: DiscardDeadLetterInput!) { discardPerformanceDeadLetter(input: $input) { applied } }',
      { input: { id: await letter(), reason: 'No event of ours.', idempotencyKey: randomUUID() } },
    );
  },
};

/** Every third person's hours cannot be stored, as by a wrong constraint; when it is gone, someone has them retried. */
const retried: Fault = {
  name: 'poison, retried by a person after mending',
  short: true,
  strike: async (scene) => {
    const { performance } = scene.world.databases;
    const people = scene.world.people.filter((_, n) => n % 3 === 0);
    await performance.query(
      `alter table fact add constraint poison
         check (kind <> 'LEARNING_HOURS' or employee_id <> all (array['${people.join("','")}']::uuid[])) not valid`,
    );
    try {
      await reached(async () => (await linesOf(scene.world)).length > 0, 'a line of events');
      await othersGoOn(scene.world);
      await pause(lasting(scene));
    } finally {
      await performance.query('alter table fact drop constraint poison');
    }
    const waited = await waitingHours(scene.world);
    await retryAll(scene.world);
    // What waits behind one that was retried may be applied a moment later.
    let wrong: string[] = [];
    await until(async () => {
      wrong = outOfTurn(await effectsOf(scene.world, waited));
      return wrong.length === 0;
    }, WITHIN_MS);
    if (wrong.length > 0)
      throw new Error(`these took effect in another order, not once, or not at all: ${wrong.join(', ')}`);
  },
};

export const poisons: readonly Fault[] = [thrownAway, retried];

/** Those at fault behind which others of their key wait. */
async function linesOf({ databases }: World): Promise<string[]> {
  const { rows } = await databases.performance.query<{ id: string }>(
    `select id from dead_letter d
      where state = 'WAITING' and code = 'FAILED' and exists (
        select from dead_letter w where w.state = 'WAITING' and (w.topic, w.key) = (d.topic, d.key) and w.id > d.id)`,
  );
  return rows.map(({ id }) => id);
}

/** @throws when nothing of other keys takes effect while some wait: what waits is in no journal */
async function othersGoOn({ databases }: World): Promise<void> {
  const last = async () => {
    const { rows } = await databases.performance.query<{ id: string }>(
      'select coalesce(max(id), 0) as id from fault_journal where type = $1 and snapshot is null',
      [HOURS],
    );
    return Number(rows[0]!.id);
  };
  const before = await last();
  if (!(await until(async () => (await last()) > before, WITHIN_MS))) throw new Error('the other keys did not go on');
}

async function waitingHours({ databases }: World): Promise<string[]> {
  const { rows } = await databases.performance.query<{ event_id: string }>(
    `select event_id from dead_letter where state = 'WAITING' and headers->>'ce_type' = $1`,
    [HOURS],
  );
  return rows.map(({ event_id }) => event_id);
}

/** One after the other, until none is at fault: one that was just being tried may come after the first look. */
async function retryAll({ databases, graph }: World): Promise<void> {
  const done = await until(async () => {
    const { rows } = await databases.performance.query<{ id: string }>(
      `select min(id) as id from dead_letter where state = 'WAITING' and code = 'FAILED' group by topic, key`,
    );
    for (const { id } of rows) {
      const input = { id, reason: 'The constraint is gone.', idempotencyKey: randomUUID() };
      await graph.ask(RETRY, { input }).catch((error) => {
        // It had not been tried five times yet, and is settled by now.
        if (error.code !== 'DEAD_LETTER_SETTLED') throw error;
      });
    }
    return rows.length === 0;
  }, WITHIN_MS);
  if (!done) throw new Error('what was retried is still set aside');
}

/** An event that waited, and where it stands in the journal: once, when all is well. */
export interface Effect {
  readonly subject: string;
  readonly sequence: number;
  readonly places: readonly number[];
}

/** In the order of their numbers. */
async function effectsOf({ databases }: World, eventIds: readonly string[]): Promise<Effect[]> {
  const { rows } = await databases.performance.query<Effect>(
    `select d.headers->>'ce_subject' as subject, d.sequence,
            array(select j.id::int from fault_journal j where j.event_id = d.event_id and j.snapshot is null) as places
       from dead_letter d where d.event_id = any($1) order by subject, sequence`,
    [eventIds],
  );
  return rows;
}

/** Those that did not take effect exactly once, and after the one before. @param effects in the order of their numbers */
export function outOfTurn(effects: readonly Effect[]): string[] {
  const last = new Map<string, number>();
  return effects.flatMap(({ subject, sequence, places }) => {
    const [place = 0] = places;
    const before = last.get(subject) ?? 0;
    last.set(subject, Math.max(before, place));
    return places.length === 1 && place > before ? [] : [`${subject} #${sequence}`];
  });
}

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
