/** This service's own directory built anew from its own state, while its commands go on. */
import { type Backlog, startBacklog } from '@merit/chassis/backlog';
import { dropRebuild, startRebuild, swapRebuild } from '@merit/chassis/in/rebuild';
import { compareRebuild } from '@merit/chassis/in/rebuild.compare';
import { fillOwn } from '@merit/chassis/in/rebuild.own';
import { rebuilds } from '@merit/chassis/in/rebuild.table';
import { pino } from 'pino';
import { eventually } from '../../chassis/test/eventually.js';
import { ownDirectory } from '../src/own-directory.js';
import { personnel } from './personnel.js';

const { database, agency, unit, position, person, assign } = personnel();
const by = { by: 'employee/1', reason: 'it looks wrong', source: '/merit/personnel' };
const equal = ownDirectory.tables.map((table) => ({ table, onlyLive: 0, onlyRebuilt: 0, examples: [] }));

const jobs: Backlog[] = [];
/** The service's job, with chunks so small that a few people make many. */
function startJob(size = 2): Backlog {
  const job = startBacklog({
    ...{ db: database.db, workOff: fillOwn([ownDirectory], size), failure: 'not filled' },
    log: pino({ level: 'silent' }),
  });
  jobs.push(job);
  return job;
}
afterEach(async () => {
  await Promise.all(jobs.splice(0).map((job) => job.stop()));
  await dropRebuild(database.db, ownDirectory, await latestId(), by).catch(() => undefined);
});
const latest = async () => (await rebuilds(database.db))[0]!;
const latestId = async () => (await latest()).id;
const ready = () => eventually(async () => (await latest()).state === 'READY');
const numbers = async () => {
  const [row] = await database.db.query(
    `select count(*)::int as n from rebuild_directory.applied_sequence s
       full join (select aggregate_type || '/' || aggregate_id as aggregate, last_seq from event_sequence
                   where aggregate_type = any($1)) e using (aggregate)
      where s.last_seq is distinct from e.last_seq`,
    [ownDirectory.own.map(({ aggregateType }) => aggregateType)],
  );
  return row.n;
};

test('equals what commands have written, shows what somebody changed, and takes its place amid commands', async () => {
  const { db } = database;
  const agencyId = await agency();
  const unitId = await unit(agencyId);
  const employeeId = await person(agencyId);
  await assign(employeeId, await position(unitId));
  startJob();
  await startRebuild(db, ownDirectory, by);
  await ready();
  expect(await compareRebuild(db, ownDirectory, await latestId())).toEqual(equal);
  await db.query('delete from directory_assignment');
  await expect(startRebuild(db, ownDirectory, by)).rejects.toMatchObject({ code: 'REBUILD_OPEN' });
  const others = Promise.all(Array.from({ length: 8 }, () => person(agencyId)));
  await swapRebuild(db, ownDirectory, await latestId(), by);
  await others;
  expect(await rebuilds(db)).toMatchObject([{ state: 'SWAPPED', model: 'directory', error: null }]);
  expect(await db.query('select employee_id from directory_assignment')).toEqual([{ employee_id: employeeId }]);
  await startRebuild(db, ownDirectory, by);
  await ready();
  expect(await compareRebuild(db, ownDirectory, await latestId())).toEqual(equal);
});

test('is fed by the commands that go on while it is filled and after, those of new people too', async () => {
  const { db } = database;
  const agencyId = await agency();
  const posts = [];
  for (let n = 0; n < 3; n += 1) posts.push(await position(await unit(agencyId)));
  const people = await Promise.all(Array.from({ length: 30 }, () => person(agencyId)));
  let going = true;
  const commands = posts.map(async (post, n) => {
    for (let i = n; going; i += 3) {
      if (i < people.length) await assign(people[i]!, post);
      await assign(await person(agencyId), post);
    }
  });
  const total = async () => (await latest()).aggregatesInAll;
  try {
    await startRebuild(db, ownDirectory, by);
    startJob(4);
    await eventually(async () => (await total()) !== null);
    const found = await latest();
    expect([found.state, found.aggregates! < found.aggregatesInAll!]).toEqual(['FILLING', true]);
    await ready();
    for (let n = 0; n < 5; n += 1) await person(agencyId);
  } finally {
    going = false;
    await Promise.all(commands);
  }
  expect(await numbers()).toBe(0);
  expect(await compareRebuild(db, ownDirectory, await latestId())).toEqual(equal);
  expect((await latest()).aggregates).toBeGreaterThan((await total())!);
});

