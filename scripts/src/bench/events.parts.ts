/** What is measured of the event path, part by part, each on stores of its own. */
import { cpus } from 'node:os';
import path from 'node:path';
import { kafkaCeilings, postgresCeiling } from './events.ceilings.js';
import { measureMemory } from './events.memory.js';
import { measureRelay } from './events.relay.js';
import { measureRestarts } from './events.restart.js';
import { measureScores, type Processor } from './events.scores.js';
import { type Stores, withStores } from './events.stores.js';
import { startWorld, type World } from './events.world.js';
import { type Figure, mib, perSecond, ratio } from './figure.js';
import { type Quantiles, scoreLatencies } from './latency.js';
import { memoryOf } from './memory.js';

export interface Setting {
  readonly folder: string;
  /** The first of those that are used. */
  readonly port: number;
  readonly kafka: boolean;
  readonly quick: boolean;
}

export interface Found {
  readonly figures: readonly Figure[];
  /** The numbers behind them, for the report. */
  readonly detail: unknown;
}

type Work<On> = (on: On, setting: Setting) => Promise<Found>;

/** On the whole of Merit with its sample data, which they share. */
const ON_WORLD: Readonly<Record<string, Work<World>>> = { latency, restart };
/** Each on a fresh PostgreSQL and broker. */
const ON_STORES: Readonly<Record<string, Work<Stores>>> = { scores, relay, memory };

/** The names of all. */
export const PARTS: readonly string[] = [...Object.keys(ON_WORLD), ...Object.keys(ON_STORES)];

/** Measures these parts, and hands each over as soon as it is there. */
export async function measureParts(
  setting: Setting,
  parts: readonly string[],
  found: (part: string, found: Found) => void,
): Promise<void> {
  const onWorld = Object.entries(ON_WORLD).filter(([part]) => parts.includes(part));
  if (onWorld.length > 0) {
    const name = setting.kafka ? 'kafka' : 'postgres';
    const world = await startWorld(path.join(setting.folder, name), setting.port + 10, setting.kafka);
    try {
      for (const [part, work] of onWorld) found(part, await work(world, setting));
    } finally {
      await world.stop();
    }
  }
  for (const [part, work] of Object.entries(ON_STORES)) {
    if (parts.includes(part)) found(part, await withStores(setting, (stores) => work(stores, setting)));
  }
}

/** Of the process under measurement, beside the stores' three. */
const processPort = ({ port }: Setting): number => port + 5;

async function latency(world: World, { quick }: Setting): Promise<Found> {
  const { officer, places, merit } = world;
  const asked = { officer, gatewayUrl: merit.gatewayUrl, issuer: merit.urls.identity, places };
  const found = await scoreLatencies(asked, quick ? 30 : 300);
  const { moved, reading } = found;
  const shown = ({ p50, p99 }: Quantiles) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  const figure: Figure = {
    what: 'training completed (answered) → score readable through the gateway',
    measured: shown(moved),
    ceiling: `one reading of a score: ${shown(reading)}`,
    ratio: `${ratio(moved.p50, reading.p50)}, ${ratio(moved.p99, reading.p99)}`,
    goal: 'p50 < 25 ms, p99 < 100 ms, through Kafka',
  };
  return { figures: [figure], detail: found };
}

/** The same records and rows, and no work. */
async function ceilings(stores: Stores, count: number) {
  const rows = await postgresCeiling(await stores.database('ceiling'), count);
  return stores.brokers ? { rows, ...(await kafkaCeilings(stores.brokers, count)) } : { rows };
}
type Ceilings = Awaited<ReturnType<typeof ceilings>>;

