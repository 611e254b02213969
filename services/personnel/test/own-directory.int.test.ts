/** This service's own directory built anew from its own state, while its commands go on. */
import { dropRebuild, startRebuild, swapRebuild } from '@merit/chassis/in/rebuild';
import { compareRebuild } from '@merit/chassis/in/rebuild.compare';
import { rebuilds } from '@merit/chassis/in/rebuild.table';
import { eventually } from '../../chassis/test/eventually.js';
import { ownDirectory } from '../src/own-directory.js';
import { personnel } from './personnel.js';

const { database, agency, unit, position, person, assign } = personnel();
const by = { by: 'employee/1', reason: 'it looks wrong', source: '/merit/personnel' };

test('equals what commands have written, shows what somebody changed, and takes its place amid commands', async () => {
  const { db } = database;
  const agencyId = await agency();
  const unitId = await unit(agencyId);
  const employeeId = await person(agencyId);
  await assign(employeeId, await position(unitId));
  const { id } = await startRebuild(db, ownDirectory, by);
  const equal = ownDirectory.tables.map((table) => ({ table, onlyLive: 0, onlyRebuilt: 0, examples: [] }));
  expect(await compareRebuild(db, ownDirectory, id)).toEqual(equal);
  await db.query('delete from directory_assignment');
  await expect(startRebuild(db, ownDirectory, by)).rejects.toMatchObject({ code: 'REBUILD_OPEN' });
  const others = Promise.all(Array.from({ length: 8 }, () => person(agencyId)));
  await swapRebuild(db, ownDirectory, id, by);
  await others;
  expect(await rebuilds(db)).toMatchObject([{ state: 'SWAPPED', model: 'directory', error: null }]);
  expect(await db.query('select employee_id from directory_assignment')).toEqual([{ employee_id: employeeId }]);
  const second = await startRebuild(db, ownDirectory, by);
  expect(await compareRebuild(db, ownDirectory, second.id)).toEqual(equal);
  await dropRebuild(db, ownDirectory, second.id, by);
});

test('waits for a command that has looked at the live one, and does not keep it waiting for itself', async () => {
  const { db } = database;
  const { id } = await startRebuild(db, ownDirectory, by);
  const command = db.createQueryRunner();
  await command.startTransaction();
  await command.query('select from directory_assignment');
  const swap = swapRebuild(db, ownDirectory, id, by);
  const waiting = `select from pg_locks where mode = 'AccessExclusiveLock' and not granted
                     and database = (select oid from pg_database where datname = current_database())`;
  await eventually(async () => (await db.query(waiting)).length > 0);
  await command.query('lock table event_sequence in row exclusive mode'); // as it appends: each waits for the other now
  await command.commitTransaction();
  await command.release();
  await swap;
  expect((await rebuilds(db))[0]).toMatchObject({ state: 'SWAPPED' });
});
