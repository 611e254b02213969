/**
 * What an operator does with events, by the commands that they type, on real processes: an event that cannot be applied
 * holds up a person's score, is found, understood and retried, and the score is right; another is left out, by a decision.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { eventually, type Handle, HOURS_BEFORE, HOURS_WAITING, startWorld, type World, YEAR } from './world.js';

const merit = fileURLToPath(new URL('../../scripts/dist/merit.js', import.meta.url));
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 180_000);
afterAll(() => world?.stop(), 60_000);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `npm run merit -- …`, by a script: nobody sits at its terminal. */
async function run(...args: string[]): Promise<Ended> {
  const token = args.includes('--token') ? [] : ['--token', world.tokenOf('system')];
  const identity = [...token, '--gateway', world.merit.gatewayUrl];
  const port = new URL(world.merit.gatewayUrl).port;
  const child = spawn(process.execPath, [merit, ...args, ...identity], {
    env: { PATH: process.env['PATH'], MERIT_PORT: port, MERIT_DATA: world.dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (err += data));
  const [code] = await once(child, 'close');
  return { code, out: out.trim(), err: err.trim() };
}
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out);

/** The hours in a person's score, and those that competency counts: the same once nothing waits. */
const hours = async (person: Handle = 'employee'): Promise<{ score: number; counted: number }> => {
  const { data } = await world.asked(
    person,
    `{ me { learning(year: ${YEAR}) { hours } score(year: ${YEAR}) { parts { component sources { counted } } } } }`,
  );
  const parts: { component: string; sources: { counted: number }[] }[] = data.me.score?.parts ?? [];
  const sources = parts.find(({ component }) => component === 'COMPETENCY')?.sources ?? [];
  return { score: sources.reduce((sum, { counted }) => sum + counted, 0), counted: data.me.learning.hours };
};
const settled = (expected: number, person?: Handle) =>
  eventually(async () => {
    const { score, counted } = await hours(person);
    return score === expected && counted === expected;
  });
const complete = async (enrolmentId: string, hours: number) => {
  const { errors } = await world.asked(
    'hr',
    'mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id } } }',
    { input: { enrolmentId, hours, certificateNumber: `E-${enrolmentId}`, completedAt: '2026-11-01T02:00:00Z' } },
  );
  expect(errors).toEqual([]);
};
/** The dead letters at fault, once as many events as that wait in all: whatever else is said of a person waits too. */
const waiting = async (least: number) => {
  await eventually(async () => (await json('events', 'dead')).total >= least, 60_000);
  return (await json('events', 'dead')).deadLetters;
};

test('with nothing wrong, everything says so', async () => {
  let lag: Ended | undefined;
  await eventually(async () => {
    lag = await run('events', 'lag');
    return lag.code === 0;
  }, 60_000);
  expect(lag!.out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  expect(lag!.out).toMatch(/^performance +0 +– +0 +0 +\d+ s ago$/m);
  expect(await run('events', 'dead')).toEqual({ code: 0, out: 'Nothing is waiting.', err: '' });
  expect(await run('events', 'parked')).toMatchObject({ code: 0, out: 'Nothing is parked.' });
  await eventually(async () => (await json('events', 'lag')).wrong.length === 0, 60_000);
}, 120_000);

test('an event that cannot be applied is found, understood, retried when its cause is gone, and the score is right', async () => {
  await settled(HOURS_BEFORE);
  expect((await run('events', 'rehearse', 'fault')).code).toBe(0);
  await complete(world.enrolmentId, HOURS_WAITING);
  const [letter] = await waiting(1);
  expect(letter).toMatchObject({ code: 'FAILED', type: 'merit.competency.v1.LearningHoursCounted', attempts: 5 });
  expect(letter.message).toContain('rehearsal');
  expect(await hours()).toEqual({ score: HOURS_BEFORE, counted: HOURS_BEFORE + HOURS_WAITING });
  expect((await run('events', 'lag')).code).toBe(1);

  await complete(await world.openPlace(world.people.employee, 'BEHIND', 2), 2);
  await waiting(2);
  const shown = await run('events', 'show', letter.id);
  expect(shown.code).toBe(0);
  expect(shown.out).toContain('at fault: it holds up its key');
  expect(shown.out).toMatch(/behind it +[1-9]\d* events? of the same key/);
  expect(shown.out).toContain(`"employeeId": "${world.people.employee}"`);
  expect(shown.out.split('\n').filter((line) => line.length > 100)).toEqual([]);

  const early = await run('events', 'retry', letter.id, '--reason', 'too early');
  expect([early.code, early.out]).toEqual([1, expect.stringMatching(/holds up its key now:\s+FAILED: .*rehearsal/)]);

  expect((await run('events', 'rehearse', 'mend')).code).toBe(0);
  const retried = await run('events', 'retry', letter.id, '--reason', 'the rehearsal is over');
  expect([retried.code, retried.out]).toEqual([0, expect.stringMatching(/\d events? applied\. Nothing .* waiting/)]);
  expect(await run('events', 'dead')).toMatchObject({ code: 0, out: 'Nothing is waiting.' });
  await settled(HOURS_BEFORE + HOURS_WAITING); // the same days count once, so the second training adds nothing
  expect((await run('events', 'show', letter.id)).out).toMatch(/retried by operator\/system .*: the rehearsal is/);

  const { entries } = await json('events', 'audit');
  expect(entries.map(({ action, reason, doneBy }: Record<string, string>) => [action, reason, doneBy])).toEqual([
    ['showPayload', null, 'operator/system'],
    ['retryDeadLetter', 'the rehearsal is over', 'operator/system'],
    ['retryDeadLetter', 'too early', 'operator/system'],
    ['showPayload', null, 'operator/system'],
  ]);
}, 180_000);

test('leaving one out asks first, needs a reason, and lets the others go on', async () => {
  await run('events', 'rehearse', 'fault', '--person', 'colleague');
  await complete(await world.openPlace(world.people.colleague, 'LOST', 3), 3);
  const [letter] = await waiting(1);
  await run('events', 'rehearse', 'mend');

  expect(await run('events', 'discard', letter.id)).toMatchObject({
    code: 2,
    err: expect.stringContaining('--reason'),
  });
  const unasked = await run('events', 'discard', letter.id, '--reason', 'for a test');
  expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('add --yes')]);
  expect((await json('events', 'dead')).deadLetters).toHaveLength(1);

  const discarded = await run('events', 'discard', letter.id, '--reason', 'for a test', '--yes');
  expect([discarded.code, discarded.out]).toEqual([0, expect.stringContaining('is left out')]);
  expect(await hours('colleague')).toEqual({ score: 0, counted: 3 });
  const again = await run('events', 'discard', letter.id, '--reason', 'for a test', '--yes');
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('This was discarded already')]);
  // The next count of the ledger says all of it, so that nothing is missing in the end.
  await complete(await world.openPlace(world.people.colleague, 'NEXT', 5), 5);
  await eventually(async () => {
    const { score, counted } = await hours('colleague');
    return score >= 5 && score === counted;
  });
}, 180_000);

