/** Whether a person's page takes longer where there are many more people. */
import type { World } from './events.world.js';
import type { Contender } from './gateway.contenders.js';
import { documentsFor } from './gateway.documents.js';
import type { LoadProcess } from './gateway.load.js';
import { answerable, type Measured, measure } from './gateway.measure.js';
import { growTo } from './gateway.people.js';
import { findSubjects } from './gateway.subjects.js';

/** All civil servants of the country, at the end. */
const SIZES = [10_000, 100_000, 1_000_000, 4_700_000];
const LOAD = { connections: 64, seconds: 20, rate: 20 };

export interface Grown {
  readonly people: number;
  readonly document: string;
  readonly measured: Measured;
}

/** Measures Merit at each size that the databases have not passed yet, each person asked for once. */
export async function growth(
  world: World & { readonly dataDir: string },
  loader: LoadProcess,
  merit: Contender,
  say: (text: string) => void,
): Promise<Grown[]> {
  const grown: Grown[] = [];
  let last = 0;
  for (const size of SIZES) {
    const people = await growTo(world.merit.databases, size);
    if (people === last) continue;
    last = people;
    for (const found of documentsFor(await findSubjects(world, 400)).slice(0, 2)) {
      const document = await answerable(merit, found);
      await measure(world, loader, merit, document, { ...LOAD, seconds: 5 });
      const measured = await measure(world, loader, merit, document, LOAD);
      grown.push({ people, document: document.name, measured });
      say(`${people} people, ${document.name}: p99 ${measured.p99.toFixed(1)} ms at ${LOAD.rate}/s`);
    }
  }
  return grown;
}
