import type { Judged } from './judge.js';

/**
 * Units in an order in which each one's parent comes before it, wherever the two stand in the table. They are held in
 * memory for that: no agency has more than some thousands. Those in a circle come last, for the graph to refuse.
 */
export async function* parentsFirst<Row extends Judged>(rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  const waiting = new Map<unknown, Row[]>();
  const given = new Set<unknown>();
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  const codes = new Set(all.map(({ value }) => value['code']));
  const release = function* (row: Row): Generator<Row> {
    const stack = [row];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const code = next.value['code'];
      yield next;
      given.add(code);
      stack.push(...(waiting.get(code) ?? []).reverse());
      waiting.delete(code);
    }
  };
  for (const row of all) {
    const parent = row.value['parentCode'];
    if (parent === null || !codes.has(parent) || given.has(parent)) yield* release(row);
    else waiting.set(parent, [...(waiting.get(parent) ?? []), row]);
  }
  for (const circle of waiting.values()) yield* circle;
}
