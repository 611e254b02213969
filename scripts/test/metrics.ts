/** The figures that the processes have: as their sources define them, and as the documentation lists them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { measureProcess, registry } from '../../services/chassis/src/telemetry.js';
import { read, root } from './containers.js';

export interface Metric {
  readonly name: string;
  /** counter, gauge, histogram */
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

export interface ListedMetric extends Metric {
  /** Which processes have it: services, gateway or all. */
  readonly of: string;
}

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

/** Everything that any process of Merit can show, with what the library shows of the process itself. */
export async function definedMetrics(): Promise<Map<string, Metric>> {
  const folders = ['gateway', ...readdirSync(join(root, 'services')).map((name) => `services/${name}`)];
  const sources = folders.flatMap((folder) => sourcesIn(`${folder}/src`));
  for (const file of sources.filter((file) => readFileSync(file, 'utf8').includes("from 'prom-client'"))) {
    await import(pathToFileURL(file).href);
  }
  measureProcess();
  const all = registry.getMetricsAsArray() as unknown as (Metric & { labelNames?: readonly string[] })[];
  return new Map(
    all.map(({ name, type, help, labelNames = [] }) => [name, { name, type, help, labels: [...labelNames].sort() }]),
  );
}

/** The rows of the table in docs/observability.md. */
export const listedMetrics = (): ListedMetric[] =>
  [...read('docs/observability.md').matchAll(/^\| `(merit_\w+)` +\| (.+?) +\| (.*?) *\| (.+?) +\| (.+?) +\|$/gm)].map(
    ([, name = '', type = '', labels = '', of = '', help = '']) => ({
      name,
      type,
      labels: labels.split(', ').filter(Boolean),
      of,
      help,
    }),
  );

/** A row of that table. */
export const rowOf = ({ name, type, labels, help }: Metric, of: string): string =>
  `| \`${name}\` | ${type} | ${labels.join(', ')} | ${of} | ${help} |`;
