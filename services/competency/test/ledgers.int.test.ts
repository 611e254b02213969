/** Hours counted anew after the directory was put right: compared, then replaced, some people at a time. */
import { randomUUID } from 'node:crypto';
import { admin, agencyRegistered, checkpointReached, employee, employeeRegistered, story } from './story.js';

const s = story();
const agency = randomUUID();
const people = Array.from({ length: 6 }, () => randomUUID()).sort();
const wrong = people.slice(0, 4);

const REBUILD = `mutation ($input: RebuildLedgersInput!) { rebuildLedgers(input: $input) { ledgers different next
  differences { employeeId year live anew liveEntitlement anewEntitlement } } }`;
const ask = (input: object, viewer = admin) => s.graph(viewer, REBUILD, { input });
const rebuild = async (input: object) => {
  const { data, errors } = await ask(input);
  expect(errors).toBeUndefined();
  return data!['rebuildLedgers'];
};
const ledgers = () => s.db.query('select employee_id, year, entitlement::float8, version from ledger order by 1');

beforeAll(async () => {
  await s.arrive(
    agencyRegistered(agency),
    ...people.map((id) => employeeRegistered(id, agency)),
    checkpointReached(agency, '2026-06-01'),
  );
  await s.published();
});

test('what a read model that was put in place changed is found, shown, replaced, and said', async () => {
  expect(await rebuild({ check: true })).toEqual({ ledgers: 6, different: 0, differences: [], next: null });
  // As a directory that was built anew: the events of these people were handled before, and change nothing any more.
  await s.db.query(`update directory_employee set kind = 'PPPK' where id = any($1)`, [wrong]);
  const before = await ledgers();

  const found = await rebuild({ check: true });
  const differences = wrong.map((employeeId) => ({
    ...{ employeeId, year: 2026, live: 0, anew: 0, liveEntitlement: 20, anewEntitlement: 24 },
  }));
  expect(found).toEqual({ ledgers: 6, different: 4, differences, next: null });
  expect([await ledgers(), await s.published()]).toEqual([before, []]);

  const first = await rebuild({ people: 3, reason: 'the directory was rebuilt', idempotencyKey: 'one' });
  expect(first).toEqual({ ledgers: 3, different: 3, differences: [], next: people[2] });
  expect(await rebuild({ people: 3, reason: 'the directory was rebuilt', idempotencyKey: 'one' })).toEqual(first);
  const rest = await rebuild({ after: first.next, reason: 'the directory was rebuilt' });
  expect(rest).toEqual({ ledgers: 3, different: 1, differences: [], next: null });
  const said = await s.published();
  expect(said.map(({ type, key, message }) => [type, key, message['entitlement']])).toEqual(
    wrong.map((id) => ['LearningHoursCounted', id, '24']),
  );
  expect(await rebuild({ check: true })).toMatchObject({ different: 0 });

  const audit = await s.db.query('select action, reason, done_by from operation_audit order by id');
  expect(audit).toEqual([
    { action: 'showLedgerDifferences', reason: null, done_by: 'operator/admin' },
    ...[1, 2].map(() => ({
      ...{ action: 'rebuildLedgers', reason: 'the directory was rebuilt', done_by: 'operator/admin' },
    })),
  ]);
});

test('who replaces says why, for no more people than fit into a call, and is ADMIN', async () => {
  const codeOf = async (input: object, viewer = admin) => (await ask(input, viewer)).errors?.[0].extensions;
  expect(await codeOf({})).toMatchObject({ code: 'TEXT_REQUIRED', field: 'reason' });
  for (const count of [0, 1_001]) {
    expect(await codeOf({ check: true, people: count })).toMatchObject({
      code: 'PEOPLE_OUT_OF_RANGE',
      field: 'people',
    });
  }
  expect(await codeOf({ check: true }, employee(people[0]!) as typeof admin)).toMatchObject({ code: 'FORBIDDEN' });
});
