/** Ten thousand at once on one place: one gets through, all others are told why not, and everyone else is served. */
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { completionsOf, trainingsOf } from './crowd.js';
import { startWorld, type World } from './world.js';

const COMPLETE = `mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id status hours } } }`;
/** Each on a connection of its own, so that none waits behind another before it reaches the gateway. */
const AT_ONCE = 10_000;
/** Whoever has no answer by then hangs. */
const ANSWERED_WITHIN_MS = 60_000;
/**
 * Connections that the machine itself may cut, for the system's queue of those that knock is shorter than the crowd:
 * who is cut off asks again, with the same key, as any client does.
 */
const MOST_CUT_OFF = AT_ONCE / 100;

/** How often one asks again, with the same key, who was told on a busy machine that it took too long. */
const MOST_LATE = 5;

/** What was answered, a code or the data as text, and how often. */
type Answers = Record<string, number>;

describe('ten thousand at once', () => {
  let world: World;
  let pids: ReturnType<World['merit']['processes']>;
  beforeAll(async () => {
    world = await startWorld();
    pids = world.merit.processes();
  }, 180_000);
  afterAll(() => world?.stop(), 120_000);

  test('complete one place: one does, the others are told why not', async () => {
    const id = await world.openPlace(world.people.employee, 'BANJIR', 3);
    const result = { enrolmentId: id, hours: 3, completedAt: '2026-03-03T08:00:00Z' };
    const { answers, others } = await flood(world, (n) => ({
      ...result,
      certificateNumber: `BANJIR-${n}`,
      idempotencyKey: `${n}`,
    }));
    const done = success(id, 3);
    expect(Object.keys(answers).sort()).toEqual(expect.arrayContaining(['ENROLMENT_NOT_OPEN', done]));
    expect(Object.keys(answers).filter((said) => said !== done && !REFUSALS.includes(said))).toEqual([]);
    expect(answers[done]).toBe(1);
    await expectOnce(id, others);
  }, 400_000);

  test('use one key: it is done once, and all who are answered are answered alike', async () => {
    const id = await world.openPlace(world.people.employee, 'KUNCI', 2);
    const result = { enrolmentId: id, hours: 2, completedAt: '2026-03-03T08:00:00Z', certificateNumber: 'KUNCI' };
    const { answers, others } = await flood(world, () => ({ ...result, idempotencyKey: 'the one' }));
    const done = success(id, 2);
    const refusals = ['OVERLOADED', 'BUSY', 'IDEMPOTENCY_IN_PROGRESS'];
    expect(Object.keys(answers).filter((said) => said !== done && !refusals.includes(said))).toEqual([]);
    expect(answers[done]).toBeGreaterThan(1);
    await expectOnce(id, others);
    const late = await world.asked('hr', COMPLETE, { input: { ...result, idempotencyKey: 'the one' } });
    expect(JSON.stringify(late.data)).toBe(done);
  }, 400_000);

  /** One event, one completed place, the others served, and nobody fell over. */
  async function expectOnce(id: string, others: number) {
    expect(await completionsOf(world, [id])).toHaveLength(1);
    const mine = (await trainingsOf(world, world.people.employee)).filter((training) => training.id === id);
    expect(mine.map(({ status }) => status)).toEqual(['COMPLETED']);
    expect(others).toBeGreaterThan(0);
    expect(world.merit.processes()).toEqual(pids);
  }
});

const REFUSALS = ['ENROLMENT_NOT_OPEN', 'OVERLOADED', 'BUSY'];
const success = (id: string, hours: number) =>
  JSON.stringify({ completeTraining: { enrolment: { id, status: 'COMPLETED', hours } } });

/** Sends all of them at once, while a colleague goes on asking; answers what came back, and how often the colleague was served. */
async function flood(world: World, inputOf: (n: number) => object) {
  const pool = new Pool(world.merit.gatewayUrl, {
    connections: AT_ONCE,
    connectTimeout: ANSWERED_WITHIN_MS,
    headersTimeout: ANSWERED_WITHIN_MS,
  });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${world.tokenOf('hr')}` };
  const answers: Answers = {};
  let cutOff = 0;
  const one = async (n: number, again = MOST_LATE): Promise<void> => {
    const body = JSON.stringify({ query: COMPLETE, variables: { input: inputOf(n) } });
    const said = await pool.request({ method: 'POST', path: '/graphql', headers, body }).then(
      async (response) => saidIn(await response.body.json()),
      (error: NodeJS.ErrnoException) => `NO ANSWER: ${error.code} ${error.message}`,
    );
    if (/^NO ANSWER: (ECONNRESET|UND_ERR_SOCKET)/.test(said) && ++cutOff <= MOST_CUT_OFF) return one(n, again);
    if (/^(REQUEST_)?TIMEOUT$/.test(said) && again > 0) return one(n, again - 1);
    answers[said] = (answers[said] ?? 0) + 1;
  };
  let over = false;
  const colleague = served(world, () => over);
  await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => one(n)));
  over = true;
  await pool.destroy();
  return { answers, others: await colleague };
}

function saidIn(answer: unknown): string {
  const { data, errors } = answer as { data?: unknown; errors?: { extensions: { code: string } }[] };
  return errors?.[0]?.extensions.code ?? JSON.stringify(data);
}

/** How often a colleague got their own name while it went on. Told that there is too much work, they ask again. */
async function served(world: World, over: () => boolean): Promise<number> {
  let times = 0;
  while (!over()) {
    const { data, errors } = await world.asked('colleague', '{ me { name } }');
    if (errors.length > 0) expect(errors[0].extensions.code).toBe('OVERLOADED');
    else if (!over()) times += Number(data.me.name === 'Budi');
    await pause(50);
  }
  return times;
}
