/**
 * Nothing that was answered is lost, and nothing happens twice: every process is killed in its turn while trainings
 * are completed as fast as eight clients can, each of whom repeats what failed, with the same key.
 */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { ProcessName } from '../../scripts/src/processes.js';
import { each } from '../../scripts/src/seed/graph.js';
import { openPlaces, type Place, trainingSources, trainingsOf } from './crowd.js';
import { type Answer, eventually, startWorld, type World } from './world.js';

const COMPLETE = `mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id status hours } } }`;
const VICTIMS = ['gateway', 'personnel', 'competency', 'performance', 'feedback', 'postgres'] satisfies ProcessName[];
const PEOPLE = 250;
const CLIENTS = 8;

/** What passes when a process is gone or comes back; a client repeats it. Anything else is a fault. */
const PASSING = [
  'NO_ANSWER',
  'SERVICE_UNAVAILABLE',
  'TIMEOUT',
  'OVERLOADED',
  'BUSY',
  'IDEMPOTENCY_IN_PROGRESS',
  'INTERNAL_SERVER_ERROR',
];

interface Work {
  readonly acknowledged: Map<string, Place>;
  /** How often each code was the answer. */
  readonly failures: Map<string, number>;
  /** What no client should have been told. */
  readonly faults: string[];
}

const codeOf = ({ data, errors }: Answer): string | null =>
  errors[0]?.extensions.code ?? (data?.completeTraining?.enrolment?.status === 'COMPLETED' ? null : 'NO_DATA');

/** Asks until the place is answered to be completed. */
async function complete(world: World, place: Place, { acknowledged, failures, faults }: Work): Promise<void> {
  const input = {
    enrolmentId: place.enrolmentId,
    hours: place.hours,
    certificateNumber: `RAMAI-${place.enrolmentId}`,
    completedAt: '2026-11-01T02:00:00Z',
    idempotencyKey: place.enrolmentId,
  };
  for (;;) {
    const answer = await world.asked('hr', COMPLETE, { input }).catch(() => null);
    const code = answer ? codeOf(answer) : 'NO_ANSWER';
    if (code === null) return void acknowledged.set(place.enrolmentId, place);
    failures.set(code, (failures.get(code) ?? 0) + 1);
    if (!PASSING.includes(code)) return void faults.push(answer?.text ?? code);
    await pause(50);
  }
}

describe('killed at full speed', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ durable: true });
  }, 120_000);
  afterAll(() => world?.stop(), 60_000);

  test('every process in its turn, and nothing that was answered is lost or done twice', async () => {
    const t0 = Date.now(); const lap = (s: string) => console.log(s, Date.now() - t0);
    const places = await openPlaces(world, PEOPLE);
    lap('places');
    const waiting = [...places];
    const work: Work = { acknowledged: new Map(), failures: new Map(), faults: [] };
    let killing = true;
    const client = async () => {
      for (let place = waiting.shift(); killing && place; place = waiting.shift()) await complete(world, place, work);
    };
    const clients = Promise.all(Array.from({ length: CLIENTS }, client));
    const more = (count: number) => {
      const enough = work.acknowledged.size + count;
      return eventually(async () => work.acknowledged.size >= enough, 30_000);
    };
    const table: string[] = [];
    for (const name of VICTIMS) {
      await more(50);
      const before = work.acknowledged.size;
      world.merit.kill(name);
      expect(await world.merit.back(name, 30_000)).toBe(true);
      lap(name);
      await more(50);
      table.push(`${name}: ${work.acknowledged.size - before}`);
    }
    lap('killed');
    killing = false;
    await clients;
    lap('clients');
    console.log(table, work.failures, waiting.length);
    expect(work.faults).toEqual([]);

    // todo
    const done = [...work.acknowledged.values()];
    const people = [...new Set(places.map(({ employeeId }) => employeeId))];
    const stored = new Map<string, { status: string; hours: number | null }>();
    await each(people, async (id) => {
      for (const training of await trainingsOf(world, id)) stored.set(training.id, training);
    });
    lap('stored');
    const lost = done.filter(
      ({ enrolmentId, hours }) => {
        const kept = stored.get(enrolmentId);
        return kept?.status !== 'COMPLETED' || kept.hours !== hours;
      });
    expect(lost).toEqual([]);
    const db = new pg.Client(world.merit.databases.competency);
    await db.connect();
    const { rows } = await db.query(`select aggregate_id, event_id, published_at from outbox where type = 'merit.competency.v1.TrainingCompleted'`);
    console.log(rows.length, rows[0], done.length);
    await db.end();
    const sources = await trainingSources(world, people.slice(0, 3));
    console.log(JSON.stringify([...sources]).slice(0, 500));
    lap('sources');
    const { data } = await world.asked('system', 'mutation { rebuildScores(input: {}) { scores different next } }');
    console.log(data);
    lap('end');
  }, 240_000);
});
