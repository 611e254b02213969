/**
 * Nothing that was answered is lost, and nothing happens twice: every process is killed in its turn while trainings
 * are completed as fast as eight clients can, each of whom repeats what failed, with the same key.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessName } from '../../scripts/src/processes.js';
import { each } from '../../scripts/src/seed/graph.js';
import {
  completionsOf,
  openPlaces,
  type Place,
  type Source,
  type Training,
  trainingSources,
  trainingsOf,
} from './crowd.js';
import { type Answer, eventually, startWorld, type World } from './world.js';

const COMPLETE = `mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id status hours } } }`;
const VICTIMS = ['gateway', 'personnel', 'competency', 'performance', 'feedback', 'postgres'] satisfies ProcessName[];
/** As many places are completed around each death; it comes when the first quarter is answered. */
const PLACES = 120;
const CLIENTS = 8;

/** What passes when a process has gone and comes back; a client repeats it. Anything else is a fault. */
const PASSING = [
  'NO_ANSWER',
  'SERVICE_UNAVAILABLE',
  'TIMEOUT',
  'OVERLOADED',
  'ACCESS_NOT_LOGGED',
  'BUSY',
  'IDEMPOTENCY_IN_PROGRESS',
];

interface Work {
  /** Enrolment → what was answered to be stored. */
  readonly acknowledged: Map<string, Training>;
  /** Answers with an error that passes. */
  repeated: number;
  /** What no client should have been told. */
  readonly faults: string[];
}

const codeOf = ({ data, errors }: Answer): string | null =>
  errors[0]?.extensions.code ?? (data?.completeTraining?.enrolment?.status === 'COMPLETED' ? null : 'NO_DATA');

/** Asks until the place is answered to be completed, and writes that answer down. */
async function complete(world: World, { enrolmentId, hours }: Place, work: Work): Promise<void> {
  const certificateNumber = `RAMAI-${enrolmentId}`;
  const result = { enrolmentId, hours, certificateNumber, completedAt: '2026-11-01T02:00:00Z' };
  for (;;) {
    const input = { ...result, idempotencyKey: enrolmentId };
    const answer = await world.asked('hr', COMPLETE, { input }).catch(() => null);
    const code = answer ? codeOf(answer) : 'NO_ANSWER';
    if (code === null) return void work.acknowledged.set(enrolmentId, answer!.data.completeTraining.enrolment);
    if (!PASSING.includes(code)) return void work.faults.push(answer!.text);
    work.repeated += 1;
    await pause(25);
  }
}

/** Completes all these places at full speed, kills the process when a quarter is answered, and waits until it is back. */
async function killAmid(world: World, name: ProcessName, places: readonly Place[]): Promise<Work> {
  const work: Work = { acknowledged: new Map(), repeated: 0, faults: [] };
  const working = each(places, (place) => complete(world, place, work), CLIENTS);
  await eventually(async () => work.acknowledged.size >= places.length / 4 || work.faults.length > 0);
  world.merit.kill(name);
  expect(await world.merit.back(name, 60_000)).toBe(true);
  await working;
  return work;
}

const kafka = process.env['MERIT_TEST_KAFKA'];
const transports: [name: string, brokers: string | undefined][] = [
  ['the embedded log', undefined],
  ...(kafka ? ([['Kafka', kafka]] as [string, string][]) : []),
];
describe.each(transports)('killed at full speed, events through %s', (_, kafkaBrokers) => {
  let world: World;
  let rounds: Place[][];
  beforeAll(async () => {
    // What a killed database had promised is on the disk only if it was written there.
    world = await startWorld({ durable: true, kafkaBrokers });
    rounds = await openPlaces(world, PLACES, VICTIMS.length);
  }, 180_000);
  afterAll(() => world?.stop(), 120_000);

  test('each process in its turn: what was answered is there, once, and counts for exactly that', async () => {
    const table: { killed: string; acknowledged: number; repeated: number; lost: number; twice: number }[] = [];
    const works: Work[] = [];
    for (const [n, name] of VICTIMS.entries()) works.push(await killAmid(world, name, rounds[n]!));
    expect(works.flatMap(({ faults }) => faults)).toEqual([]);

    const places = rounds.flat();
    const people = [...new Set(places.map(({ employeeId }) => employeeId))];
    const events = await completionsOf(
      world,
      places.map(({ enrolmentId }) => enrolmentId),
    );
    const stored = new Map<string, Training>();
    await each(people, async (id) => {
      for (const training of await trainingsOf(world, id)) stored.set(training.id, training);
    });
    for (const [n, killed] of VICTIMS.entries()) {
      const { acknowledged, repeated } = works[n]!;
      const answers = [...acknowledged.values()];
      const lost = answers.filter((answer) => JSON.stringify(stored.get(answer.id)) !== JSON.stringify(answer));
      const told = answers.map(({ id }) => events.filter(({ enrolmentId }) => enrolmentId === id).length);
      const without = told.filter((count) => count === 0).length;
      const twice = told.filter((count) => count > 1).length;
      table.push({ killed, acknowledged: acknowledged.size, repeated, lost: lost.length + without, twice });
    }
    process.stderr.write(`${tableOf(table)}\n`);
    expect(table).toEqual(
      VICTIMS.map((killed) => ({
        killed,
        acknowledged: PLACES,
        repeated: expect.any(Number),
        lost: 0,
        twice: 0,
      })),
    );
    expect([...stored.values()].map(({ status }) => status)).toEqual(places.map(() => 'COMPLETED'));

    const due = new Map<string, string[]>(people.map((id) => [id, []]));
    const eventOf = new Map(events.map(({ enrolmentId, eventId }) => [enrolmentId, eventId]));
    for (const { employeeId, enrolmentId, hours } of places) {
      due.get(employeeId)!.push(sourceText({ eventId: eventOf.get(enrolmentId)!, quantity: hours }));
    }
    await eventually(async () => (await differing(world, due)).length === 0, 60_000).catch(() => undefined);
    expect(await differing(world, due)).toEqual([]);
    const { data, errors } = await world.asked(
      'system',
      'mutation { rebuildScores(input: { check: true }) { scores different next } }',
    );
    expect(errors).toEqual([]);
    expect(data.rebuildScores).toMatchObject({ different: 0, next: null });
    expect(data.rebuildScores.scores).toBeGreaterThanOrEqual(people.length);
  }, 400_000);
});

const sourceText = ({ eventId, quantity }: Pick<Source, 'eventId' | 'quantity'>) => `${eventId} ${quantity}`;

/** Those whose score rests on something else than it should, with what is due and what there is. */
async function differing(world: World, due: ReadonlyMap<string, readonly string[]>) {
  const found = await trainingSources(world, [...due.keys()]);
  return [...due]
    .map(([id, expected]) => ({ expected: [...expected].sort(), found: found.get(id)!.map(sourceText).sort() }))
    .filter(({ expected, found }) => expected.join() !== found.join());
}

function tableOf(rows: readonly Record<string, string | number>[]): string {
  const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))];
  return lines.map((line) => line.map((cell) => String(cell).padEnd(13)).join('')).join('\n');
}