test('that was left half way is taken up where it was, or dropped while somebody works on it', async () => {
  const { db } = database;
  const agencyId = await agency();
  await Promise.all(Array.from({ length: 20 }, () => person(agencyId)));
  await startRebuild(db, ownDirectory, by);
  await expect(compareRebuild(db, ownDirectory, await latestId())).rejects.toMatchObject({ code: 'REBUILD_NOT_READY' });
  await expect(swapRebuild(db, ownDirectory, await latestId(), by)).rejects.toMatchObject({
    code: 'REBUILD_NOT_READY',
  });
  const step = fillOwn([ownDirectory], 5);
  for (let steps = 0; steps < 6; steps += 1) await step(db);
  const { aggregates } = await latest();
  expect(aggregates).toBeGreaterThan(0);
  // A chunk that ends with its process leaves nothing.
  const cut = db.createQueryRunner();
  await cut.startTransaction();
  await fillOwn([ownDirectory], 5)({ transaction: (work: (tx: unknown) => unknown) => work(cut.manager) } as never);
  await cut.rollbackTransaction();
  await cut.release();
  expect((await latest()).aggregates).toBe(aggregates);
  startJob(5);
  startJob(5);
  await ready();
  expect(await compareRebuild(db, ownDirectory, await latestId())).toEqual(equal);
  await dropRebuild(db, ownDirectory, await latestId(), by);
  await startRebuild(db, ownDirectory, by);
  await eventually(async () => (await latest()).aggregatesInAll !== null);
  await dropRebuild(db, ownDirectory, await latestId(), by);
  expect(await latest()).toMatchObject({ state: 'DROPPED' });
  await person(agencyId); // which feeds it no longer
  expect(await db.query(`select to_regclass('rebuild_directory.directory_unit') as there`)).toEqual([{ there: null }]);
});

test('that cannot be fed has failed, and the command has not', async () => {
  const { db } = database;
  const agencyId = await agency();
  startJob();
  await startRebuild(db, ownDirectory, by);
  await ready();
  await db.query('alter table rebuild_directory.directory_employee add check (id is null) not valid');
  const employeeId = await person(agencyId);
  expect(await latest()).toMatchObject({ state: 'FAILED', error: expect.stringContaining('23514') });
  expect(await db.query('select from directory_employee where id = $1', [employeeId])).toHaveLength(1);
  await startRebuild(db, ownDirectory, by); // drops the one that failed
  await ready();
  expect(await compareRebuild(db, ownDirectory, await latestId())).toEqual(equal);
});

test('waits for a command that has looked at the live one, and does not keep it waiting for itself', async () => {
  const { db } = database;
  startJob();
  await startRebuild(db, ownDirectory, by);
  await ready();
  const command = db.createQueryRunner();
  await command.startTransaction();
  await command.query('select from directory_assignment');
  const swap = swapRebuild(db, ownDirectory, await latestId(), by);
  const waiting = `select from pg_locks where mode = 'AccessExclusiveLock' and not granted
                     and database = (select oid from pg_database where datname = current_database())`;
  await eventually(async () => (await db.query(waiting)).length > 0);
  await command.query('lock table event_sequence in row exclusive mode'); // as it appends: each waits for the other now
  await command.commitTransaction();
  await command.release();
  await swap;
  expect((await rebuilds(db))[0]).toMatchObject({ state: 'SWAPPED' });
});
