/** The fault suite in its short form, as a process of its own: it prints its seed and its table, and judges itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { variants } from '../src/faults/variants.js';

const MAIN = fileURLToPath(new URL('../dist/faults/main.js', import.meta.url));

let child: ChildProcess | undefined;
/** What it had started ends with it, also when the test ran out of time. */
afterAll(async () => {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}, 60_000);

test('faults upon real processes break no promise, and what is broken on purpose is found', async () => {
  const { code, output } = await runShort();
  process.stderr.write(`${output}\n`);
  expect(output).toMatch(/^seed \d+/m);
  expect(output).toMatch(/kill -9 performance +\d+ +0 +0 +0 /);
  expect(output).toMatch(/poison, retried by a person after mending +\d+ +0 +0 +0 /);
  expect(output.match(/^caught /gm)).toHaveLength(variants.length);
  expect(output).not.toContain('MISSED');
  expect(code).toBe(0);
}, 1_500_000);

function runShort(): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [MAIN, '--short'], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let output = '';
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (text) => (output += text));
    started.once('error', reject);
    started.once('close', (code) => resolve({ code, output }));
  });
}
