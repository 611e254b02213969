/** A year begins for a whole agency: in chunks, each person once, whatever is killed in between. */
import { randomUUID } from 'node:crypto';
import { deliver } from '@merit/chassis/in/consumer';
import { createLog } from '@merit/chassis/log';
import { startChild } from '../../chassis/test/child/child.js';
import { eventually } from '../../chassis/test/eventually.js';
import { subscriptions } from '../src/consumers.js';
import { startYears, workOff } from '../src/hours/year.job.js';
import { agencyRegistered, checkpointReached, employeeRegistered, here, story } from './story.js';

const s = story();
const log = createLog('test', 'silent');
const agency = randomUUID();
const people = Array.from({ length: 1_700 }, () => randomUUID()).sort();

beforeAll(async () => {
  await s.arrive(agencyRegistered(agency), ...people.map((id) => employeeRegistered(id, agency)));
});

const begun = (checkpoint: string, traceparent: string | null = null) =>
  deliver(s.db, subscriptions(here), [{ ...checkpointReached(agency, checkpoint), traceparent }]);
const waiting = () => s.db.query('select after from year_backlog');
/** What was said of each person's ledger of a year: how often, the highest number, and in which traces. */
const said = (year: number) =>
  s.db.query(
    `select o.key, count(*)::int as events, max(o.aggregate_seq) as last, array_agg(distinct o.headers->>'traceparent') as traces
       from ledger l join outbox o on o.aggregate_type = 'learning' and o.aggregate_id = l.id
      where l.year = $1 group by o.key order by o.key`,
    [year],
  );

test('a process killed between two chunks leaves what it did, and another goes on behind it', async () => {
  const child = '../../../competency/test/child/years.ts';
  const traceparent = `00-${randomUUID().replaceAll('-', '')}-0000000000000001-01`;
  // Somebody in the third chunk is held, so that the process stands there when it is killed.
  const holder = s.db.createQueryRunner();
  await holder.startTransaction();
  await holder.query('select from learner where employee_id = $1 for update', [people[1_200]]);
  await begun('2031-01-01', traceparent);
  const first = startChild(child, [s.url], {});
  await eventually(async () => (await waiting())[0]?.after === people[999], first.errors);
  await first.kill();
  expect(await said(2031)).toHaveLength(1_000);
  await holder.rollbackTransaction();
  await holder.release();

  const job = startYears({ db: s.db, here, log });
  await eventually(async () => (await waiting()).length === 0);
  await job.stop();
  expect(job.ready()).toBe(true);
  expect(await said(2031)).toEqual(people.map((key) => ({ key, events: 1, last: 1, traces: [traceparent] })));
});

test('two processes at once open each ledger once', async () => {
  const jobs = [1, 2].map(() => startYears({ db: s.db, here, log }));
  await begun('2032-01-01');
  await begun('2032-02-01');
  await eventually(async () => (await waiting()).length === 0);
  await Promise.all(jobs.map(({ stop }) => stop()));
  expect(await said(2032)).toEqual(people.map((key) => ({ key, events: 1, last: 1, traces: [null] })));
});

test('it is noted with the event that says so, and told again it opens nothing twice', async () => {
  await begun('2033-01-01');
  await begun('2033-01-01');
  expect(await waiting()).toEqual([{ after: null }]);
  expect(await said(2033)).toEqual([]);
  while (await workOff(s.db, here));
  await begun('2033-01-01');
  while (await workOff(s.db, here));
  expect((await said(2033)).map(({ events }: { events: number }) => events)).toEqual(people.map(() => 1));
});

test('who is being entered at the moment in which the year begins has a ledger of it', async () => {
  const late = randomUUID();
  const runner = s.db.createQueryRunner();
  await runner.startTransaction();
  for (const { types, handle } of subscriptions(here)) {
    const event = employeeRegistered(late, agency);
    if (types.includes(event.type)) await handle(runner.manager, [event]);
  }
  await begun('2034-01-01');
  const working = workOff(s.db, here);
  const waits = () =>
    s.db.query(
      `select 1 from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()`,
    );
  await eventually(async () => (await waits()).length > 0);
  await runner.commitTransaction();
  await runner.release();
  await working;
  while (await workOff(s.db, here));
  expect((await said(2034)).map(({ key }: { key: string }) => key)).toContain(late);
});

test('of many events about people, each ledger is in the trace of the last about its person', async () => {
  const ids = [randomUUID(), randomUUID()].sort();
  const trace = () => `00-${randomUUID().replaceAll('-', '')}-0000000000000001-01`;
  const traces = [trace(), trace()];
  await s.arrive(...ids.map((id, n) => ({ ...employeeRegistered(id, agency), key: id, traceparent: traces[n]! })));
  const rows = await s.db.query(
    `select distinct key, headers->>'traceparent' as trace from outbox where key = any($1) order by key`,
    [ids],
  );
  expect(rows).toEqual(ids.map((key, n) => ({ key, trace: traces[n] })));
});
