/** A change of the contracts that breaks a reader is named, and one that only adds is let through. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseOf } from '../src/contracts/base.js';
import { breaks, breaksSince, describe as describeContracts, isPromised, PROMISED } from '../src/contracts/breaking.js';

const proto = fileURLToPath(new URL('../../proto', import.meta.url));
const house = mkdtempSync(join(tmpdir(), 'merit-contracts-'));
afterAll(() => rmSync(house, { recursive: true }));

const SOURCES = ['buf.yaml', 'merit', PROMISED];

/** A copy of the contracts in a folder of its own. */
function copy(name: string): string {
  const folder = join(house, name, 'proto');
  for (const source of SOURCES) cpSync(join(proto, source), join(folder, source), { recursive: true });
  return folder;
}

/** Replaces a text of a service's contract that must be there. */
function change(folder: string, service: string, from: string | RegExp, to: string): void {
  const file = join(folder, 'merit', service, 'v1/events.proto');
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/** A copy that is a repository whose one commit on main is the contracts as they are. */
function repository(name: string): string {
  const folder = copy(name);
  const root = join(folder, '..');
  git(root, 'init', '--quiet', '--initial-branch=main');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '-m', 'as promised');
  return folder;
}

test('the committed descriptor set says what the contracts say', () => {
  expect(breaks(proto, PROMISED)).toEqual([]);
  expect(isPromised(proto, describeContracts(proto, { comments: false }))).toBe(true);
});

test.each([
  [
    'a field that is gone',
    'competency',
    / {2}\/\/ Hours on the certificate\.\n {2}string hours = 5;\n/,
    '',
    /"5" .*"hours"/,
  ],
  [
    'a field of another type',
    'competency',
    'string hours = 5;',
    'int32 hours = 5;',
    /changed type from "string" to "int32"/,
  ],
  ['a field under another name', 'competency', 'string hours = 5;', 'string learning_hours = 5;', /learning_hours/],
  ['a field under another number', 'competency', 'string hours = 5;', 'string hours = 55;', /"5" .*"hours"/],
  ['a value of an enum that is gone', 'personnel', '  ASSIGNMENT_KIND_PLH = 3;\n', '', /"3" .*"AssignmentKind"/],
  [
    'an event under another name',
    'competency',
    'message TrainingRevoked',
    'message TrainingAnnulled',
    /TrainingRevoked/,
  ],
])('%s is named, with its place', (name, service, from, to, words) => {
  const folder = copy(name);
  change(folder, service, from, to);
  const faults = breaks(folder, PROMISED).join('\n');
  expect(faults).toMatch(words);
  expect(faults).toContain(`merit/${service}/v1/events.proto`);
});

test('a field, a value of an enum and an event may be added', () => {
  const folder = copy('additive');
  change(folder, 'competency', 'string ends_on = 8;', 'string ends_on = 8;\n  // Where.\n  optional string place = 9;');
  change(
    folder,
    'personnel',
    'ASSIGNMENT_KIND_RANGKAP = 4;',
    'ASSIGNMENT_KIND_RANGKAP = 4;\n  ASSIGNMENT_KIND_PJ = 5;',
  );
  change(
    folder,
    'competency',
    /$/,
    '\n// Aggregate enrolment.\nmessage TrainingPraised {\n  // It.\n  string id = 1;\n}\n',
  );
  expect(breaks(folder, PROMISED)).toEqual([]);
  expect(isPromised(folder, describeContracts(folder, { comments: false }))).toBe(false);
});

describe('compared with main', () => {
  test('a branch is judged from where it left main, and main by the commit before', () => {
    const folder = repository('branch');
    const fork = git(folder, 'rev-parse', 'HEAD');
    git(folder, 'checkout', '--quiet', '-b', 'work');
    change(folder, 'competency', 'string hours = 5;', 'int32 hours = 5;');
    // The promise is rewritten along with the contract: only the comparison with main still sees it.
    writeFileSync(join(folder, PROMISED), describeContracts(folder, { comments: false }));
    git(folder, 'commit', '--quiet', '-am', 'break it');
    expect(breaks(folder, PROMISED)).toEqual([]);
    expect(baseOf(folder)).toEqual({ commit: fork, why: 'where this branch left main' });
    expect(breaksSince(folder, { commit: fork, why: '' }).join('\n')).toContain(
      'changed type from "string" to "int32"',
    );

    git(folder, 'checkout', '--quiet', 'main');
    git(folder, 'merge', '--quiet', '--ff-only', 'work');
    expect(baseOf(folder)).toEqual({ commit: fork, why: 'the commit before' });
  });

  test('a shallow clone says what it lacks, and the promised set still judges', () => {
    const folder = repository('deep');
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'another');
    const shallow = join(house, 'shallow');
    git(house, 'clone', '--quiet', '--depth=1', `file://${join(folder, '..')}`, shallow);
    expect(baseOf(join(shallow, 'proto'))).toEqual({ none: expect.stringContaining('git fetch --unshallow') });
  });

  test('a folder that is no clone, and a first commit, have none', () => {
    expect(baseOf(repository('first'))).toEqual({ none: 'this is the first commit' });
    expect(baseOf(copy('no clone'))).toEqual({ none: expect.stringContaining('no clone') });
  });
});

test('the command refuses a breaking change in words that say where and what to do', () => {
  const folder = copy('command');
  change(folder, 'competency', 'string hours = 5;', 'int32 hours = 5;');
  const script = fileURLToPath(new URL('../dist/contracts.js', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--folder', folder], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/merit\/competency\/v1\/events\.proto:\d+:\d+:.*changed type/);
  expect(stderr).toContain('docs/contracts.md');
});
