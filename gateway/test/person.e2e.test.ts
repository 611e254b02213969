/** The foundation's promise, on real processes: one query shows a person whole to whom it may, and a training moves the score. */

import { readFileSync } from 'node:fs';
import { eventually } from './eventually.js';
import {
  ANSWERS,
  type Answer,
  type Handle,
  HOURS_BEFORE,
  HOURS_WAITING,
  PLAN,
  RESPONDENTS,
  startWorld,
  type World,
  YEAR,
} from './world.js';

const PERSON = readFileSync(new URL('../graphiql/examples/person.graphql', import.meta.url), 'utf8');
const COMPLETE = `mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id status hours } } }`;

/** Months of the year that have begun where the agency is. */
function monthsBegun(): number {
  const [year, month] = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Jakarta' }).format().split('-').map(Number);
  return year! > YEAR ? 12 : month!;
}
const round = (value: number, places = 2) => Math.round(value * 10 ** places + 1e-9) / 10 ** places;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the rules give, worked out here once more from the facts of the world: R1–R4, R6–R8. */
function expected(hours: number) {
  const begun = monthsBegun() / 12;
  const quantity = Math.min(1, PLAN.quantity.realised.reduce((a, b) => a + b) / (PLAN.quantity.target * begun));
  const time = Math.max(0, Math.min(1, (2 * PLAN.time.target - PLAN.time.realised) / PLAN.time.target));
  const main = mean([quantity, time]);
  const work = 100 * Math.max(main, 0.8 * main + 0.2 * Math.min(1, PLAN.quality.realised / PLAN.quality.target));
  const competency = 100 * Math.min(1, hours / (20 * begun));
  const heard = 25 * mean([ANSWERS.waktu, ANSWERS.kompetensi, ANSWERS.perilaku, ANSWERS.pengaduan]);
  return { work, competency, heard, value: (60 * work + 10 * competency + 10 * heard) / 80 };
}

const partOf = (answer: Answer, component: string) =>
  answer.data.employee.score.parts.find((part: { component: string }) => part.component === component);

