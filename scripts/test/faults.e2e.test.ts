/** The fault suite in its short form, as a process of its own: it prints its seed and its table, and judges itself. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/faults/main.js', import.meta.url));

test('faults upon real processes break no promise, and what is broken on purpose is found', async () => {
  const { code, output } = await runShort();
  process.stderr.write(`${output}\n`);
  expect(output).toMatch(/^seed \d+/);
  expect(output).toMatch(/kill -9 performance +\d+ +0 +0 +0 /);
  expect(output.match(/^caught /gm)?.length).toBeGreaterThanOrEqual(2);
  expect(output).not.toContain('MISSED');
  expect(code).toBe(0);
}, 420_000);

function runShort(): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, '--short'], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
