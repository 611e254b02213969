/** What a viewer is, among as many people as a country employs: found through the indexes. */
import { chassisMigrations } from '@merit/chassis/database';
import { transactPrepared } from '@merit/chassis/prepared';
import { testContext, testDatabase } from '@merit/chassis/testing';
import { directoryMigrations } from '../src/directory.js';
import { standingToday } from '../src/judgement.table.js';
import { as, id } from './town.js';

const database = testDatabase({ entities: [], migrations: [chassisMigrations, directoryMigrations] });

const PEOPLE = 3_000;
const SCANS = `select relname, seq_scan::int as n from pg_stat_xact_user_tables
                where relname in ('directory_employee', 'directory_assignment') order by 1`;

test('a viewer is judged without a look at the others', async () => {
  await database.db.query(
    `with people as (
       insert into directory_employee (id, kind, service_from, left_on)
       select case n when 1 then $2::uuid else uuidv7() end, 'PNS', '2020-01-01', '2020-01-01'::date + n
         from generate_series(1, $1::int) n returning id
     )
     insert into directory_assignment (id, employee_id, position_id, unit_id, "leading", kind, position_title, valid_from, recorded_at)
     select uuidv7(), id, uuidv7(), uuidv7(), true, 'DEFINITIF', 'Kepala', '2020-01-01', now() from people`,
    [PEOPLE, id('staf')],
  );
  await database.db.query('analyze');
  await transactPrepared(database.db, async (tx) => {
    const context = testContext(database.db, as('staf'));
    const before = await tx.query(SCANS);
    const standing = await standingToday({ ...context, db: tx as never }, [id('staf')]);
    expect(standing).toEqual([{ grants: [], hasLeft: true, hasLed: true, isUncertain: false }]);
    expect(await tx.query(SCANS)).toEqual(before);
  });
});
