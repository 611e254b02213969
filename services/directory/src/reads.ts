/** Whose data a request has been shown, and as whom its viewer was let in: collected field by field, until it is written. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { Audience } from './audience.js';

/** Those to whom it matters whose data it is. What PUBLIC or STAFF may see is no secret, and SELF is the person. */
const LOGGED = [
  'DIRECT_SUPERVISOR',
  'SUPERVISOR',
  'HR',
  'OFFICER',
  'PARTNER',
  'AUDITOR',
  'ADMIN',
] as const satisfies readonly Audience[];
export type LoggedRole = (typeof LOGGED)[number];

/** Whether what this audience reads of a person is written down. */
export const isLogged = (audience: string): audience is LoggedRole => LOGGED.includes(audience as LoggedRole);

/** Fields of one type that were granted to one audience, of the same people. */
export interface Read {
  readonly type: string;
  readonly role: LoggedRole;
  /** Names of the type's fields, sorted. */
  readonly fields: readonly string[];
  /** Employee ids, sorted; at most {@link MOST_PERSONS}. */
  readonly persons: readonly string[];
}

/** As many as a row and its event take: 40 kB. */
const MOST_PERSONS = 1_000;

interface Group {
  readonly type: string;
  readonly role: LoggedRole;
  /** Employee id → the fields granted. */
  readonly people: Map<string, Set<string>>;
}

/** Not in the request's memory: that is dropped after each command. */
const groups = new WeakMap<ServiceContext, Map<string, Group>>();

/** Notes that a field of a type was granted. */
export function noteRead(
  context: ServiceContext,
  { type, field, role, employee }: { type: string; field: string; role: LoggedRole; employee: string },
): void {
  const noted = groups.get(context) ?? new Map<string, Group>();
  groups.set(context, noted);
  const key = `${role} ${type}`;
  const group = noted.get(key) ?? { type, role, people: new Map<string, Set<string>>() };
  noted.set(key, group);
  const person = employee.toLowerCase();
  const fields = group.people.get(person);
  if (fields) fields.add(field);
  else group.people.set(person, new Set([field]));
}

/**
 * What a request was granted, people of whom the same was read together: as a rule one for each type. Empty where nothing
 * has to be written down.
 */
export function readsOf(context: ServiceContext): Read[] {
  return [...(groups.get(context)?.values() ?? [])].flatMap(({ type, role, people }) => {
    const alike = new Map<string, string[]>();
    for (const [person, fields] of people) {
      const same = [...fields].sort().join(' ');
      const persons = alike.get(same);
      if (persons) persons.push(person);
      else alike.set(same, [person]);
    }
    return [...alike].flatMap(([fields, persons]) =>
      pieces(persons.sort()).map((some): Read => ({ type, role, fields: fields.split(' '), persons: some })),
    );
  });
}

const pieces = (persons: readonly string[]): (readonly string[])[] =>
  Array.from({ length: Math.ceil(persons.length / MOST_PERSONS) }, (_, n) =>
    persons.slice(n * MOST_PERSONS, (n + 1) * MOST_PERSONS),
  );
