/** What the documentation promises to list, it lists. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { SERVICES } from '../src/start.plan.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const skipped = new Set(['node_modules', 'dist', 'gen', 'target', '.git', '.merit', '.turbo']);

/** All files below a folder whose name ends so. */
function files(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : files(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

interface Operations {
  readonly operations: Readonly<Record<string, { readonly messages: readonly { readonly $ref: string }[] }>>;
}

/** What a service publishes or reads by the committed AsyncAPI document, which is made of what services start with. */
function operationsOf(service: string) {
  const { operations }: Operations = parse(read('proto/asyncapi.yaml'));
  return Object.entries(operations).flatMap(([name, { messages }]) => {
    const [, who, does, topic] = /^(\w+)-(publishes|reads)-(.+)$/.exec(name)!;
    const types = messages.map(({ $ref }) => $ref.split('/').at(-1)!);
    return who === service ? [{ does, topic: topic!, types }] : [];
  });
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('links', () => {
  test('of every page lead to files that are there', () => {
    const broken = files('.', '.md').flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)]
        .map((match) => join(dirname(page), match[1]!))
        .filter((target) => !statSync(join(root, target), { throwIfNoEntry: false }))
        .map((target) => `${page} → ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

describe.each(SERVICES)('the README of %s', (service) => {
  const page = read(`services/${service}/README.md`);
  const operations = operationsOf(service);

  test('names every topic that it publishes on or reads, and no other', () => {
    const named = page.match(/`merit\.[a-z]+\.v1`/g) ?? [];
    expect([...new Set(named)].sort()).toEqual([...new Set(operations.map(({ topic }) => `\`${topic}\``))].sort());
  });

  test('names every event that it publishes', () => {
    const published = operations.flatMap(({ does, types }) => (does === 'publishes' ? types : []));
    // What every publisher says of its own log.
    const own = published
      .filter((type) => !/^merit\.(events|relay)\./.test(type))
      .map((type) => type.split('.').at(-1)!);
    expect(own.length).toBeGreaterThan(1);
    expect(own.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });
});