const kafka = process.env['MERIT_TEST_KAFKA'];
const transports: [name: string, brokers: string | undefined][] = [
  ['the embedded log', undefined],
  ...(kafka ? ([['Kafka', kafka]] as [string, string][]) : []),
];
describe.each(transports)('through %s', (_, kafkaBrokers) => {
  let world: World;
  const person = (as: Handle | null) => world.asked(as, PERSON, { id: world.people.employee });
  beforeAll(async () => {
    world = await startWorld({ kafkaBrokers });
    // Everything that was entered has reached the score: the survey is measured by a job that looks every ten seconds.
    await eventually(async () => {
      const { data } = await person('hr');
      return data?.employee.score?.coverage === 0.8 && data.employee.unit.satisfaction !== null;
    }, 60_000);
  }, 180_000);
  afterAll(() => world?.stop(), 60_000);

  test.each<Handle>(['employee', 'supervisor', 'head', 'hr'])(
    '%s sees all of it, with the figures that the rules give',
    async (handle) => {
      const answer = await person(handle);
      expect(answer.errors).toEqual([]);
      const { employee } = answer.data;
      const due = expected(HOURS_BEFORE);
      expect(employee).toMatchObject({
        name: 'Siti Aminah',
        position: { title: 'Pranata Layanan' },
        unit: { name: 'Bidang Layanan' },
        learning: {
          hours: HOURS_BEFORE,
          entitlement: 20,
          shortfall: 20 - HOURS_BEFORE,
          records: { edges: [{ node: { course: { title: 'Pelayanan Prima' }, hours: HOURS_BEFORE } }] },
        },
      });
      expect(
        employee.plan.workResults.map((result: { title: string; indicators: { realised: number }[] }) => [
          result.title,
          result.indicators[0]!.realised,
        ]),
      ).toEqual([
        ['Berkas selesai', 55],
        ['Layanan cepat', PLAN.time.realised],
        ['Inovasi', PLAN.quality.realised],
      ]);
      expect(partOf(answer, 'WORK_RESULTS').attainment).toBe(round(due.work));
      expect(partOf(answer, 'COMPETENCY').attainment).toBe(round(due.competency));
      expect(partOf(answer, 'PUBLIC_FEEDBACK').attainment).toBe(round(due.heard));
      expect(employee.score).toMatchObject({ value: round(due.value), coverage: 0.8 });
      const added = employee.score.parts.reduce(
        (sum: number, part: { contribution: number }) => sum + part.contribution,
        0,
      );
      expect(round(added)).toBe(employee.score.value);
      expect(partOf(answer, 'COMPETENCY').sources).toEqual([
        expect.objectContaining({
          type: 'TrainingCompleted',
          quantity: HOURS_BEFORE,
          counted: HOURS_BEFORE,
          reason: null,
        }),
      ]);
    },
  );

  test('what the public says of the unit stands beside it, for anyone', async () => {
    const { data, errors } = await world.asked(
      null,
      `query ($id: ID!) { unit(id: $id) { name satisfaction(year: ${YEAR}) { index grade respondents } services(first: 5) { edges { node { name } } } } }`,
      { id: world.unitId },
    );
    expect(errors).toEqual([]);
    const index = round(25 * mean(Object.values(ANSWERS)));
    expect(data.unit).toEqual({
      name: 'Bidang Layanan',
      satisfaction: { index, grade: 'B', respondents: RESPONDENTS },
      services: { edges: [{ node: { name: 'Penerbitan KTP-el' } }] },
    });
  });

  test.each<Handle>(['colleague', 'hr-elsewhere'])(
    '%s sees name, position and unit, and is told what is not for them',
    async (handle) => {
      const { data, errors } = await person(handle);
      expect(data.employee).toMatchObject({
        name: 'Siti Aminah',
        position: { title: 'Pranata Layanan' },
        unit: { name: 'Bidang Layanan' },
        learning: null,
        plan: null,
        score: null,
      });
      expect(errors.map(({ path, extensions }) => [path.join('.'), extensions.code]).sort()).toEqual([
        ['employee.learning', 'FORBIDDEN'],
        ['employee.plan', 'FORBIDDEN'],
        ['employee.score', 'FORBIDDEN'],
      ]);
    },
  );

  test('the public and the operator see no person at all', async () => {
    const { data, errors } = await person(null);
    expect([data.employee, errors[0].extensions.code]).toEqual([null, 'FORBIDDEN']);
    const operator = await person('system');
    expect(new Set(Object.values(operator.data.employee))).toEqual(new Set([null]));
  });

  test('a training completed in one service moves the score in another, and completing it twice does not', async () => {
    const before = expected(HOURS_BEFORE);
    const after = expected(HOURS_BEFORE + HOURS_WAITING);
    expect(after.value).toBeGreaterThan(before.value);
    const input = {
      enrolmentId: world.enrolmentId,
      hours: HOURS_WAITING,
      certificateNumber: 'BARU-1',
      completedAt: '2026-03-03T08:00:00Z',
      idempotencyKey: 'once',
    };
    const done = await world.asked('hr', COMPLETE, { input });
    expect(done.data.completeTraining.enrolment).toMatchObject({ status: 'COMPLETED', hours: HOURS_WAITING });
    const moved = await eventually(async () => {
      const answer = await person('employee');
      return partOf(answer, 'COMPETENCY').sources.length === 2 && answer;
    });
    expect(moved.data.employee.score.value).toBe(round(after.value));
    expect(moved.data.employee.learning).toMatchObject({ hours: HOURS_BEFORE + HOURS_WAITING, shortfall: 0 });
    expect((await world.asked('hr', COMPLETE, { input })).data).toEqual(done.data);
    const again = await world.asked('hr', COMPLETE, { input: { ...input, idempotencyKey: 'twice' } });
    expect(again.errors[0].extensions.code).toBe('ENROLMENT_NOT_OPEN');
    expect(again.text).not.toMatch(/competency|personnel|127\.0\.0\.1/);
  });

  test('the person sees who read of them, in which service, why and from where; nobody else does', async () => {
    const response = await fetch(`${world.merit.urls.gateway}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${world.tokenOf('supervisor')}`,
        'x-merit-purpose': 'quarterly talk',
      },
      body: JSON.stringify({
        query: `query Talk($id: ID!) { employee(id: $id) { name serviceFrom learning(year: ${YEAR}) { hours } score(year: ${YEAR}) { value } } }`,
        variables: { id: world.people.employee },
      }),
    });
    const { data: shown } = (await response.json()) as { data: Answer['data'] };
    expect(shown.employee.score.value).toBeGreaterThan(0);
    const LOG = `query ($id: ID!) { employee(id: $id) { accessLog(first: 100) {
      edges { node { role purpose type fields unit { name } agency { id } } }
    } } }`;
    const log = (as: Handle) => world.asked(as, LOG, { id: world.people.employee });
    const mine = await eventually(async () => {
      const { data } = await log('employee');
      const nodes: { purpose: string; fields: string[] }[] = data.employee.accessLog.edges.map(
        ({ node }: { node: object }) => node,
      );
      const found = nodes.filter(({ purpose }) => purpose === 'quarterly talk');
      return found.length >= 3 && found; // one of each service that answered
    });
    const common = { role: 'SUPERVISOR', purpose: 'quarterly talk', type: 'Employee' };
    const from = { unit: { name: 'Bidang Layanan' }, agency: { id: world.agencyId } };
    expect(mine.toSorted((a, b) => String(a.fields).localeCompare(String(b.fields)))).toEqual(
      [['learning'], ['score'], ['serviceFrom']].map((fields) => ({ ...common, ...from, fields })),
    );
    for (const other of ['supervisor', 'hr'] as const) {
      const { data, errors } = await log(other);
      expect([data.employee.accessLog, errors[0].extensions.code]).toEqual([null, 'FORBIDDEN']);
    }
  });

  test('rebuilt from its facts, the score is the same, with its parts and sources', async () => {
    const before = (await person('employee')).data.employee.score;
    const { data } = await world.asked(
      'system',
      'mutation { rebuildScores(input: { reason: "for a test" }) { scores different next } }',
    );
    expect(data.rebuildScores).toEqual({ scores: expect.any(Number), different: 0, next: null });
    expect(data.rebuildScores.scores).toBeGreaterThan(0);
    const after = (await person('employee')).data.employee.score;
    expect({ ...after, asOf: null }).toEqual({ ...before, asOf: null });
  });
});
