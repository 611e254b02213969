/** The system that faults are brought upon: real processes, two agencies, people, a course and services. */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type KafkaSet, startKafkaSet } from '@merit/infra/kafka/set';
import pg from 'pg';
import { connectGraph, type Graph } from '../graph.client.js';
import { type MeritOptions, type RunningMerit, startMerit } from '../processes.js';
import { importRows, whenKnown } from '../seed/graph.js';
import { registerAgency, takeRoles } from '../seed/staff.js';
import { type Database, SERVICES, type Service } from '../start.plan.js';
import { freePorts } from '../start.ports.js';
import { askToken } from '../token.ask.js';
import { mountSmallDisk } from './disk.js';
import { type Control, writeControl } from './preload/control.js';
import { startProxy, type TcpProxy } from './proxy.js';

export const YEAR = 2026;

export interface World {
  readonly merit: RunningMerit;
  readonly folder: string;
  readonly token: string;
  readonly graph: Graph;
  /** Straight to each service's database, past whatever lies in a service's own way. */
  readonly databases: Readonly<Record<Service, pg.Pool>>;
  readonly agencies: readonly [string, string];
  /** Those whose trainings are recorded, and those who are moved between the agencies. */
  readonly people: readonly string[];
  readonly movers: readonly string[];
  readonly courseId: string;
  readonly services: readonly string[];
  /** The lines from the processes to their databases. */
  readonly lines: Readonly<Partial<Record<Database, TcpProxy>>>;
  /** Three brokers, where the events go through them. */
  readonly cluster: KafkaSet | null;
  /** What a process is told to do to itself. */
  readonly control: (name: string, control: Control) => void;
  readonly stop: () => Promise<void>;
}

export interface WorldOptions extends Pick<MeritOptions, 'kafka'> {
  /** Through a set of so many brokers, which is started for it. */
  readonly brokers?: number | undefined;
  /** Empty or missing; everything is in it. */
  readonly folder: string;
  readonly people?: number;
  readonly variant?: string | undefined;
}

const MOVERS = 20;