test('all at fault with a code are retried at once', async () => {
  await run('events', 'rehearse', 'fault', '--person', 'colleague');
  await complete(await world.openPlace(world.people.colleague, 'CODE', 4), 4);
  await waiting(1);
  await run('events', 'rehearse', 'mend');
  const none = await run('events', 'retry', '--service', 'performance', '--code', 'GAP');
  expect(none).toMatchObject({ code: 0, out: 'Nothing is waiting with this code.' });
  const by = ['--service', 'performance', '--code', 'FAILED', '--reason', 'the rehearsal is over'];
  const retried = await run('events', 'retry', ...by);
  expect([retried.code, retried.out]).toEqual([0, expect.stringMatching(/^performance\/\d+: \d+ events? applied\./)]);
  expect(await run('events', 'dead')).toMatchObject({ code: 0, out: 'Nothing is waiting.' });
}, 120_000);

test('what could not be published is listed, and goes out when its key is let go', async () => {
  const publisher = new pg.Client({ connectionString: world.merit.databases.competency! });
  await publisher.connect();
  await publisher.query(`
    create function refuse() returns trigger language plpgsql as $$ begin
      with gone as (
        delete from outbox_line l using outbox o
         where l.id = new.id and o.id = new.id and o.type = 'merit.competency.v1.LearningHoursCounted'
        returning l.id, key)
      insert into outbox_parked select id, key, null, false, 1, 'for a test' from gone;
      return null; end $$;
    create trigger refuse after insert on outbox_line for each row execute function refuse()`);
  const before = await hours('colleague');
  await complete(await world.openPlace(world.people.colleague, 'PARKED', 7), 7);
  await eventually(async () => (await hours('colleague')).counted > before.counted);
  await publisher.query('drop trigger refuse on outbox_line; drop function refuse()');

  const parked = await run('events', 'parked', '--service', 'competency');
  expect([parked.code, parked.out]).toEqual([1, expect.stringMatching(/LearningHoursCounted/)]);
  const key = world.people.colleague;
  const unparked = await run('events', 'unpark', key, '--service', 'competency', '--reason', 'for a test');
  expect([unparked.code, unparked.out]).toEqual([0, expect.stringMatching(/^competency: 1 event of .* may go out\.$/)]);
  await eventually(async () => {
    const { score, counted } = await hours('colleague');
    return score === counted;
  });
  expect(await run('events', 'parked')).toMatchObject({ code: 0, out: 'Nothing is parked.' });
  expect((await run('events', 'unpark', key, '--service', 'competency')).code).toBe(1);
  await publisher.end();
}, 120_000);

