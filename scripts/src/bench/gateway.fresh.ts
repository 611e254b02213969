/** From a change to the public page that shows it, while that page is kept. */
import { setTimeout as pause } from 'node:timers/promises';
import { exampleIn, type World } from './events.world.js';
import { type Quantiles, quantiles } from './latency.js';

const RENAME = 'mutation ($input: RenameUnitInput!) { renameUnit(input: $input) { unit { id } } }';
/** Asking without a pause would take from the work that is waited for the processors that it needs. */
const BEFORE_ASKING_MS = 2;

/**
 * A unit is renamed again and again, and its page asked for until it has the new name. Milliseconds.
 * @returns `answered`: from the mutation's answer, a moment after its commit; `sent`: from when it was sent, which is
 *   before its commit
 */
export async function freshness(
  { merit, officer, places }: World,
  rounds: number,
): Promise<{ readonly answered: Quantiles; readonly sent: Quantiles }> {
  const { unit } = exampleIn({ places }) as unknown as { unit: string };
  const variables = encodeURIComponent(JSON.stringify({ id: unit, year: 2026 }));
  let asked = 0;
  const page = async () => {
    // Each time another caller, as the gateway's account of the public goes by addresses.
    const headers = { 'x-forwarded-for': `10.2.${Math.floor(asked / 250) % 250}.${asked % 250}` };
    asked += 1;
    const answer = await fetch(`${merit.gatewayUrl}/public/graphql?documentId=unit&variables=${variables}`, {
      headers,
    });
    return ((await answer.json()) as { data: { unit: { name: string } } }).data.unit.name;
  };
  const original = await page();
  const rename = (name: string) => officer.ask(RENAME, { input: { unitId: unit, name, validFrom: '2026-01-01' } });
  const answered: number[] = [];
  const sent: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const name = `${original} ${round}`;
    await page(); // so that it is kept
    const began = performance.now();
    await rename(name);
    const done = performance.now();
    while ((await page()) !== name) await pause(BEFORE_ASKING_MS);
    const seen = performance.now();
    answered.push(seen - done);
    sent.push(seen - began);
    await pause(50);
  }
  await rename(original);
  return { answered: quantiles(answered), sent: quantiles(sent) };
}
