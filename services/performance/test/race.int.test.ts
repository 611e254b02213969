/** Two things at the same moment, made to meet: what each would miss of the other is not missed. */
import { randomUUID } from 'node:crypto';
import { deliver, dispatch } from '@merit/chassis/in/consumer';
import { subscriptions } from '../src/consumers.js';
import { workOff } from '../src/score/backlog.commands.js';
import { claim, finish, moveOn } from '../src/score/backlog.table.js';
import {
  admin,
  agencyRegistered,
  dataOf,
  employeeRegistered,
  hoursCounted,
  OPEN_PERIOD,
  satisfactionMeasured,
  scene,
  scoreOf,
  serviceAssigned,
  unitRegistered,
} from './scene.js';

const house = scene('2026-06-15T03:00:00Z');
const { give, graph } = house;
const [agency, unit] = [randomUUID(), randomUUID()];

beforeAll(async () => {
  await give(agencyRegistered(agency), unitRegistered(unit, agency));
  dataOf(await graph(admin, OPEN_PERIOD, { agencyId: agency, year: 2026 }));
  await house.workOffAll();
});

/** A door that someone waits at until another opens it. */
function door() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Until some transaction waits for a lock, or `work` is over without having had to. */
async function waitingOrDone(work: Promise<unknown>): Promise<void> {
  let done = false;
  work.finally(() => {
    done = true;
  });
  const waits = async () =>
    (
      await house.database.db.query(
        `select 1 from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()`,
      )
    ).length > 0;
  while (!done && !(await waits()));
}

const publicFeedback = async (id: string) => (await scoreOf(house, id)).parts[3].attainment;

test('who joins a service at the moment in which it is measured gets the measurement', async () => {
  const { db } = house.database;
  const [id, service] = [randomUUID(), randomUUID()];
  await give(employeeRegistered(id, agency));
  const [written, mayCommit] = [door(), door()];
  const joining = db.transaction(async (tx) => {
    await dispatch(tx, subscriptions(house.by), [serviceAssigned(id, service)]);
    written.open();
    await mayCommit.opened;
  });
  await written.opened;
  await deliver(db, subscriptions(house.by), [satisfactionMeasured(service, unit, '2026-05-31', 40, 3)]);
  const working = workOff(db, house.by);
  await waitingOrDone(working);
  mayCommit.open();
  await Promise.all([joining, working]);
  expect(await publicFeedback(id)).toBe(75);
});

test('what is asked for while the same work is being finished is done again', async () => {
  const { db } = house.database;
  const [id, service] = [randomUUID(), randomUUID()];
  await give(employeeRegistered(id, agency), serviceAssigned(id, service));
  const first = satisfactionMeasured(service, unit, '2026-04-30', 40, 2);
  await deliver(db, subscriptions(house.by), [first]);
  const [finished, mayCommit] = [door(), door()];
  const working = db.transaction(async (tx) => {
    await finish(tx, (await claim(tx))!);
    finished.open();
    await mayCommit.opened;
  });
  await finished.opened;
  const measuring = deliver(db, subscriptions(house.by), [satisfactionMeasured(service, unit, '2026-05-31', 40, 3)]);
  await waitingOrDone(measuring);
  mayCommit.open();
  await Promise.all([working, measuring]);
  await house.workOffAll();
  expect(await publicFeedback(id)).toBe(75);
});

test('what is asked for between two chunks of the same work reaches the people of the first again', async () => {
  const { db } = house.database;
  const [id, service] = [randomUUID(), randomUUID()];
  await give(employeeRegistered(id, agency), serviceAssigned(id, service));
  await deliver(db, subscriptions(house.by), [satisfactionMeasured(service, unit, '2026-04-30', 40, 2)]);
  await db.transaction(async (tx) => moveOn(tx, (await claim(tx))!, id));
  await deliver(db, subscriptions(house.by), [satisfactionMeasured(service, unit, '2026-05-31', 40, 3)]);
  await house.workOffAll();
  expect(await publicFeedback(id)).toBe(75);
});

test('two facts about a person at the same moment both count', async () => {
  const { db } = house.database;
  const [id, ledger] = [randomUUID(), randomUUID()];
  await give(employeeRegistered(id, agency));
  const [folded, mayCommit] = [door(), door()];
  const counting = db.transaction(async (tx) => {
    await dispatch(tx, subscriptions(house.by), [hoursCounted(id, ledger, [5], 1)]);
    folded.open();
    await mayCommit.opened;
  });
  await folded.opened;
  const registering = deliver(db, subscriptions(house.by), [serviceAssigned(id, randomUUID())]);
  await waitingOrDone(registering);
  mayCommit.open();
  await Promise.all([counting, registering]);
  expect((await scoreOf(house, id)).parts[2].attainment).toBe(50);
});

test('a fact that arrives while its person is being registered counts', async () => {
  const { db } = house.database;
  const [id, ledger] = [randomUUID(), randomUUID()];
  const [counted, mayCommit] = [door(), door()];
  const counting = db.transaction(async (tx) => {
    await dispatch(tx, subscriptions(house.by), [hoursCounted(id, ledger, [5], 1)]);
    counted.open();
    await mayCommit.opened;
  });
  await counted.opened;
  const registering = deliver(db, subscriptions(house.by), [employeeRegistered(id, agency)]);
  await waitingOrDone(registering);
  mayCommit.open();
  await Promise.all([counting, registering]);
  expect((await scoreOf(house, id)).parts[2].attainment).toBe(50);
});
