/** One contender and one document: are its answers right, and what does it make of load. */
import { isDeepStrictEqual } from 'node:util';
import type { World } from './events.world.js';
import type { Contender } from './gateway.contenders.js';
import { cpuOf } from './gateway.cpu.js';
import { asksOf, type Document } from './gateway.documents.js';
import type { Loaded, LoadProcess } from './gateway.load.js';
import { processesBelow, residentOf } from './memory.js';

/** Of one load: what came of it, and milliseconds of processor time for each answer. */
export interface Measured extends Loaded {
  readonly cpu: { readonly gateway: number; readonly services: number; readonly database: number };
  /** Bytes that the contender holds at the end. */
  readonly memory: number;
}

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  readonly rate: number | null;
}

export async function measure(
  { merit, dataDir }: World & { readonly dataDir: string },
  loader: LoadProcess,
  contender: Contender,
  document: Document,
  load: Load,
): Promise<Measured> {
  const { gateway: _, identity: __, postgres, ...services } = merit.processes();
  const database = processesBelow(postgres!, dataDir).filter((pid) => !Object.values(merit.processes()).includes(pid));
  const groups = { gateway: [contender.pid], services: Object.values(services), database: [postgres!, ...database] };
  const now = () => Object.entries(groups).map(([name, pids]) => [name, cpuOf(pids)] as const);
  const before = Object.fromEntries(now());
  const loaded = await loader.run({ url: contender.url, asks: asksOf(document, contender.merit), ...load });
  const each = now().map(([name, ms]) => [name, (ms - before[name]!) / Math.max(1, loaded.answered)]);
  return { ...loaded, cpu: Object.fromEntries(each), memory: residentOf(contender.pid) };
}

/** How an answer differs from the one it should be, in a few words; null when it does not. `asOf` moves by itself. */
export async function difference(
  one: Contender,
  other: Contender,
  document: Document,
  most: number,
): Promise<string | null> {
  const asks = [asksOf(document, one.merit), asksOf(document, other.merit)] as const;
  const step = Math.max(1, Math.floor(asks[0].length / most));
  for (let n = 0; n < asks[0].length; n += step) {
    const [expected, given] = await Promise.all([answerOf(one, asks[0][n]!), answerOf(other, asks[1][n]!)]);
    const at = firstDifference(expected, given, '');
    if (at !== null) return `${JSON.stringify(document.asked[n]!.variables)}: ${at}`;
  }
  return null;
}

async function answerOf({ url }: Contender, { path, method, headers, body }: ReturnType<typeof asksOf>[number]) {
  const answer = await fetch(url + path, { method, headers, ...(body ? { body } : {}) });
  return JSON.parse(await answer.text(), (key, value) => (key === 'asOf' ? null : value));
}

function firstDifference(a: unknown, b: unknown, at: string): string | null {
  if (isDeepStrictEqual(a, b)) return null;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${at} is ${JSON.stringify(b)}, not ${JSON.stringify(a)}`;
  }
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const name of names) {
    const inside = firstDifference((a as never)[name], (b as never)[name], `${at}.${name}`);
    if (inside !== null) return inside;
  }
  return `${at} is of another kind`;
}

/** The subjects of a document whose answers have no errors: a person without a supervisor's rights makes no figure. */
export async function answerable(contender: Contender, document: Document): Promise<Document> {
  if (document.changes || document.open) return document;
  const asks = asksOf(document, contender.merit);
  const whole: (typeof document.asked)[number][] = [];
  let refused: string | undefined;
  for (const [n, ask] of asks.entries()) {
    const answer = await answerOf(contender, ask);
    if (answer.errors) refused ??= JSON.stringify(answer.errors[0]);
    else whole.push(document.asked[n]!);
  }
  if (whole.length === 0) throw new Error(`Nobody gets a whole answer to "${document.name}": ${refused}`);
  return { ...document, asked: whole };
}
