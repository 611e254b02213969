/** Everything that is known of people in years: what a fold is given. The same number of statements for one as for 500. */
import { plainArray } from '@merit/chassis/array';
import { groupBy } from '@merit/chassis/group-by';
import type { EntityManager } from 'typeorm';
import { OPEN, type Span } from '../period/calendar.js';
import { type Period, periodOf } from '../period/period.js';
import { periodsOf } from '../period/period.table.js';
import { policyFor, type ScoringPolicy } from '../policy/policy.js';
import { policiesOf } from '../policy/policy.table.js';
import { asFacts, factsAbout, type Key } from './fact.table.js';
import type { LeadingFact, Person, ServiceFacts, ServingFact } from './facts.js';
import type { Facts } from './fold.js';
import { serviceFacts } from './service-fact.table.js';
import { type Standing, standingOf } from './standing.js';

export interface Known {
  readonly facts: Facts;
  readonly period: Period;
  readonly policy: ScoringPolicy;
}

export const nameOf = ({ employeeId, year }: Key): string => `${employeeId} ${year}`;

/** What is known, by name; what does not depend on one another is asked for together. Who is unknown, has no period in the year or no policy for it, is not in the answer. */
export async function knownOf(tx: EntityManager, keys: readonly Key[]): Promise<Map<string, Known>> {
  const ids = [...new Set(keys.map(({ employeeId }) => employeeId))];
  const years = [...new Set(keys.map(({ year }) => year))];
  const column = plainArray(ids);
  const [people, facts, away, serving, leading] = await Promise.all([
    peopleOf(tx, column),
    factsAbout(tx, keys),
    absencesOf(tx, column),
    servingOf(tx, column),
    leadingOf(tx, column),
  ]);
  const agencies = [...new Set([...people.values()].flatMap((person) => person.employments.map((e) => e.agencyId)))];
  const [periods, policies, services] = await Promise.all([
    periodsOf(tx, agencies, years),
    policiesOf(tx, agencies),
    servicesOf(tx, { serving, leading }, years),
  ]);
  const stored = groupBy(facts, nameOf);
  const absences = groupBy(away, (row) => row.employeeId);
  const places = placesBy(serving, leading, services);

  const known = new Map<string, Known>();
  for (const key of keys) {
    const person = people.get(key.employeeId);
    const period =
      person &&
      periodOf(
        person.employments,
        periods.filter(({ year }) => year === key.year),
      );
    const policy = period && policyFor(policies, period.agencyId, period.span.from);
    if (!person || !period || !policy) continue;
    const own = asFacts(stored.get(nameOf(key)) ?? []);
    const place = places(key, period.timeZone);
    known.set(nameOf(key), {
      // Named one by one: several objects spread into one cost a multiple, for each of thousands of people.
      facts: {
        person,
        absences: absences.get(key.employeeId) ?? [],
        plans: own.plans,
        realisations: own.realisations,
        hours: own.hours,
        serving: place.serving,
        leading: place.leading,
        services: place.services,
      },
      period,
      policy,
    });
  }
  return known;
}

/** @param ids each once. One by one through the index: a join may read the whole table, as large as the directory is. */
async function peopleOf(tx: EntityManager, ids: string): Promise<Map<string, Person>> {
  const rows: (Omit<Person, 'employments'> & { agencyId: string | null; from: string })[] = await tx.query(
    `select e.id as "employeeId", e.service_from as "serviceFrom", e.left_on as "leftOn", m.agency_id as "agencyId",
            m.valid_from as "from"
       from unnest($1::uuid[]) as k (id)
      cross join lateral (select id, service_from, left_on from directory_employee where id = k.id offset 0) e
       left join lateral (select agency_id, valid_from from directory_employment where employee_id = e.id offset 0) m on true`,
    [ids],
  );
  const people = new Map<string, Person & { employments: { agencyId: string; from: string }[] }>();
  for (const { agencyId, from, ...row } of rows) {
    const person = people.get(row.employeeId) ?? { ...row, employments: [] };
    people.set(row.employeeId, person);
    if (agencyId !== null) person.employments.push({ agencyId, from });
  }
  return people;
}

const absencesOf = (tx: EntityManager, ids: string): Promise<(Span & { readonly employeeId: string })[]> =>
  tx.query(
    `select employee_id as "employeeId", away_from as "from", away_to as "to"
       from absence where employee_id = any($1::uuid[]) and not cancelled`,
    [ids],
  );

