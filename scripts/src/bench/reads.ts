/**
 * `npm run bench:reads`: what the log of reads costs. A supervisor asks personnel for one person, and for a team of 25; the
 * same graph on the same database, with the log and without it, in turns (`--rounds`, 300 unless told). Nothing else of Merit is in the way, so this is
 * the service's part: behind the gateway the share is smaller. Prints ratios and writes JSON.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildGraph, createApollo, type Protect } from '@merit/chassis/api/graph';
import type { Viewer } from '@merit/chassis/api/viewer';
import { openDatabase } from '@merit/chassis/database';
import { createLog } from '@merit/chassis/log';
import { freePort } from '@merit/infra/process';
import { v7 } from 'uuid';
import { ROOT } from '../start.plan.js';
import { bareStart } from './baselines.js';
import { ratio } from './figure.js';
import { stopOnInterrupt } from './interrupt.js';
import { machine, writeReport } from './machine.js';

const TEAM = 25;
const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '300' } } });
const ROUNDS = Number(flags.rounds);
const WARM_UP = Math.ceil(ROUNDS / 5);
const AT_ONCE = 16;
const FIELDS = `id name serviceFrom leftOn position { title } unit { name } supervisor { name }
  positionAssignments(first: 5) { edges { node { validFrom } } } availability(first: 5) { edges { node { awayFrom awayTo } } }`;
const DOCUMENTS = {
  'one person': `query ($id: ID!) { employee(id: $id) { ${FIELDS} } }`,
  [`a team of ${TEAM}`]: `query ($unit: ID!) { unit(id: $unit) { employees(first: ${TEAM + 1}) { edges { node { ${FIELDS} } } } } }`,
};

const built = (...place: string[]) => import(pathToFileURL(path.join(ROOT, 'services', ...place)).href);
const { enforceAccess } = (await built('directory', 'dist', 'access.js')) as { enforceAccess: Protect };
const { resolvers } = await built('personnel', 'dist', 'resolvers.js');
const { entities, migrations } = await built('personnel', 'dist', 'database.js');
const typeDefs = readFileSync(path.join(ROOT, 'services/personnel/schema.graphql'), 'utf8');
const log = createLog('bench', 'error');

const folder = mkdtempSync(path.join(tmpdir(), 'merit-bench-reads-'));
const postgres = await bareStart(path.join(folder, 'data'), await freePort());
const stop = async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
};
const calm = stopOnInterrupt(stop);
const db = await openDatabase({ url: postgres.url, poolSize: 10, name: 'bench', entities, migrations });

// biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape its query asks for
type Ask = (viewer: Viewer, query: string, variables: object) => Promise<any>;

function graph(record: Protect['record']): Ask {
  const apollo = createApollo(buildGraph({ typeDefs, resolvers, protect: enforceAccess }), {
    log,
    introspection: false,
    record,
  });
  return async (viewer, query, variables) => {
    const contextValue = {
      ...{ db, viewer, requestId: v7(), traceparent: null, firstAdmin: 'system' },
      ...{ now: () => new Date(), newId: () => v7() },
    };
    const { body } = await apollo.executeOperation({ query, variables: { ...variables } }, { contextValue });
    if (body.kind !== 'single' || body.singleResult.errors) throw new Error(JSON.stringify(body));
    return body.singleResult.data;
  };
}
const withLog = graph(enforceAccess.record);
const withoutLog = graph(undefined);

/** A department whose head supervises a team. */
async function town() {
  const system: Viewer = { kind: 'OPERATOR', subject: 'system' };
  const act = async (name: string, input: object, answer: string) => {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const data = await withoutLog(system, `mutation ($input: ${type}!) { ${name}(input: $input) { ${answer} } }`, {
      input,
    });
    return data[name];
  };
  const agencyId = (await act('registerAgency', { name: 'Kota Contoh' }, 'agency { id }')).agency.id;
  await act('grantRole', { subject: 'system', role: 'HR', agencyId, validFrom: '2020-01-01' }, 'grant { id }');
  const unitInput = { agencyId, code: '1', name: 'Dinas', kind: 'PERANGKAT_DAERAH', validFrom: '2015-01-01' };
  const unit = (await act('registerUnit', unitInput, 'unit { id }')).unit.id;
  const rows = Array.from({ length: TEAM + 1 }, (_, n) => ({
    ...{
      nip: `198506152010031${900 + n}`,
      name: `Pegawai ${n}`,
      kind: 'PNS',
      serviceFrom: '2015-03-01',
      unitCode: '1',
    },
    ...(n === 0
      ? { positionTitle: 'Kepala Dinas', positionKind: 'JPT', leading: true }
      : { positionTitle: 'Analis', positionKind: 'PELAKSANA' }),
    ...{ decreeNumber: '800/1/2016', decreeDate: '2016-01-04', validFrom: '2016-01-04' },
  }));
  const { problems } = await act('importEmployees', { agencyId, rows }, 'problems { row code }');
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const [head, member] = await db.query('select id from employee order by name limit 2');
  await db.query('analyze');
  return { unit, head: head.id as string, member: member.id as string };
}

