/**
 * What stands behind every `npm run …` here: installs and builds what is missing or has changed, then runs the script
 * of that name. Plain JavaScript, because it runs before anything is built. Says what it does on standard error, so
 * that a script's own output can be piped.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.cache', 'merit-build');

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Merit needs Node 20.19 or newer, and this is ${process.versions.node}: see https://nodejs.org.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Whether node_modules holds what the lock file names: npm leaves its own account of what it installed there. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(([place, { version, link, optional, devOptional, peer }]) => {
    if (!place.includes('node_modules/') || link) return true;
    // What is for other machines only is left out.
    if (present[place] === undefined) return optional || devOptional || peer;
    return present[place].version === version;
  });
}

/** Runs a program quietly, with a sign of life every 15 seconds; what it said is shown if it fails. */
function work(what, command, args, advice) {
  const began = Date.now();
  console.error(`${what} …`);
  const life = setInterval(() => console.error(`  … still at it after ${seconds(began)} s`), 15_000);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.once('error', (error) => (said += error.message));
    child.once('close', (code) => {
      clearInterval(life);
      if (code !== 0) fail(`${said.trim()}\n\n${advice}`);
      console.error(`  done in ${seconds(began)} s`);
      resolve();
    });
  });
}

const seconds = (since) => Math.round((Date.now() - since) / 1000);

async function install() {
  if (isInstalled()) return;
  // The npm that started us, if one did; its path may hold spaces, and the name alone may be another version's.
  const npm = process.env['npm_execpath'] ?? '';
  const [command, ...args] = npm.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  // Not `npm ci`: it refuses a lock file without the packages of other platforms, and a registry may lack some. What
  // the lock file names is installed as it says, and the file stays as it is.
  await work(
    'Installing what Merit is built from (once, a minute or two)',
    command,
    [
      ...args,
      'install',
      '--no-save',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ],
    'The installation failed. It needs the npm registry; run the same command again when it can be reached.',
  );
}

/** The folders of our packages: those that package.json names, a star standing for every folder. */
function workspaces() {
  const { workspaces: names } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return names
    .flatMap((name) =>
      name.endsWith('/*')
        ? readdirSync(join(root, name.slice(0, -2))).map((child) => name.slice(0, -1) + child)
        : [name],
    )
    .filter((folder) => existsSync(join(root, folder, 'tsconfig.json')));
}

const MADE = new Set(['node_modules', 'dist', 'gen', 'target', '.turbo', 'test']);

/** Every file that the build reads, with its time and size. */
function* sources(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !MADE.has(entry.name)) yield* sources(name);
    if (!entry.isFile() || /\.test\.ts$|\.md$/.test(entry.name)) continue;
    const { mtimeMs, size } = statSync(join(root, name));
    yield `${name} ${mtimeMs} ${size}`;
  }
}

/** Changes when anything does that the build depends on. */
function fingerprint() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  for (const name of ['package-lock.json', '.config/tsconfig.base.json']) hash.update(readFileSync(join(root, name)));
  for (const folder of workspaces()) for (const line of sources(folder)) hash.update(`${line}\n`);
  return hash.digest('hex');
}

/** Asking turbo takes a second even if there is nothing to do, so a stamp is looked at first. */
async function build() {
  const current = fingerprint();
  const whole = workspaces().every((folder) => existsSync(join(root, folder, 'dist')));
  if (whole && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === current) return;
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  await work(
    'Building',
    process.execPath,
    [turbo, 'run', 'build', '--output-logs=errors-only', '--concurrency=2'],
    'The build failed; the errors are above.',
  );
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, current);
}

/** In this very process, so that its signals and its exit code are the script's own. */
async function run([name = '', ...args]) {
  const script = join(root, 'scripts', 'dist', `${name}.js`);
  if (name === '' || !existsSync(script)) fail(`There is no script ${name || 'without a name'} in scripts/src.`);
  process.argv = [process.argv[0], script, ...args];
  await import(pathToFileURL(script).href);
}

requireNode();
await install();
await build();
await run(process.argv.slice(2));
