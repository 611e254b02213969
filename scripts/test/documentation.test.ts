/** What the documentation promises to list, it lists. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