const { unit, head, member } = await town();
const viewer: Viewer = { kind: 'EMPLOYEE', subject: 'head', employeeId: head };
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Milliseconds an answer takes alone: in turns, so that whatever else the machine does meets both. */
async function alone(query: string) {
  const took: { log: number[]; none: number[] } = { log: [], none: [] };
  for (let n = -WARM_UP; n < ROUNDS; n += 1) {
    for (const [ask, into] of n % 2
      ? ([
          [withLog, took.log],
          [withoutLog, took.none],
        ] as const)
      : ([
          [withoutLog, took.none],
          [withLog, took.log],
        ] as const)) {
      const began = performance.now();
      await ask(viewer, query, { id: member, unit });
      if (n >= 0) into.push(performance.now() - began);
    }
  }
  return { log: median(took.log), none: median(took.none) };
}

/** Answers a second, so many asked for at once; the best of three turns each. */
async function crowded(query: string) {
  const rate = async (ask: Ask) => {
    const began = performance.now();
    const worker = async () => {
      for (let n = 0; n < ROUNDS / AT_ONCE; n += 1) await ask(viewer, query, { id: member, unit });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return (Math.ceil(ROUNDS / AT_ONCE) * AT_ONCE * 1000) / (performance.now() - began);
  };
  const rates: { log: number; none: number } = { log: 0, none: 0 };
  for (let turn = 0; turn < 3; turn += 1) {
    rates.none = Math.max(rates.none, await rate(withoutLog));
    rates.log = Math.max(rates.log, await rate(withLog));
  }
  return rates;
}

try {
  const figures = [];
  for (const [what, query] of Object.entries(DOCUMENTS)) {
    const time = await alone(query);
    const rate = await crowded(query);
    figures.push({ what, time, rate });
  }
  const [{ rows, bytes }] = await db.query(
    `select count(*)::int as rows, (pg_total_relation_size('access_log') / greatest(count(*), 1))::int as bytes from access_log`,
  );
  console.log(
    `| What a supervisor asks of personnel | p50 with the log | without | ratio | answers a second, ${AT_ONCE} at once, with | without | ratio |\n|---|---|---|---|---|---|---|`,
  );
  for (const { what, time, rate } of figures) {
    console.log(
      `| ${what} | ${time.log.toFixed(1)} ms | ${time.none.toFixed(1)} ms | ${ratio(time.log, time.none)} | ${Math.round(rate.log)} | ${Math.round(rate.none)} | ${ratio(rate.log, rate.none)} |`,
    );
  }
  console.log(`\n${rows} rows written, ${bytes} bytes each with their indexes.`);
  console.log(
    `${writeReport('reads', { at: new Date().toISOString(), machine: machine(), figures, rows, bytes })} written.`,
  );
} finally {
  calm();
  await db.destroy();
  await stop();
}
