/** Of the names known, the (at most three) that a mistyped one may have meant, the likeliest first. */
export function nearest(mistyped: string, known: readonly string[]): string[] {
  const wanted = mistyped.toLowerCase();
  return known
    .map((name) => ({ name, distance: name.startsWith(wanted) ? 0 : distance(wanted, name) }))
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** How many letters must be changed, added or taken away to turn one into the other (Levenshtein). */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = row[column - 1]! + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(changed, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
