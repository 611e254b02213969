/** Reads docker-compose.yml and the Dockerfile as a container engine would, as far as their test asks. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { SERVICES } from '../src/start.plan.js';

export { SERVICES };
/** What runs in a container of ours. */
export const PROCESSES = [...SERVICES, 'gateway'] as const;
/** Where its package is. */
export const folderOf = (name: string): string => (name === 'gateway' ? name : `services/${name}`);

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const read = (file: string): string => readFileSync(join(root, file), 'utf8');
export const exists = (file: string): boolean => existsSync(join(root, file));

export interface Container {
  readonly image?: string;
  readonly build?: { context: string; dockerfile: string; args: { PACKAGE: string } };
  readonly environment: Record<string, string>;
  readonly depends_on?: Record<string, { condition: string }>;
  readonly healthcheck?: { test: string[] };
  readonly volumes?: string[];
  readonly ports?: string[];
  readonly profiles?: string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
}

export interface Compose {
  readonly services: Record<string, Container>;
  readonly volumes: Record<string, unknown>;
}

/** The file with its anchors followed, and its variables as they are written. */
export const composeAsWritten = (): Compose => parse(read('docker-compose.yml'), { merge: true }) as Compose;

/** The file as it is run with these variables. @throws when one is missing that has no default */
export const composeWith = (given: Readonly<Record<string, string>>): Compose =>
  everyText(composeAsWritten(), (text) => substitute(text, given)) as Compose;

function everyText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => everyText(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, everyText(part, change)]));
}

/** One that has none inside it: `${NAME}`, `${NAME:-default}`, `${NAME:?what it is}`. */
const VARIABLE = /\$\{(\w+)(?::([-?])([^${}]*))?\}/;

/** From the inside out. Empty counts as missing, as the colon says. */
function substitute(text: string, given: Readonly<Record<string, string>>): string {
  const found = VARIABLE.exec(text);
  if (!found) return text;
  const [whole, name = '', kind, rest = ''] = found;
  const value = given[name] || (kind === '-' ? rest : undefined);
  if (value === undefined) throw new Error(`${name} is missing`);
  return substitute(
    text.replace(whole, () => value),
    given,
  );
}

/** The names of the variables that a text mentions. */
export const variablesIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!))].sort();

export interface Instruction {
  readonly keyword: string;
  readonly words: readonly string[];
  readonly text: string;
}

/** The instructions of each stage of a Dockerfile, the first of which is its FROM. */
function stagesOf(dockerfile: string): Instruction[][] {
  const stages: Instruction[][] = [];
  const lines = dockerfile
    .replace(/^\s*#.*$/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  for (const line of lines.map((each) => each.trim()).filter(Boolean)) {
    const [keyword = '', ...words] = line.split(/\s+/);
    if (keyword === 'FROM') stages.push([]);
    stages.at(-1)?.push({ keyword, words, text: words.join(' ') });
  }
  return stages;
}

/** Those of our one Dockerfile. */
export const stages = stagesOf(read('infra/images/Dockerfile'));

export const all = (stage: readonly Instruction[], keyword: string): Instruction[] =>
  stage.filter((each) => each.keyword === keyword);

/** What the instructions COPY of a stage take, from where they name. */
export function copied(stage: readonly Instruction[], from?: string): string[] {
  const sources = all(stage, 'COPY').filter(({ text }) =>
    from === undefined ? !text.includes('--from=') : text.includes(`--from=${from} `),
  );
  return sources.flatMap(({ words }) => words.filter((word) => !word.startsWith('--')).slice(0, -1));
}

/** Whether .dockerignore keeps a file out. It knows only `name` and, for any depth, `**` before a name or `*.ending`. */
export function isIgnored(path: string, ignore = read('.dockerignore')): boolean {
  const parts = path.split('/').filter(Boolean);
  return ignore
    .split('\n')
    .filter(Boolean)
    .some((line) => {
      const name = line.replace(/^\*\*\//, '');
      const matches = (part: string) => (name.startsWith('*') ? part.endsWith(name.slice(1)) : part === name);
      return line.startsWith('**/') ? parts.some(matches) : matches(parts[0]!);
    });
}

/** Whether a path is another or lies under it. */
export const isWithin = (path: string, folder: string): boolean => `${path}/`.startsWith(`${folder}/`);
