/** Nobody is locked in: another gateway on the same services and supergraph gives the same answers to the same people. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { stablePort } from '@merit/infra/process';
import { type Child, startChild } from '../../scripts/src/bench/child.js';
import { ROOT, SERVICES } from '../../scripts/src/start.plan.js';
import { asked, eventually, type Handle, startWorld, type World, YEAR } from './world.js';

const READY = path.join(ROOT, 'gateway/graphiql/examples');
const KNOWN = path.join(ROOT, 'gateway/documents/public');
const STAFF = path.join(ROOT, 'gateway/documents/staff');
const documents = [READY, KNOWN, STAFF].flatMap((folder) => readdirSync(folder).map((file) => path.join(folder, file)));
const VIEWERS: (Handle | null)[] = [
  'employee',
  'supervisor',
  'head',
  'colleague',
  'hr',
  'hr-elsewhere',
  'system',
  null,
];

describe('Hive Gateway', () => {
  let world: World;
  let hive: Child;
  beforeAll(async () => {
    world = await startWorld();
    hive = await startChild({
      command: [process.execPath, path.join(ROOT, 'infra/routers/hive-gateway.mjs')],
      env: Object.fromEntries(SERVICES.map((name) => [`${name.toUpperCase()}_URL`, world.merit.urls[name]])),
      port: await stablePort(),
    });
    // The survey is measured by a job that looks every ten seconds: after that nothing moves.
    await eventually(async () => {
      const { data } = await world.asked('hr', readFileSync(path.join(READY, 'person.graphql'), 'utf8'), {
        id: world.people.employee,
      });
      return data?.employee?.score?.coverage === 0.8 && data.employee.unit.satisfaction !== null;
    }, 120_000);
  }, 300_000);
  afterAll(async () => {
    await hive?.stop();
    await world?.stop();
  }, 120_000);

  /** What each document asks about; documents without an entry here ask about nothing in particular. */
  const variablesOf = (file: string): Record<string, unknown> =>
    ({
      'person.graphql': { id: world.people.employee },
      'unit.graphql': { id: world.unitId, year: YEAR },
      'team.graphql': { unitId: world.unitId, year: YEAR },
      'dashboard.graphql': { unitId: world.unitId, year: YEAR },
      'units.graphql': { agencyId: world.agencyId },
      'service.graphql': { id: world.serviceId, year: YEAR },
      'calendar.graphql': { agencyId: world.agencyId, year: YEAR },
      'complaint.graphql': { trackingId: 'AAAA-AAAA-AAAA' },
      'complete-training.graphql': {
        input: {
          enrolmentId: world.enrolmentId,
          hours: 4,
          certificateNumber: 'ROUTERS-1',
          completedAt: '2026-03-03T08:00:00Z',
          idempotencyKey: 'routers',
        },
      },
    })[path.basename(file)] ?? {};

  /** What a client can rely on: the data, and which field failed how often with which code and words. */
  const told = async (url: string, as: Handle | null, file: string) => {
    const { status, data, errors } = await asked(
      url,
      as && world.tokenOf(as),
      readFileSync(file, 'utf8'),
      variablesOf(file),
    );
    const failed = errors.map(({ message, path: at, extensions: { code, field, params } }) => {
      // Our gateway leaves out parameters of which there are none, and does not say the field twice.
      const { field: _, ...figures } = params ?? {};
      // The other one says the first item of a list for all of them: see infra/routers/README.md.
      return {
        message,
        at: at?.filter((step: unknown) => typeof step === 'string').join('.'),
        code,
        field,
        params: figures,
      };
    });
    return { status, data, failed: failed.sort((a, b) => String(a.at).localeCompare(String(b.at))) };
  };

  /** Both answers, of a moment in which nothing moved: how recent a score is, for one, moves with every heartbeat. */
  const both = (viewer: Handle | null, file: string) =>
    eventually(async () => {
      const ours = await told(world.merit.gatewayUrl, viewer, file);
      const theirs = await told(hive.url, viewer, file);
      return isDeepStrictEqual(await told(world.merit.gatewayUrl, viewer, file), ours) && { ours, theirs };
    });

  test.each(documents.map((file) => [path.relative(ROOT, file), file]))(
    'answers %s as the gateway does, whoever asks',
    async (_, file) => {
      const answers = [];
      for (const viewer of VIEWERS) {
        const { ours, theirs } = await both(viewer, file);
        expect({ viewer, ...theirs }).toEqual({ viewer, ...ours });
        answers.push(ours);
      }
      // Not all of them nothing: that would be easy to agree on.
      if (!file.includes('complaint')) expect(answers.some(({ data }) => someValue(data))).toBe(true);
    },
  );

  test('passes on the token, without which it is told no more than anyone', async () => {
    const person = path.join(READY, 'person.graphql');
    expect((await told(hive.url, 'employee', person)).data.employee.score).not.toBeNull();
    expect((await told(hive.url, null, person)).data.employee).toBeNull();
  });
});

const someValue = (data: unknown): boolean =>
  data !== null && (typeof data !== 'object' || Object.values(data).some(someValue));
