/** From the answer of a mutation in one service to the score in another that shows it, through the gateway. */
import { readFileSync } from 'node:fs';
import type { Graph } from '../graph.client.js';
import type { placesIn } from '../start.plan.js';

const ROUNDS = 100;
/** Not counted: the seed's last events may still be on their way. */
const WARM_UP = 10;

const SCORE = `query ($id: ID!) { employee(id: $id) { score(year: 2026) { parts { component sources { quantity } } } } }`;
const COMPLETE = `mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id } } }`;

/** A person is enrolled in one session after another, and finishes each; an idle system otherwise. Milliseconds. */
export async function scoreLatencies(officer: Graph, places: Pick<ReturnType<typeof placesIn>, 'examples'>) {
  const { employee, agency } = JSON.parse(readFileSync(places.examples, 'utf8')) as {
    employee: string;
    agency: string;
  };
  const courseId = await courseOf(officer, agency);
  const moved: number[] = [];
  const baseline: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const enrolmentId = await enrol(officer, courseId, employee, round);
    const before = await sourcesOf(officer, employee);
    const input = { enrolmentId, hours: 1, certificateNumber: `BENCH-${round}`, completedAt: '2026-03-02T08:00:00Z' };
    await officer.ask(COMPLETE, { input });
    const began = performance.now();
    while ((await sourcesOf(officer, employee)) === before);
    if (round >= 0) moved.push(performance.now() - began);
    const asked = performance.now();
    await officer.ask('{ me { name } }');
    if (round >= 0) baseline.push(performance.now() - asked);
  }
  return [
    {
      what: 'training completed (answered) → score readable through the gateway',
      p50: quantile(moved, 0.5),
      p99: quantile(moved, 0.99),
      baseline50: quantile(baseline, 0.5),
      baseline99: quantile(baseline, 0.99),
    },
  ];
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

async function courseOf(officer: Graph, agencyId: string): Promise<string> {
  const { courses } = await officer.ask<{ courses: { edges: { node: { id: string; code: string } }[] } }>(
    'query ($agencyId: ID!) { courses(agencyId: $agencyId, first: 100) { edges { node { id code } } } }',
    { agencyId },
  );
  return courses.edges.find(({ node }) => node.code === 'PUB-01')!.node.id;
}

async function enrol(officer: Graph, courseId: string, employeeId: string, round: number): Promise<string> {
  const { scheduleSession } = await officer.ask<{ scheduleSession: { session: { id: string } } }>(
    'mutation ($input: ScheduleSessionInput!) { scheduleSession(input: $input) { session { id } } }',
    { input: { courseId, code: `BENCH-${round}`, startsOn: '2026-03-02', endsOn: '2026-03-02', quota: 1 } },
  );
  const { enrol } = await officer.ask<{ enrol: { enrolment: { id: string } } }>(
    'mutation ($input: EnrolInput!) { enrol(input: $input) { enrolment { id } } }',
    { input: { sessionId: scheduleSession.session.id, employeeId } },
  );
  return enrol.enrolment.id;
}

/** How many trainings the score names. */
async function sourcesOf(officer: Graph, id: string): Promise<number> {
  const { employee } = await officer.ask<{
    employee: { score: { parts: { component: string; sources: unknown[] }[] } };
  }>(SCORE, { id });
  return employee.score.parts.find(({ component }) => component === 'COMPETENCY')?.sources.length ?? 0;
}
