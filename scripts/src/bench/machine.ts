/** What a figure is worth depends on where it was taken. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { ROOT } from '../start.plan.js';

export const machine = () => ({
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 1_048_576)} MiB`,
  node: process.version,
  /** Of the last minute, before the run: more than 1 a core means that others were at work. */
  load: Number(loadavg()[0]!.toFixed(1)),
  folder: tmpdir(),
  commit: commit(),
});

function commit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return null; // not a clone
  }
}

/** Writes `.merit/bench/<name>.json`, and answers where that is. */
export function writeReport(name: string, report: object): string {
  const folder = path.join(ROOT, '.merit', 'bench');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