/** Starts and fills it. @throws what a start throws; then nothing is left running */
export async function startWorld(given: WorldOptions): Promise<World> {
  const { folder, people = 160, variant, brokers, ...options } = given;
  const closing: (() => unknown)[] = [mountSmallDisk(folder)];
  let stopping: Promise<void> | undefined;
  const stopAll = async () => {
    for (const close of closing.reverse()) await close();
  };
  // Whoever asks second waits for the same.
  const stop = () => {
    stopping ??= stopAll();
    return stopping;
  };
  try {
    const cluster = brokers ? await startKafkaSet({ dataDir: path.join(folder, 'brokers'), count: brokers }) : null;
    if (cluster) closing.push(cluster.stop);
    const lines: Partial<Record<Database, TcpProxy>> = {};
    closing.push(() => Promise.all(Object.values(lines).map((line) => line.close())));
    const controls = path.join(folder, 'control');
    mkdirSync(controls, { recursive: true });
    const merit = await startMerit({
      ...options,
      kafkaBrokers: cluster?.brokers,
      port: await freePorts(),
      dataDir: path.join(folder, 'data'),
      durable: true,
      onTrouble: (text) => appendFileSync(path.join(folder, 'troubles.log'), `${new Date().toISOString()} ${text}\n`),
      route: async (database, url) => {
        const far = new URL(url);
        lines[database] = await startProxy({ host: far.hostname, port: Number(far.port) });
        far.port = String(lines[database].port);
        return far.toString();
      },
      beside: (name) => (isService(name) ? preload(controls, name, variant) : { env: {} }),
    });
    closing.push(merit.stop);
    const databases = Object.fromEntries(SERVICES.map((name) => [name, poolOf(merit.databases[name]!)])) as Record<
      Service,
      pg.Pool
    >;
    closing.push(() => Promise.all(Object.values(databases).map((pool) => pool.end())));
    const token = await askToken(merit.urls.identity, 'system');
    const graph = connectGraph(merit.gatewayUrl, token);
    closing.push(graph.close);
    const filled = await fill(graph, people);
    const control = (name: string, what: Control) => writeControl(controls, name, what);
    return { merit, folder, token, graph, databases, lines, cluster, ...filled, control, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const isService = (name: string): boolean => SERVICES.some((service) => name.startsWith(service));

const preload = (folder: string, name: string, variant = '') => ({
  args: ['--import', new URL('./preload/register.js', import.meta.url).href],
  env: { MERIT_FAULTS: folder, MERIT_FAULTS_NAME: name, MERIT_FAULTS_VARIANT: variant },
});

function poolOf(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 3, connectionTimeoutMillis: 2_000, statement_timeout: 30_000 });
  // A connection that breaks while idle is replaced at its next use.
  pool.on('error', () => undefined);
  return pool;
}

async function fill(graph: Graph, count: number) {
  const here = await enterAgency(graph, 'Kota Uji', count + MOVERS);
  const there = await enterAgency(graph, 'Kota Tujuan', 0);
  await whenKnown(() =>
    graph.ask('mutation ($input: OpenPeriodInput!) { openPeriod(input: $input) { period { id } } }', {
      input: { agencyId: here.agencyId, year: YEAR },
    }),
  );
  const services = await enterServices(graph, here.agencyId, here.unitId);
  const courseId = await enterCourse(graph, here.agencyId);
  return {
    agencies: [here.agencyId, there.agencyId] as const,
    people: here.people.slice(0, count),
    movers: here.people.slice(count),
    services,
    courseId,
  };
}

async function enterAgency(graph: Graph, name: string, count: number) {
  const agencyId = await registerAgency(graph, { name, timeZone: 'Asia/Jakarta' } as never);
  await takeRoles(graph, agencyId, `${YEAR}-01-01`);
  await importRows(graph, 'importUnits', 'ImportUnitsInput', { agencyId }, [
    { code: 'DINAS', name: 'Dinas Pelayanan', kind: 'PERANGKAT_DAERAH', parentCode: null, validFrom: '2020-01-01' },
  ]);
  const { units } = await graph.ask<{ units: { edges: { node: { id: string } }[] } }>(
    'query ($agencyId: ID!) { units(agencyId: $agencyId) { edges { node { id } } } }',
    { agencyId },
  );
  const rows = Array.from({ length: count }, (_, n) => ({
    // Numbers with serials from 900 on are given to nobody.
    nip: `198${n % 9}0101201501${1 + (n % 2)}${900 + Math.floor(n / 9)}`,
    name: `Pegawai ${n + 1}`,
    unitCode: 'DINAS',
    positionTitle: 'Penata Layanan',
    positionKind: 'PELAKSANA',
    leading: false,
    serviceFrom: '2015-01-01',
    kind: 'PNS',
    assignmentKind: 'DEFINITIF',
    decreeNumber: 'SK/1',
    decreeDate: '2021-01-04',
    validFrom: '2021-02-01',
  }));
  await importRows(graph, 'importEmployees', 'ImportEmployeesInput', { agencyId }, rows);
  const { employeesByNip } = await graph.ask<{ employeesByNip: { employee: { id: string } }[] }>(
    'query ($agencyId: ID!, $nips: [String!]!) { employeesByNip(agencyId: $agencyId, nips: $nips) { employee { id } } }',
    { agencyId, nips: rows.map(({ nip }) => nip) },
  );
  return { agencyId, unitId: units.edges[0]!.node.id, people: employeesByNip.map(({ employee }) => employee.id) };
}

async function enterServices(graph: Graph, agencyId: string, unitId: string): Promise<string[]> {
  const standards = [{ name: 'Berkas', requirements: 'KTP-el', limit: { quantity: 1, unit: 'WORKING_DAYS' }, fee: 0 }];
  const rows = ['KTP', 'KK', 'AKTA'].map((code) => ({ unitId, code, name: `Penerbitan ${code}`, standards }));
  await importRows(graph, 'importServices', 'ImportServicesInput', { agencyId }, rows);
  const { unit } = await graph.ask<{ unit: { services: { edges: { node: { id: string } }[] } } }>(
    'query ($id: ID!) { unit(id: $id) { services { edges { node { id } } } } }',
    { id: unitId },
  );
  return unit.services.edges.map(({ node }) => node.id);
}

async function enterCourse(graph: Graph, agencyId: string): Promise<string> {
  const form = { form: 'PELATIHAN_TEKNIS', hours: 40, competency: 'M.05', provider: 'BKPSDM' };
  await importRows(graph, 'importCourses', 'ImportCoursesInput', { agencyId }, [
    { code: 'PP', title: 'Pelayanan Prima', ...form },
  ]);
  const { courses } = await graph.ask<{ courses: { edges: { node: { id: string } }[] } }>(
    'query ($agencyId: ID!) { courses(agencyId: $agencyId) { edges { node { id } } } }',
    { agencyId },
  );
  return courses.edges[0]!.node.id;
}
