/** Which earlier commit the contracts are compared with. */
import { spawnSync } from 'node:child_process';

/** The commit, and why it is the one; or why there is none. */
export type Base = { readonly commit: string; readonly why: string } | { readonly none: string };

/**
 * On a branch, where it left main: what main has gained since is not this branch's doing. On main itself, the commit
 * before, so that a change is judged once more after it has landed. A clone that was cut short may hold neither; the
 * committed descriptor set is then all there is, and no network is asked for more.
 */
export function baseOf(folder: string): Base {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const head = git('rev-parse', '--verify', '--quiet', 'HEAD');
  if (head === null) return { none: 'this is no clone, or git is not there' };
  const shallow = git('rev-parse', '--is-shallow-repository') === 'true';
  const cut = 'this clone is shallow and ends before it; `git fetch --unshallow` brings the rest';

  for (const main of ['origin/main', 'main']) {
    if (git('rev-parse', '--verify', '--quiet', `${main}^{commit}`) === null) continue;
    const fork = git('merge-base', 'HEAD', main);
    if (fork === null) {
      return { none: shallow ? `the place where this branch left ${main}: ${cut}` : `nothing in common with ${main}` };
    }
    if (fork !== head) return { commit: fork, why: `where this branch left ${main}` };
  }
  const before = git('rev-parse', '--verify', '--quiet', 'HEAD^1');
  if (before !== null) return { commit: before, why: 'the commit before' };
  return { none: shallow ? `the commit before this one: ${cut}` : 'this is the first commit' };
}
