/** Those of the invented people whom a newcomer signs in as: found by what they are, named by a handle that says so. */
import { atCounters } from './public.js';
import type { Staff } from './staff.js';

export interface Person {
  readonly handle: string;
  readonly employeeId: string;
  readonly name: string;
  readonly description: string;
}
export type Cast = Person & { readonly role?: 'HR' | 'OFFICER' | 'AUDITOR' };

/** Ids for ready queries. */
export interface Example {
  readonly employee: string;
  readonly enrolment: string;
  readonly agency: string;
  readonly unit: string;
}

/** Who has a plan, and how many hours each has learned. */
interface Growth {
  readonly planned: ReadonlySet<string>;
  readonly hours: ReadonlyMap<string, number>;
}

/** Where the employee of the example works: at the counters of the civil registry, which every agency has. */
export const DEPARTMENT = 'DISDUKCAPIL';

/** Handles of the first agency are plain; those of the others carry its short name. The employee comes first. */
export function castOf({ seed, people }: Staff, { planned, hours }: Growth, plain: boolean): Cast[] {
  // Whoever has learned least comes first: one more training then moves the score.
  const counters = atCounters(people, DEPARTMENT)
    .filter(({ employeeId }) => planned.has(employeeId))
    .sort((a, b) => hours.get(a.employeeId)! - hours.get(b.employeeId)!);
  const office = people.filter(
    ({ unitCode, kind, leading }) => unitCode.startsWith('BKPSDM') && kind === 'PNS' && !leading,
  );
  const inspectors = people.filter(({ unitCode, kind }) => unitCode.startsWith('INSPEKTORAT') && kind === 'PNS');
  const leaderOf = (code: string) => people.find(({ unitCode, leading }) => unitCode === code && leading);
  const part = (name: string, person: Staff['people'][number] | undefined, does: string, role?: Cast['role']): Cast => {
    if (!person) throw new Error(`The seed of ${seed.name} has nobody to be its ${name}.`);
    return {
      handle: plain ? name : `${name}-${seed.short}`,
      employeeId: person.employeeId,
      name: person.name,
      description: `${person.positionTitle}, ${seed.name}: ${does}`,
      ...(role ? { role } : {}),
    };
  };
  return [
    part('employee', counters[0], 'sees their own plan, hours and score'),
    part('colleague', counters[1], 'works beside employee; sees their name, position and unit'),
    part('supervisor', leaderOf(DEPARTMENT), 'supervises employee and colleague'),
    part('secretary', leaderOf('PEMDA'), 'leads the administration, above supervisor'),
    part('hr', office[0], 'personnel officer of the agency', 'HR'),
    part('officer', office[1], 'complaint officer of the agency', 'OFFICER'),
    // Not every agency of the seed has an inspectorate.
    ...inspectors
      .slice(0, 1)
      .map((person) =>
        part('auditor', person, 'inspectorate: reads plans, scores and hours, and writes nothing', 'AUDITOR'),
      ),
  ];
}

/** What ready queries ask about: the employee, and a training that waits to be completed. */
export async function exampleOf(
  { agencyId, units }: Staff,
  cast: readonly Cast[],
  place: (employeeId: string) => Promise<string>,
): Promise<Example> {
  const employee = cast[0]!.employeeId;
  return { employee, enrolment: await place(employee), agency: agencyId, unit: units.get(DEPARTMENT)! };
}