test.each([
  [['show', '17'], 2, 'such as performance/17'],
  [['show', 'performance/x'], 2, 'such as performance/17'],
  [['show', 'performence/17'], 2, 'did you mean performance?'],
  [['retry'], 2, 'Say which'],
  [['retry', 'performance/999'], 1, 'There is no such dead letter.'],
  [['lagg'], 2, 'did you mean events lag?'],
  [['lag', '--servce', 'x'], 2, '--service <name>'],
  [['replay'], 2, 'Say which'],
  [['replay', '--from', 'yesterday'], 2, 'is no moment'],
  [['snapshot'], 2, '--service personnel|'],
  [['timeline', 'raise', '--service', 'feedback', '--reason', 'for a test'], 2, 'add --yes'],
])('events %j ends with %i and says what to do', async (args, code, says) => {
  expect(await run('events', ...args)).toMatchObject({ code, err: expect.stringContaining(says) });
});

test('what was published can be published once more, and changes nothing', async () => {
  const before = await hours();
  const replayed = await json('events', 'replay', '--key', world.people.employee, '--service', 'competency');
  expect(replayed.replayed.competency).toBeGreaterThan(0);
  await eventually(async () => (await json('events', 'lag')).services.competency.relay.backlog === 0);
  expect(await hours()).toEqual(before);
  expect((await run('events', 'replay', '--key', 'nobody')).code).toBe(1);
}, 60_000);

test('every event that was published is accounted for at every reader, and what is not is found', async () => {
  const reconciled = await run('events', 'reconcile');
  expect([reconciled.code, reconciled.out]).toEqual([0, expect.stringContaining('is accounted for at every reader')]);
  const all = await json('events', 'reconcile');
  expect(all).toMatchObject({ unexplained: [], discarded: 1, waiting: 0 });
  expect(all.applied).toBeGreaterThan(20);

  const db = new pg.Client({ connectionString: world.merit.databases.performance! });
  await db.connect();
  const lost = `update applied_by_source set applied = applied + $1 where type = 'merit.competency.v1.LearningHoursCounted'`;
  await db.query(lost, [-1]);
  const differs = await run('events', 'reconcile');
  expect([differs.code, differs.out]).toEqual([
    1,
    expect.stringMatching(/performance +competency LearningHoursCounted.* [1-9]\d*$/m),
  ]);
  await db.query(lost, [1]);
  await db.end();

  // The log of who read whose data, too, which all services write to one topic.
  const score = `query ($id: ID!) { employee(id: $id) { score(year: ${YEAR}) { value } } }`;
  expect((await world.asked('supervisor', score, { id: world.people.employee })).errors).toEqual([]);
  const log = new pg.Client({ connectionString: world.merit.databases.personnel! });
  await log.connect();
  const told = `update applied_by_source set applied = applied + $1 where topic = 'merit.access.v1' and source = '/merit/performance'`;
  await eventually(async () => (await log.query(told, [-1])).rowCount! > 0);
  const unread = await run('events', 'reconcile');
  expect([unread.code, unread.out]).toEqual([
    1,
    expect.stringMatching(/^personnel +access AccessRecorded of performance.* [1-9]\d*$/m),
  ]);
  await log.query(told, [1]);
  await log.end();

  // What is parked was never published: no reader lacks it, and nobody has it.
  const publisher = new pg.Client({ connectionString: world.merit.databases.feedback! });
  await publisher.connect();
  await publisher.query(`insert into outbox_parked select id, key, null, false, 1, 'for a test' from outbox limit 1`);
  const held = await run('events', 'reconcile');
  expect([held.code, held.out]).toEqual([1, expect.stringContaining('feedback holds 1 event parked')]);
  expect(held.out).not.toContain('without an explanation');
  await publisher.query('delete from outbox_parked');
  await publisher.end();
}, 120_000);

