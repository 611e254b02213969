/** Those of the invented people whom a newcomer signs in as: found by what they are, named by a handle that says so. */
import type { Graph } from '../graph.client.js';
import type { Staff } from './staff.js';

export interface Person {
  readonly handle: string;
  readonly employeeId: string;
  readonly name: string;
  readonly description: string;
}
export type Cast = Person & { readonly role?: 'HR' | 'OFFICER' };

/** Ids for ready queries. */
export interface Example {
  readonly employee: string;
  readonly enrolment: string;
  readonly agency: string;
  readonly unit: string;
}

/** Where the employee of the example works: the counter of the civil registry, which every agency has. */
const DEPARTMENT = 'DISDUKCAPIL';
const DIVISION = `${DEPARTMENT}-B1`;

/** Handles of the first agency are plain; those of the others carry its short name. The employee comes first. */
export function castOf({ seed, people }: Staff, plain: boolean): Cast[] {
  const handle = (name: string) => (plain ? name : `${name}-${seed.short}`);
  const division = people.filter(({ unitCode }) => unitCode === DIVISION);
  const staff = division.filter(({ leading, kind }) => !leading && kind === 'PNS');
  const others = people.filter(({ unitCode, kind }) => unitCode === 'BKPSDM-B1' && kind === 'PNS');
  const find = (of: Staff['people'], n: number) => {
    const person = of[n];
    if (!person) throw new Error(`The seed of ${seed.name} has too few people for its cast.`);
    return person;
  };
  const part = (name: string, person: Staff['people'][number], description: string, role?: Cast['role']): Cast => ({
    handle: handle(name),
    employeeId: person.employeeId,
    name: person.name,
    description: `${person.positionTitle}, ${seed.name}: ${description}`,
    ...(role ? { role } : {}),
  });
  const leader = division.findIndex(({ leading }) => leading);
  const department = people.filter(({ unitCode, leading }) => unitCode === DEPARTMENT && leading);
  return [
    part('employee', find(staff, 0), 'sees their own plan, hours and score'),
    part('supervisor', find(division, leader), 'supervises employee and colleague'),
    part('head', find(department, 0), 'leads the department, above supervisor'),
    part('colleague', find(staff, 1), 'works beside employee, and sees their name, position and unit'),
    part(
      'hr',
      find(
        others.filter(({ leading }) => !leading),
        0,
      ),
      'personnel officer of the agency',
      'HR',
    ),
    part(
      'officer',
      find(
        others.filter(({ leading }) => !leading),
        1,
      ),
      'complaint officer of the agency',
      'OFFICER',
    ),
  ];
}

/** What ready queries ask about: the employee, and a training that waits to be completed. */
export async function exampleOf(
  graph: Graph,
  cast: readonly Cast[],
  place: (employeeId: string) => Promise<string>,
): Promise<Example> {
  const employee = cast[0]!.employeeId;
  const found = await graph.ask<{ employee: { agency: { id: string }; unit: { parent: { id: string } } } }>(
    'query ($id: ID!) { employee(id: $id) { agency { id } unit { parent { id } } } }',
    { id: employee },
  );
  const { agency, unit } = found.employee;
  return { employee, enrolment: await place(employee), agency: agency.id, unit: unit.parent.id };
}
