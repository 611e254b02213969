/** What operators do about this service's own directory, which it keeps though it hears nobody's events. */
import { readFileSync } from 'node:fs';
import { fillOwn } from '@merit/chassis/in/rebuild.own';
import { createLog } from '@merit/chassis/log';
import { withOperations } from '@merit/chassis/operations/operations.graph';
import { testDatabase, testGraph } from '@merit/chassis/testing';
import type { EventTransport } from '@merit/chassis/transport/transport';
import { openTransport } from '@merit/chassis/transport/transport.open';
import { enforceAccess } from '@merit/directory/access';
import { operations } from '../src/operations.js';
import { ownDirectory } from '../src/own-directory.js';
import { resolvers } from '../src/resolvers.js';
import { OFFICER, personnel, SYSTEM } from './personnel.js';

const { database, agency, unit, position, person, assign } = personnel();
const eventLog = testDatabase({ entities: [], migrations: [] });
const log = createLog('test', 'silent');
let transport: EventTransport;
let graph: ReturnType<typeof testGraph>;

beforeAll(async () => {
  transport = await openTransport({ EVENT_LOG_URL: eventLog.url }, log);
  const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');
  graph = testGraph({
    db: database,
    ...withOperations({ typeDefs, resolvers }, operations(transport, log)),
    protect: enforceAccess,
    firstAdmin: 'system',
  });
});
afterAll(() => transport?.close(5_000));

const REBUILD = `mutation ($input: RebuildModelInput!) { rebuildPersonnelModel(input: $input) { rebuild { id model state } } }`;
const REBUILDS = '{ personnelEvents { rebuilds { id model state aggregates aggregatesInAll } } }';
const FINISH = `mutation ($input: FinishRebuildInput!) { finishPersonnelRebuild(input: $input) { rebuild { state settledBy } } }`;
const DIFFERENCES = `query ($id: ID!) { personnelEvents { rebuildDifferences(model: "directory", id: $id) { table onlyLive onlyRebuilt } } }`;
const input = { model: 'directory', reason: 'somebody changed it by hand' };

const done = async (query: string, variables: object = {}) => {
  const { data, errors } = await graph(SYSTEM, query, variables);
  expect(errors).toBeUndefined();
  return data;
};
/** As the service's job does. */
const fill = async () => {
  for (const step = fillOwn([ownDirectory]); await step(database.db); );
};
const differing = async (id: string) => {
  const { rebuildDifferences } = (await done(DIFFERENCES, { id })).personnelEvents;
  return rebuildDifferences.filter((each: Record<string, number>) => each['onlyLive']! + each['onlyRebuilt']! > 0);
};

test('the own directory is built anew, compared, put in use, and all of it is written down', async () => {
  const agencyId = await agency();
  const unitId = await unit(agencyId);
  const employeeId = await person(agencyId);
  await assign(employeeId, await position(unitId));
  expect((await done('{ personnelEvents { models } }')).personnelEvents.models).toEqual(['directory']);

  const { rebuild } = (await done(REBUILD, { input })).rebuildPersonnelModel;
  expect(rebuild).toEqual({ id: rebuild.id, model: 'directory', state: 'FILLING' });
  await fill();
  // The agency, its unit, the person, and the role of their officer.
  const ready = { ...rebuild, state: 'READY', aggregates: 4, aggregatesInAll: 4 };
  expect((await done(REBUILDS)).personnelEvents.rebuilds).toEqual([ready]);
  expect(await differing(rebuild.id)).toEqual([]);
  await done(FINISH, { input: { ...input, id: rebuild.id, swap: false } });

  await database.db.query('delete from directory_assignment');
  const { id } = (await done(REBUILD, { input })).rebuildPersonnelModel.rebuild;
  await fill();
  expect(await differing(id)).toEqual([{ table: 'directory_assignment', onlyLive: 0, onlyRebuilt: 1 }]);
  const { finishPersonnelRebuild: finished } = await done(FINISH, { input: { ...input, id, swap: true } });
  expect(finished.rebuild).toEqual({ state: 'SWAPPED', settledBy: 'operator/system' });
  expect(await database.db.query('select employee_id from directory_assignment')).toEqual([
    { employee_id: employeeId },
  ]);
  const { audit } = (await done('{ personnelEvents { audit { edges { node { action doneBy outcome } } } } }'))
    .personnelEvents;
  const by = { doneBy: 'operator/system', outcome: 'DONE' };
  expect(audit.edges.map(({ node }: { node: object }) => node)).toEqual(
    ['swapRebuild', 'rebuildModel', 'dropRebuild', 'rebuildModel'].map((action) => ({ action, ...by })),
  );
});

test('a personnel officer may not', async () => {
  const { errors } = await graph(OFFICER, REBUILD, { input });
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
});