async function scores(stores: Stores, setting: Setting): Promise<Found> {
  const people = setting.quick ? 10_000 : 100_000;
  const measured = await measureScores({ stores, port: processPort(setting), people });
  if (measured.scores !== people) throw new Error(`Of ${people} scores ${measured.scores} have a value.`);
  const plain = await ceilings(stores, people);
  const figure: Figure = {
    what: `events applied to scores by one performance process, of a backlog of ${people.toLocaleString('en')}`,
    measured: perSecond(measured),
    ceiling: `${said(plain, 'consumed')}; ${bounds(measured.processor)}`,
    ratio: ratios(measured.perSecond, plain, 'consumed'),
    goal: '≥ 5,000/s',
  };
  return { figures: [figure], detail: { measured, ceilings: plain } };
}

/** How fast it could be at most by the processor time that it took: each part by itself, and all of them on this machine. */
function bounds({ process, postgres, kafka }: Processor): string {
  const rate = (microseconds: number, processors = 1) => perSecond({ perSecond: (processors * 1e6) / microseconds });
  const parts = { process, postgres, ...(kafka > 0 ? { kafka } : {}) };
  const took = Object.entries(parts).map(([name, micros]) => `${name} ${Math.round(micros)} µs`);
  const together = rate(process + postgres + kafka, cpus().length);
  return `processor time an event: ${took.join(', ')}; so the process never more than ${rate(process)}, all on ${cpus().length} cores ${together}`;
}

async function relay(stores: Stores, setting: Setting): Promise<Found> {
  const rows = setting.quick ? 10_000 : 100_000;
  const measured = await measureRelay(stores, processPort(setting), rows);
  const plain = await ceilings(stores, rows);
  const figure: Figure = {
    what: `outbox rows published by one relay, of ${rows.toLocaleString('en')}`,
    measured: perSecond(measured),
    ceiling: said(plain, 'produced'),
    ratio: ratios(measured.perSecond, plain, 'produced'),
    goal: '≥ 10,000/s',
  };
  return { figures: [figure], detail: { measured, ceilings: plain } };
}

type Kind = 'produced' | 'consumed';
const said = (plain: Ceilings, kind: Kind): string =>
  [
    ...('produced' in plain ? [`the records ${kind} by kafkajs alone: ${perSecond(plain[kind])}`] : []),
    `the rows inserted into PostgreSQL: ${perSecond(plain.rows)}`,
  ].join('; ');
const ratios = (measured: number, plain: Ceilings, kind: Kind): string =>
  [...('produced' in plain ? [plain[kind]] : []), plain.rows].map((each) => ratio(measured, each.perSecond)).join(', ');

async function restart(world: World, { kafka }: Setting): Promise<Found> {
  const processes = [
    ...(['gateway', 'personnel', 'performance', 'competency', 'feedback', 'postgres'] as const),
    ...(kafka ? (['kafka'] as const) : []),
  ];
  const restarts = await measureRestarts(world, processes);
  const seconds = (ms: number) => (ms / 1_000).toFixed(1);
  const worst = Math.max(...restarts.map(({ milliseconds }) => milliseconds));
  const figure: Figure = {
    what: 'kill -9 of a process → back, ready, and a training completed meanwhile in its score',
    measured: restarts.map(({ process, milliseconds }) => `${process} ${seconds(milliseconds)} s`).join(', '),
    ceiling: '–',
    ratio: '–',
    goal: `< 10 s each; the longest took ${seconds(worst)} s`,
  };
  return { figures: [figure], detail: restarts };
}

async function memory(stores: Stores, setting: Setting): Promise<Found> {
  const events = setting.quick ? 50_000 : 1_000_000;
  const measured = await measureMemory(stores, processPort(setting), { events, mostSeconds: 240 });
  const idle = memoryOf([process.pid]);
  const figure: Figure = {
    what: `memory of performance while it drains ${measured.drained.toLocaleString('en')} of ${events.toLocaleString('en')} events`,
    measured: `at most ${mib(measured.highest)}, last quarter ${measured.growth.toFixed(2)} of the second`,
    ceiling: `this process of Node: ${mib(idle)}`,
    ratio: ratio(measured.highest, idle),
    goal: 'flat, < 300 MB',
  };
  return { figures: [figure], detail: measured };
}