type Serving = ServingFact & { readonly employeeId: string };

/** What is known of the services that are served, and of those of the units that are led. */
const servicesOf = (
  tx: EntityManager,
  { serving, leading }: { readonly serving: readonly Serving[]; readonly leading: readonly LeadingFact[] },
  years: readonly number[],
): Promise<ServiceFacts[]> =>
  serviceFacts(
    tx,
    {
      serviceIds: [...new Set(serving.map(({ serviceId }) => serviceId))],
      unitIds: [...new Set(leading.map(({ unitId }) => unitId))],
    },
    { from: Math.min(...years), to: Math.max(...years) },
  );

type Places = Pick<Facts, 'serving' | 'leading' | 'services'>;

/** Whom the public services concern: a function from a person and year to what that person serves and leads. */
function placesBy(
  allServing: readonly Serving[],
  allLeading: readonly LeadingFact[],
  services: readonly ServiceFacts[],
): (key: Key, timeZone: string) => Places {
  const serving = groupBy(allServing, (row) => row.employeeId);
  const leading = groupBy(allLeading, (row) => row.unitId);
  const standings = standingsBy(services);
  const led = new Map<string, string[]>();
  for (const [unitId, holders] of leading) {
    for (const { employeeId } of holders) led.set(employeeId, [...(led.get(employeeId) ?? []), unitId]);
  }
  return ({ employeeId, year }, timeZone) => {
    const own = serving.get(employeeId) ?? [];
    const units = [...new Set(led.get(employeeId) ?? [])];
    const { byService, byUnit } = standings(year, timeZone);
    const concerned = [
      ...own.flatMap(({ serviceId }) => byService.get(serviceId) ?? []),
      ...units.flatMap((unitId) => byUnit.get(unitId) ?? []),
    ];
    return {
      serving: own,
      leading: units.flatMap((unitId) => leading.get(unitId) ?? []),
      services: [...new Set(concerned)],
    };
  };
}

async function servingOf(tx: EntityManager, ids: string): Promise<Serving[]> {
  const rows: Row<{ employeeId: string; serviceId: string }>[] = await tx.query(
    `select employee_id as "employeeId", service_id as "serviceId", valid_from as "validFrom", valid_to as "validTo"
       from service_assignment where employee_id = any($1::uuid[])`,
    [ids],
  );
  return rows.map(withSpan);
}

/** Everyone who holds the leading position of a unit that one of these people holds. Who left holds nothing any more. */
async function leadingOf(tx: EntityManager, ids: string): Promise<LeadingFact[]> {
  const rows: Row<Omit<LeadingFact, 'span'>>[] = await tx.query(
    `select a.id as "assignmentId", a.employee_id as "employeeId", a.unit_id as "unitId", a.kind,
            a.recorded_at as "recordedAt", a.valid_from as "validFrom", least(a.valid_to, e.left_on) as "validTo"
       from directory_assignment a
       left join directory_employee e on e.id = a.employee_id
      where a.leading and a.annulled_at is null and a.unit_id in (
              select own.unit_id from directory_assignment own
               where own.employee_id = any($1::uuid[]) and own.leading and own.annulled_at is null)`,
    [ids],
  );
  return rows.map(withSpan);
}

type Row<F> = F & { readonly validFrom: string; readonly validTo: string | null };
const withSpan = <F>({ validFrom, validTo, ...fact }: Row<F>) => ({
  ...fact,
  span: { from: validFrom, to: validTo ?? OPEN },
});

/** Where services stand in a year, worked out once for all who serve them. */
function standingsBy(services: readonly ServiceFacts[]) {
  const made = new Map<string, { byService: Map<string, Standing>; byUnit: Map<string, Standing[]> }>();
  return (year: number, timeZone: string) => {
    const name = `${year} ${timeZone}`;
    let found = made.get(name);
    if (!found) {
      const standings = services.map((service) => standingOf(inYear(service, year), timeZone));
      found = {
        byService: new Map(standings.map((standing) => [standing.serviceId, standing])),
        byUnit: groupBy(
          standings.filter(({ unitId }) => unitId !== null),
          ({ unitId }) => unitId!,
        ),
      };
      made.set(name, found);
    }
    return found;
  };
}

/** A window begins on 1 January, so its year is that of its first day. Complaints are placed by the fold. */
const inYear = (service: ServiceFacts, year: number): ServiceFacts => ({
  ...service,
  satisfaction: service.satisfaction.filter(({ window }) => window.from.startsWith(String(year))),
});