test('an event that a broken relay marks and never sends is found, also where a snapshot covered many, and comes by a replay', async () => {
  const [publisher, reader] = [world.merit.databases.competency!, world.merit.databases.performance!].map(
    (connectionString) => new pg.Client({ connectionString }),
  ) as [pg.Client, pg.Client];
  await Promise.all([publisher.connect(), reader.connect()]);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  // As if the reader had begun with a snapshot yesterday.
  await publisher.query(`insert into published_count values ('merit.competency.v1.LearningHoursCounted', $1, 500)`, [
    yesterday,
  ]);
  await reader.query(
    `insert into applied_by_source values
       ('merit.competency.v1', 0, 'merit.events.v1.Snapshot', $1, 0, 0, 500, '/merit/competency')`,
    [yesterday],
  );
  expect((await run('events', 'reconcile')).code).toBe(0);

  await publisher.query(`
    create function lose() returns trigger language plpgsql as $$ begin
      with lost as (
        delete from outbox_line l using outbox o
         where l.id = new.id and o.id = new.id and o.type = 'merit.competency.v1.LearningHoursCounted'
        returning type, (recorded_at at time zone 'UTC')::date as day)
      insert into published_count as c select type, day, 1 from lost
        on conflict (type, day) do update set published = c.published + 1;
      return null; end $$;
    create trigger lose after insert on outbox_line for each row execute function lose()`);
  await complete(await world.openPlace(world.people.colleague, 'GONE', 6), 6); // its hours are counted with it
  await publisher.query('drop trigger lose on outbox_line; drop function lose()');

  const differs = await json('events', 'reconcile');
  const lost = { reader: 'performance', type: 'merit.competency.v1.LearningHoursCounted', unexplained: 1 };
  expect(differs.unexplained).toMatchObject([lost]);
  expect(differs.inAll).toMatchObject([{ reader: 'performance', topic: 'merit.competency.v1', unexplained: 1 }]);
  expect((await run('events', 'reconcile')).out).toMatch(/performance +competency, all +ever .* 1$/m);

  const replayed = await run('events', 'replay', '--from', yesterday, '--service', 'competency');
  expect([replayed.code, replayed.out]).toEqual([
    0,
    expect.stringMatching(/^competency: \d+ events put back in line$/),
  ]);
  expect(await run('events', 'reconcile')).toMatchObject({ code: 0 });
  await eventually(async () => {
    const { score, counted } = await hours('colleague');
    return score === counted;
  });
  await Promise.all([publisher.end(), reader.end()]);
}, 120_000);

/** What became of the last rebuild in a service's database. */
const settledRebuild = async (db: pg.Client) =>
  (await db.query('select state, settled_reason as reason from rebuild order by started_at desc limit 1')).rows[0];

test('a read model is built anew beside the one in use, and put in its place where they differ', async () => {
  // Everywhere: also in personnel, whose commands write its own and who is asked for no snapshot of it.
  const same = await run('events', 'rebuild', 'directory', '--check');
  const keepers = ['personnel', 'performance', 'competency', 'feedback'];
  const equal = keepers.map((service) => expect.stringMatching(`${service}: built anew .*equal in every row`));
  expect([same.code, same.out.trim().split('\n')]).toEqual([0, equal]);
  const own = await run('events', 'rebuild', 'directory', '--service', 'personnel', '--check');
  expect([own.code, own.out.trim().split('\n')]).toEqual([0, [equal[0]]]);

  const db = new pg.Client({ connectionString: world.merit.databases.performance! });
  await db.connect();
  await db.query(`update directory_unit set name = 'a bug wrote this' where id = $1`, [world.unitId]);
  const check = await run('events', 'rebuild', 'directory', '--service', 'performance', '--check');
  expect([check.code, check.out]).toEqual([1, expect.stringMatching(/directory_unit +1 +1/)]);
  const asks = await run('events', 'rebuild', 'directory', '--service', 'performance');
  expect([asks.code, asks.err]).toEqual([2, expect.stringContaining('add --yes')]);
  // Nobody said yes: what was built is dropped, and the next one begins anew.
  expect(await run('events', 'rebuild', '--list')).toMatchObject({ code: 0, out: 'No rebuild is open.' });
  expect(await settledRebuild(db)).toEqual({ state: 'DROPPED', reason: 'it was not confirmed' });

  // A command that was cut short leaves one open.
  const { errors } = await world.asked(
    'system',
    'mutation { rebuildPerformanceModel(input: { model: "directory", reason: "of old code" }) { rebuild { id } } }',
  );
  expect(errors).toEqual([]);
  const open = await run('events', 'rebuild', '--list');
  expect([open.code, open.out]).toEqual([0, expect.stringMatching(/^performance +directory .* of old code$/m)]);
  const goesOn = await run('events', 'rebuild', 'directory', '--service', 'performance', '--check', '--continue');
  expect(goesOn.err).toMatch(/operator\/system opened a rebuild \d+ s ago: of old code; goes on with it/);
  for (const options of [['--check'], []]) {
    const refused = await run('events', 'rebuild', 'directory', '--service', 'performance', ...options);
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/of old code\.\n.*--continue/)]);
  }
  expect((await run('events', 'rebuild', '--list')).out).toMatch(/^performance +directory .* of old code$/m);

  const swapped = await run('events', 'rebuild', 'directory', '--service', 'performance', '--yes');
  expect([swapped.code, swapped.err]).toEqual([1, expect.stringContaining('drops it, and begins anew')]);
  expect(swapped.out).toContain('is in use now');
  expect((await db.query(`select from rebuild where settled_reason = 'begun anew'`)).rowCount).toBe(1);
  const { rows } = await db.query('select name from directory_unit where id = $1', [world.unitId]);
  expect(rows).toEqual([{ name: 'Bidang Layanan' }]);
  await db.end();
  expect(await run('events', 'rebuild', 'directery')).toMatchObject({
    code: 2,
    err: expect.stringContaining('did you mean'),
  });
}, 180_000);

