/** From the answer of a mutation in one service to the score in another that shows it, through the gateway. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { connectGraph, type Graph } from '../graph.client.js';
import type { placesIn } from '../start.plan.js';
import { askToken } from '../token.ask.js';

/** Not counted: the seed's last events may still be on their way. */
const WARM_UP = 10;

const SCORE = `query ($id: ID!) { employee(id: $id) { score(year: 2026) { parts { component sources { quantity } } } } }`;
const COMPLETE = `mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id } } }`;

/** Questions without a pause would take from the work that they wait for the processors that it needs. */
const BEFORE_ASKING_MS = 2;
/** Nobody takes hundreds of trainings a year: the rounds go around among as many. */
const PEOPLE = 40;

export interface Asked {
  /** Who completes the trainings. */
  readonly officer: Graph;
  readonly gatewayUrl: string;
  /** Of the identity provider. */
  readonly issuer: string;
  readonly places: Pick<ReturnType<typeof placesIn>, 'examples' | 'people'>;
}

/**
 * One person after the other is enrolled in a session and finishes it, and asks for the own score, which nobody writes
 * down; an idle system otherwise. Milliseconds.
 * @returns `moved`: from the answer of the completion to the answer with the score that it moved, asked for 2 ms after
 *   the last answer and so containing one to a few questions; `reading`: a question
 *   for the same score, which that contains at least once; `asking`: for one's own name
 */
export async function scoreLatencies({ officer, gatewayUrl, issuer, places }: Asked, rounds: number) {
  const { agency, unit } = JSON.parse(readFileSync(places.examples, 'utf8')) as { agency: string; unit: string };
  const courseId = await courseOf(officer, agency);
  const people = await signIn(places.people, issuer, await peopleOf(officer, unit));
  const graphs = people.map(({ token }) => connectGraph(gatewayUrl, token));
  const run = `BENCH-${Date.now().toString(36)}`;
  const moved: number[] = [];
  const reading: number[] = [];
  const asking: number[] = [];
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const code = `${run}-${round}`;
    const who = (round + WARM_UP) % people.length;
    const [employee, own] = [people[who]!.employeeId, graphs[who]!];
    const enrolmentId = await enrol(officer, courseId, employee, code);
    const before = await sourcesOf(own, employee);
    const input = { enrolmentId, hours: 1, certificateNumber: code, completedAt: '2026-03-02T08:00:00Z' };
    await officer.ask(COMPLETE, { input });
    const began = performance.now();
    do await pause(BEFORE_ASKING_MS);
    while ((await sourcesOf(own, employee)) === before);
    if (round >= 0) moved.push(performance.now() - began);
    const read = await timed(() => sourcesOf(own, employee));
    const asked = await timed(() => own.ask('{ me { name } }'));
    if (round < 0) continue;
    reading.push(read);
    asking.push(asked);
  }
  await Promise.all(graphs.map((graph) => graph.close()));
  return { moved: quantiles(moved), reading: quantiles(reading), asking: quantiles(asking) };
}

/** Gives people a handle at the identity provider, which the sample data give to few, and signs them in. */
async function signIn(file: string, issuer: string, employeeIds: readonly string[]) {
  const people = employeeIds.map((employeeId, n) => ({ handle: `bench-${n}`, employeeId }));
  const known: { handle: string }[] = JSON.parse(readFileSync(file, 'utf8'));
  const others = known.filter(({ handle }) => people.every((each) => each.handle !== handle));
  const described = people.map((each) => ({ ...each, name: each.handle, description: 'completes trainings' }));
  writeFileSync(file, JSON.stringify([...others, ...described]));
  return Promise.all(people.map(async (each) => ({ ...each, token: await askToken(issuer, each.handle) })));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}
export const quantiles = (values: readonly number[]): Quantiles => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
});

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

export async function courseOf(officer: Graph, agencyId: string): Promise<string> {
  const { courses } = await officer.ask<{ courses: { edges: { node: { id: string; code: string } }[] } }>(
    'query ($agencyId: ID!) { courses(agencyId: $agencyId, first: 100) { edges { node { id code } } } }',
    { agencyId },
  );
  return courses.edges.find(({ node }) => node.code === 'PUB-01')!.node.id;
}

async function peopleOf(officer: Graph, unitId: string): Promise<string[]> {
  const { employees } = await officer.ask<{ employees: { edges: { node: { id: string } }[] } }>(
    'query ($unitId: ID!, $first: Int!) { employees(unitId: $unitId, first: $first) { edges { node { id } } } }',
    { unitId, first: PEOPLE },
  );
  return employees.edges.map(({ node }) => node.id);
}

export async function enrol(officer: Graph, courseId: string, employeeId: string, code: string): Promise<string> {
  const { scheduleSession } = await officer.ask<{ scheduleSession: { session: { id: string } } }>(
    'mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }',
    { input: { courseId, code, startsOn: '2026-03-02', endsOn: '2026-03-02', quota: 1 } },
  );
  const { enrol } = await officer.ask<{ enrol: { enrolment: { id: string } } }>(
    'mutation ($input: EnrolInput!) { enrol(input: $input) { enrolment { id } } }',
    { input: { sessionId: scheduleSession.session.id, employeeId } },
  );
  return enrol.enrolment.id;
}

/** How many trainings the score names. */
export async function sourcesOf(graph: Graph, id: string): Promise<number> {
  const { employee } = await graph.ask<{
    employee: { score: { parts: { component: string; sources: unknown[] }[] } };
  }>(SCORE, { id });
  return employee.score.parts.find(({ component }) => component === 'COMPETENCY')?.sources.length ?? 0;
}
