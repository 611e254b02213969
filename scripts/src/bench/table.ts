/** A table of trainings as an office would export it, of the seed's people. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { COURSES } from '../seed/growth.js';
import { AGENCIES } from '../seed/organisations.js';
import { peopleOf } from '../seed/people.js';

/** Writes `count` rows; `series` makes the certificates of one table differ from another's. */
export async function trainingTable({
  file,
  count,
  series,
}: {
  file: string;
  count: number;
  series: string;
}): Promise<void> {
  // The officer is one of them, and nobody enters their own.
  const people = peopleOf(AGENCIES[0]!).filter(({ unitCode }) => !unitCode.startsWith('BKPSDM'));
  const out = createWriteStream(file);
  out.write('nip,course_code,hours,certificate_number,starts_on,ends_on\n');
  for (let n = 0; n < count; n += 1) {
    const { nip } = people[n % people.length]!;
    const { code } = COURSES[n % COURSES.length]!;
    const day = `2025-${String((n % 12) + 1).padStart(2, '0')}-${String((n % 28) + 1).padStart(2, '0')}`;
    if (!out.write(`${nip},${code},1,${series}-${n},${day},${day}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
