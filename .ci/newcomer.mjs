/**
 * The newcomer's way: clones the project into an empty folder whose path has spaces, starts it on other ports, runs
 * the README's commands as they stand there, the commands that the start prints and the walk of docs/events.md, stops it
 * by Ctrl-C, and looks whether anything is left.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('..', import.meta.url));
const port = await freeRange();
const folder = mkdtempSync(join(tmpdir(), 'a new comer '));
const clone = join(folder, 'merit');
const environment = { ...process.env, MERIT_PORT: String(port) };
delete environment.NODE_OPTIONS;

/** The first of nine ports in a row that nobody listens on: Merit takes as many. */
async function freeRange() {
  for (let first = 4600; first < 9000; first += 20) {
    const free = await Promise.all(Array.from({ length: 9 }, (_, n) => isFree(first + n)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('There are no nine free ports in a row.');
}

function isFree(one) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(one, () => server.close(() => resolve(true)));
  });
}

/**
 * The blocks of a page that are marked with <!-- ci: run -->, in their order. One that is marked <!-- ci: run until 1 -->
 * is repeated until it ends with that code: it shows what takes a moment to come, or, with 0, to come to rest.
 */
function commandsOf(page) {
  const text = readFileSync(join(clone, page), 'utf8');
  const blocks = [...text.matchAll(/<!-- ci: run(?: until (\d))? -->\n```sh\n([\s\S]*?)```/g)];
  if (blocks.length === 0) throw new Error(`${page} has no block marked <!-- ci: run -->.`);
  return blocks.map(([, until, block]) => ({
    command: block.trim().replaceAll('localhost:4000', `localhost:${port}`),
    until: until === undefined ? null : Number(until),
  }));
}

/** The processes whose folder, program or arguments lie in the clone. */
function leftBehind() {
  const names = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const where = readlinkSync(`/proc/${pid}/cwd`);
      if (Number(pid) !== process.pid && (command.includes(folder) || where.startsWith(folder)))
        names.push(`${pid} ${command}`);
    } catch {
      // It ended while we looked, or is not ours to see.
    }
  }
  return names;
}

/** Runs a command as a person would paste it; its answer must be there and free of errors. */
async function paste({ command, until = null }) {
  console.log(`\n$ ${command}`);
  const patience = Date.now() + 60_000;
  let { code, answer } = shell(command);
  while (until !== null && code !== until && Date.now() < patience) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    ({ code, answer } = shell(command));
  }
  console.log(answer.length > 2000 ? `${answer.slice(0, 2000)}…` : answer);
  if (code !== (until ?? 0)) throw new Error(`The command ended with ${code}, not with ${until ?? 0}.`);
  if (answer.trim() === '') throw new Error('The command answered nothing.');
  if (/"errors":/.test(answer)) throw new Error('The command answered with errors.');
  if (/"data":\{"\w+":null/.test(answer)) throw new Error('The command answered with nothing.');
}

function shell(command) {
  // Without pipefail, as a person's shell is: events dead ends with 1 when something waits, and its list is wanted all the same.
  const ended = spawnSync('bash', ['-eu', '-c', command], {
    cwd: clone,
    env: environment,
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { code: ended.status, answer: ended.stdout ?? '' };
}

/** Starts Merit and resolves with what it printed when its last line says that it is ready. */
function start(args, minutes) {
  const child = spawn('npm', ['start', ...args], {
    cwd: clone,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let printed = '';
  const ready = new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`npm start was not ready after ${minutes} minutes.`)),
      minutes * 60_000,
    );
    child.stdout.on('data', (data) => {
      process.stdout.write(data);
      printed += data;
      if (printed.includes(`Merit is ready at http://localhost:${port}`)) {
        clearTimeout(timer);
        resolve(printed);
      }
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`npm start ended early, with ${code}.`));
    });
  });
  return { child, ready, said: () => printed };
}

/** Ctrl-C, as a terminal sends it: to every process in the foreground. */
async function stop({ child, said }) {
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGINT');
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 60_000);
  await ended;
  clearTimeout(timer);
  for (let tries = 0; tries < 100 && leftBehind().length > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const left = leftBehind();
  // npm itself ends by the signal, so its exit code says nothing.
  if (!said().includes('Merit has stopped.')) throw new Error('Ctrl-C did not lead to an orderly end.');
  if (left.length > 0) throw new Error(`Left running after Ctrl-C:\n${left.join('\n')}`);
}

try {
  execFileSync('git', ['clone', '--quiet', source, clone], {
    stdio: 'inherit',
  });
  const first = start([], 25);
  const printed = await first.ready;
  for (const block of commandsOf('README.md')) await paste(block);
  for (const [, command] of printed.matchAll(/^ {2}\$ (.+)$/gm)) await paste({ command });
  for (const block of commandsOf('docs/events.md')) await paste(block);
  await stop(first);

  console.log('\nAnd once more: data survives, and a second start is quick.');
  const began = Date.now();
  const second = start([], 5);
  await second.ready;
  console.log(`(ready after ${((Date.now() - began) / 1000).toFixed(1)} s)`);
  for (const block of commandsOf('README.md')) await paste(block);
  await stop(second);
  console.log("\nok      the newcomer's way");
} catch (error) {
  console.log(`\nFAILED  the newcomer's way: ${error.message}`);
  process.exitCode = 1;
  for (const one of leftBehind()) {
    try {
      process.kill(Number(one.split(' ')[0]), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
