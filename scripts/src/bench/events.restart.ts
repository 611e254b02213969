/** How long it takes after the death of a process until everything is as if it had not died. */
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import type { ProcessName } from '../processes.js';
import { exampleIn, type World } from './events.world.js';
import { courseOf, enrol, sourcesOf } from './latency.js';

export interface Restart {
  readonly process: ProcessName;
  /** From kill -9 to the last of: a training is completed, it is in the score, and the process says that it is ready. */
  readonly milliseconds: number;
}

const COMPLETE = `mutation ($input: CompleteTrainingInput!) { completeTraining(input: $input) { enrolment { id } } }`;
const MOST_MS = 60_000;

/** Kills each process in its turn, with a training under way. */
export async function measureRestarts(world: World, processes: readonly ProcessName[]): Promise<Restart[]> {
  const { employee, agency } = exampleIn(world);
  const courseId = await courseOf(world.officer, agency);
  const restarts: Restart[] = [];
  for (const process of processes) {
    const enrolmentId = await enrol(world.officer, courseId, employee, `KILL-${process}-${Date.now().toString(36)}`);
    const before = await sourcesOf(world.officer, employee);
    const began = performance.now();
    world.merit.kill(process);
    await until(process, () => complete(world, enrolmentId));
    await until(process, async () => (await sourcesOf(world.officer, employee)) !== before);
    await until(process, () => isReady(world, process));
    restarts.push({ process, milliseconds: performance.now() - began });
    if (!(await world.merit.back(process, MOST_MS))) throw new Error(`${process} did not come back.`);
  }
  return restarts;
}

async function until(process: ProcessName, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + MOST_MS;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error(`A minute after the death of ${process} not all was well again.`);
    await pause(20);
  }
}

/** Once, and without patience: that would add to what is measured. The key makes any number of attempts one. */
async function complete({ merit, token }: World, enrolmentId: string): Promise<boolean> {
  const input = {
    enrolmentId,
    hours: 1,
    certificateNumber: enrolmentId,
    completedAt: '2026-03-02T08:00:00Z',
    idempotencyKey: enrolmentId,
  };
  const { body } = await request(`${merit.gatewayUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: COMPLETE, variables: { input } }),
    headersTimeout: 2_000,
  });
  const { errors } = (await body.json()) as { errors?: unknown[] };
  return errors === undefined;
}

/** Of what has no such page, the services say it: they are not ready without a database or a broker. */
async function isReady({ merit }: World, process: ProcessName): Promise<boolean> {
  const asked = process === 'postgres' || process === 'kafka' ? (['competency', 'performance'] as const) : [process];
  const answers = await Promise.all(
    asked.map((name) => request(new URL('/health/ready', merit.urls[name as keyof typeof merit.urls]))),
  );
  const codes = await Promise.all(answers.map(({ statusCode, body }) => body.dump().then(() => statusCode)));
  return codes.every((code) => code === 200);
}
