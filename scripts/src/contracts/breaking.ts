/** Whether event contracts still keep what earlier ones promised, as `buf breaking` judges by proto/buf.yaml. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Base } from './base.js';

const BUF = fileURLToPath(new URL('../../../node_modules/.bin/buf', import.meta.url));

/** The contracts that readers were promised: a descriptor set without comments, committed beside the sources. */
export const PROMISED = 'contracts.binpb';

function buf(folder: string, args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(BUF, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  if (error) throw error;
  return { status, out: stdout, said: `${stdout}${stderr}`.trim() };
}

/**
 * The contracts in a folder as a descriptor set, in bytes.
 * @throws when they do not compile, with the compiler's words
 */
export function describe(folder: string, { comments }: { readonly comments: boolean }): Uint8Array {
  const args = ['build', '--as-file-descriptor-set', ...(comments ? [] : ['--exclude-source-info'])];
  const { status, out, said } = buf(folder, [...args, '--output', '-#format=binpb']);
  if (status !== 0) throw new Error(`The contracts do not compile:\n${said}`);
  return out;
}

/**
 * What the contracts in a folder break of an earlier state: a line a fault, with its place; empty when nothing.
 * @param against a descriptor set, or an archive of the earlier sources
 */
export function breaks(folder: string, against: string): string[] {
  const { status, said } = buf(folder, ['breaking', '--against', against]);
  if (status === 0) return [];
  // 100 is buf's answer for faults found; with any other it could not judge.
  if (status !== 100) throw new Error(`buf could not compare the contracts with ${against}:\n${said}`);
  return said.split('\n');
}

/** The same against a commit, whose sources are taken out of the repository's own objects: no network, no checkout. */
export function breaksSince(folder: string, { commit }: Extract<Base, { commit: string }>): string[] {
  const place = mkdtempSync(join(tmpdir(), 'merit-contracts-'));
  try {
    const archive = join(place, 'base.tar');
    const { status, stdout, stderr } = spawnSync('git', ['archive', '--format=tar', commit], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) throw new Error(`git could not show the contracts of ${commit}: ${stderr}`);
    writeFileSync(archive, stdout);
    return breaks(folder, archive);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Whether the promised contracts are those in the folder, byte for byte. */
export const isPromised = (folder: string, described: Uint8Array): boolean =>
  Buffer.from(described).equals(readFileSync(join(folder, PROMISED)));
