/** A relay that remembers the highest id it has published and asks for higher ones: a sequence's order is not commit order. */
let last = 0n;

export function cursor<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  const next = rows.filter(({ id }) => BigInt(id) > last);
  for (const { id } of next) if (BigInt(id) > last) last = BigInt(id);
  return next;
}