test('scores and hours are compared beside those in use, and replaced after a yes', async () => {
  const [scores, ledgers] = [world.merit.databases.performance!, world.merit.databases.competency!].map(
    (connectionString) => new pg.Client({ connectionString }),
  ) as [pg.Client, pg.Client];
  await Promise.all([scores.connect(), ledgers.connect()]);
  const person = world.people.colleague;
  const yes = ['--yes', '--reason', 'a bug wrote them'];

  expect(await run('scores', 'rebuild')).toMatchObject({ code: 0, out: expect.stringContaining('are as their facts') });
  await scores.query(
    `update score_version v set value = 12.34 from score s
      where v.score_id = s.id and v.version = s.version and s.employee_id = $1`,
    [person],
  );
  const value = async () =>
    (await world.asked('colleague', `{ me { score(year: ${YEAR}) { value } } }`)).data.me.score.value;
  const check = await run('scores', 'rebuild', '--check');
  expect([check.code, check.out]).toEqual([1, expect.stringMatching(new RegExp(`^${person} +${YEAR} +12\\.34 `, 'm'))]);
  const asks = await run('scores', 'rebuild');
  expect([asks.code, asks.err]).toEqual([2, expect.stringContaining('add --yes')]);
  expect(await value()).toBe(12.34);
  const replaced = await run('scores', 'rebuild', ...yes);
  expect([replaced.code, replaced.out]).toEqual([1, expect.stringMatching(/^1 replaced\.$/m)]);
  expect(await value()).not.toBe(12.34);
  expect((await run('scores', 'rebuild', '--check')).code).toBe(0);

  // As a directory that was built anew and put in place: the events of this person were handled before.
  await ledgers.query(`update directory_employee set kind = 'PPPK' where id = $1`, [person]);
  const other = await json('ledgers', 'rebuild', '--check');
  expect(other.differences).toMatchObject([
    { employeeId: person, year: YEAR, liveEntitlement: 20, anewEntitlement: 24 },
  ]);
  const counted = await run('ledgers', 'rebuild', ...yes);
  expect([counted.code, counted.out]).toEqual([1, expect.stringMatching(/^1 replaced\.$/m)]);
  await ledgers.query(`update directory_employee set kind = 'PNS' where id = $1`, [person]);
  expect((await json('ledgers', 'rebuild', ...yes)).replaced).toBe(1);
  expect(await run('ledgers', 'rebuild', '--check')).toMatchObject({ code: 0 });
  await Promise.all([scores.end(), ledgers.end()]);
}, 120_000);

test('a raised timeline is said, and readers go on in it', async () => {
  const reason = ['--reason', 'the backup of Monday'];
  const raised = await run('events', 'timeline', 'raise', '--service', 'feedback', ...reason, '--yes');
  expect([raised.code, raised.out]).toEqual([0, expect.stringMatching(/^feedback is in timeline \d{2,} now/)]);
  const { feedback, ...others } = await json('events', 'timeline');
  expect(others).toEqual({ personnel: 1, performance: 1, competency: 1 });
  expect(feedback).toBeGreaterThan(1);
  await eventually(async () => {
    const { services } = await json('events', 'lag');
    return services.feedback.relay.backlog === 0 && services.performance.deadLetters.total === 0;
  });
  expect(await run('events', 'reconcile')).toMatchObject({ code: 0 });
}, 120_000);

test('whoever is no ADMIN sees nothing of it', async () => {
  const token = world.tokenOf('hr');
  const ended = await run('events', 'dead', '--token', token);
  expect([ended.code, ended.out]).toEqual([1, '']);
  expect(ended.err).toContain('You may not see or do this');
});
