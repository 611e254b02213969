/** Whether a viewer belongs to an audience, as of now, by what this service knows of people, units and grants. */
import { load, remembered, type ServiceContext } from '@merit/chassis/api/context';
import type { Viewer } from '@merit/chassis/api/viewer';
import { DomainError } from '@merit/chassis/errors';
import { type About, type Audience, RELATIONAL } from './audience.js';
import { placesToday, type Standing, standingToday } from './judgement.table.js';
import { isLogged, noteRead } from './reads.js';
import { areShared, areStanding } from './shared.table.js';
import { employersIn, superiorsIn } from './year.table.js';

/**
 * STALE: whether it is allowed depends on relations of which nothing was heard for too long, or on what the viewer is, of
 * which an event waits as a dead letter.
 */
export type Refused = 'DENIED' | 'STALE';

/** The audience that lets the viewer in, or that nothing does. */
export type Verdict = Exclude<Audience, 'INHERIT'> | Refused;

export const isRefused = (found: Verdict): found is Refused => found === 'DENIED' || found === 'STALE';

/** Whether the viewer is one of the audiences with regard to what the thing is about. */
export async function judge(context: ServiceContext, to: readonly Audience[], about: About): Promise<boolean> {
  return !isRefused(await verdict(context, to, about));
}

/** What is shown of whom, as it is written down. */
export interface Shown {
  readonly type: string;
  readonly field: string;
  readonly employee: string;
}

/** The same for an object that is shown when the answer is yes: then that is written down, as it is of a field with a rule. */
export async function judgeRead(
  context: ServiceContext,
  to: readonly Audience[],
  about: About,
  shown: Shown,
): Promise<boolean> {
  const found = await verdict(context, to, about);
  if (isLogged(found)) noteRead(context, { ...shown, role: found });
  return !isRefused(found);
}

/**
 * The same for a command, which goes on or ends here.
 * @throws FORBIDDEN, DIRECTORY_STALE
 */
export async function demand(context: ServiceContext, to: readonly Audience[], about: About): Promise<void> {
  const found = await verdict(context, to, about);
  if (isRefused(found)) throw refusal(found);
}

/** Who may know of an object: the rule of the field that shows it. */
interface Knowledge {
  readonly seenBy: readonly Audience[];
  /** The calendar year that it is of, where that matters. */
  readonly year?: number;
  /** What an id that nothing has is answered with. */
  readonly unknown: () => DomainError;
}

/**
 * The same for a command on an object of which not everyone may know: who is none of `seenBy` either gets `unknown`, the
 * answer to an id that nothing has, and so does not learn that it is there.
 * @throws what `unknown` makes, FORBIDDEN, DIRECTORY_STALE
 */
export async function demandOf(
  context: ServiceContext,
  to: readonly Audience[],
  about: About,
  { seenBy, year, unknown }: Knowledge,
): Promise<void> {
  if (await judge(context, to, about)) return;
  if ((await verdict(context, seenBy, { ...about, year })) === 'DENIED') throw unknown();
  await demand(context, to, about);
}

/** What a denied viewer is told. */
export const refusal = (found: Refused): DomainError =>
  found === 'STALE'
    ? new DomainError(
        'DIRECTORY_STALE',
        'What is known here of people and roles is too old to judge this. Try again in a few minutes.',
      )
    : new DomainError('FORBIDDEN', 'You may not see or do this. Ask the personnel office if you should.');

/**
 * Judged once per request for the same audiences and ids, and at once when it needs no database: a team of 25 has 2,000
 * fields and three rules.
 */
export function verdict(context: ServiceContext, to: readonly Audience[], about: About): Verdict | Promise<Verdict> {
  const { viewer, firstAdmin } = context;
  if (to.includes('PUBLIC')) return 'PUBLIC';
  if (viewer.kind === 'PUBLIC') return 'DENIED';
  // A machine client is a partner, and nothing else.
  if (viewer.kind === 'CLIENT' && !to.includes('PARTNER')) return 'DENIED';
  const known = remembered(context, verdict, () => ({ decisions: new Map(), standing: null }) as Known);
  if (viewer.kind !== 'CLIENT') {
    if (to.includes('SELF') && isSelf(viewer, about)) return 'SELF';
    if (viewer.subject === firstAdmin && to.includes('ADMIN')) return 'ADMIN';
    const member = known.standing && membership(known.standing, viewer, to);
    if (member) return member;
  }
  const key = `${to} ${about.employee} ${about.unit} ${about.agency} ${about.year} ${about.orToday}`;
  const decided = known.decisions.get(key);
  if (decided !== undefined) return decided;
  const deciding = decide(context, to, { about, known }).then((found) => {
    known.decisions.set(key, found);
    return found;
  });
  known.decisions.set(key, deciding);
  // Of a key's several rules one may have allowed at once: then nobody waits for this, and its failure would end the process.
  deciding.catch(() => undefined);
  return deciding;
}

/** What a request has found out so far. */
interface Known {
  readonly decisions: Map<string, Verdict | Promise<Verdict>>;
  standing: Standing | null;
}

/** The audience that the viewer is of whatever the thing is about; null for none. */
function membership(
  { grants, hasLeft, isUncertain }: Standing,
  viewer: SignedIn,
  to: readonly Audience[],
): 'STAFF' | 'ADMIN' | null {
  if (isUncertain) return null;
  if (to.includes('STAFF') && viewer.kind === 'EMPLOYEE' && !hasLeft) return 'STAFF';
  return to.includes('ADMIN') && grants.some(({ role }) => role === 'ADMIN') ? 'ADMIN' : null;
}

const isMembership = (audience: Audience): boolean => audience === 'STAFF' || audience === 'ADMIN';

type SignedIn = Extract<Viewer, { kind: 'EMPLOYEE' | 'OPERATOR' }>;

const isSelf = (viewer: Viewer, about: About): boolean =>
  viewer.kind === 'EMPLOYEE' && about.employee?.toLowerCase() === viewer.employeeId;

async function decide(
  context: ServiceContext,
  to: readonly Audience[],
  { about, known }: { about: About; known: Known },
): Promise<Verdict> {
  const { viewer } = context;
  if (viewer.kind === 'PUBLIC') return 'DENIED';
  if (viewer.kind === 'CLIENT') {
    if (await isStale(context)) return 'STALE';
    return (await isShared(context, about)) ? 'PARTNER' : 'DENIED';
  }
  const standing = await load(context, standingToday, viewer.kind === 'EMPLOYEE' ? viewer.employeeId : viewer.subject);
  known.standing = standing;
  const member = membership(standing, viewer, to);
  if (member) return member;
  // To oneself one is SELF and nothing else: nobody judges, approves or inspects their own record.
  const relations = isSelf(viewer, about) ? [] : to.filter(isRelation);
  if (standing.isUncertain && (relations.length > 0 || to.some(isMembership))) return 'STALE';
  if (relations.length === 0) return 'DENIED';
  if (await isStale(context)) return 'STALE';
  for (const when of about.year != null && about.orToday ? [about, { ...about, year: null }] : [about]) {
    for (const audience of relations) {
      if (await isRelated(context, audience, { viewer, standing, about: when })) return audience;
    }
  }
  return 'DENIED';
}

/** What a signed-in person may be to somebody else. */
const isRelation = (audience: Audience): audience is Exclude<Audience, 'INHERIT'> =>
  RELATIONAL.has(audience) && audience !== 'SELF' && audience !== 'PARTNER';

async function isStale(context: ServiceContext): Promise<boolean> {
  const { freshness } = context;
  if (!freshness) return false;
  return (await remembered(context, isStale, freshness.ageMs)) > freshness.limitMs;
}

/** A person: whether an agreement shares them. A unit or an agency: whether one with that agency has effect at all. */
async function isShared(context: ServiceContext, about: About): Promise<boolean> {
  if (about.employee != null) return load(context, areShared, about.employee);
  const [agencyId] = await agenciesOf(context, about);
  return agencyId !== undefined && load(context, areStanding, agencyId);
}

interface Relation {
  readonly viewer: SignedIn;
  readonly standing: Standing;
  readonly about: About;
}

async function isRelated(context: ServiceContext, audience: Audience, relation: Relation): Promise<boolean> {
  switch (audience) {
    case 'SUPERVISOR':
      return supervises(context, relation, (chain) => chain);
    case 'DIRECT_SUPERVISOR':
      return supervises(context, relation, (chain) => chain.slice(0, 1));
    case 'HR':
    case 'AUDITOR':
      return holdsInAgency(context, audience, relation);
    case 'OFFICER':
      return holdsAtUnit(context, relation);
    default:
      return false;
  }
}

/** Whether the viewer is one of those whom `counts` takes of a chain of supervisors, the direct one first. */
async function supervises(
  context: ServiceContext,
  { viewer, standing, about }: Relation,
  counts: (chain: readonly string[]) => readonly string[],
): Promise<boolean> {
  // Who left the civil service supervises nobody, whatever year it is about.
  if (viewer.kind !== 'EMPLOYEE' || standing.hasLeft || !standing.hasLed || about.employee == null) return false;
  const chains = await load(context, superiorsIn, { employee: about.employee, year: about.year ?? null });
  return chains.some((chain) => counts(chain).includes(viewer.employeeId));
}

async function holdsInAgency(context: ServiceContext, role: 'HR' | 'AUDITOR', { standing, about }: Relation) {
  const held = standing.grants.filter((grant) => grant.role === role);
  if (held.length === 0) return false;
  const agencyIds = await agenciesOf(context, about);
  return held.some(({ agencyId }) => agencyId !== null && agencyIds.includes(agencyId));
}

/**
 * The agency of the employee today, or those of the year in question; else of the unit, else the one named. That one
 * answers for a person of whom nothing is known here yet, too.
 */
async function agenciesOf(context: ServiceContext, { employee, unit, agency, year }: About): Promise<string[]> {
  if (employee != null && year != null) return load(context, employersIn, { employee, year });
  const named = agency == null ? [] : [agency.toLowerCase()];
  if (employee == null && unit == null) return named;
  const key = employee != null ? { employee } : { unit: unit! };
  const { agencyId } = await load(context, placesToday, key);
  if (agencyId !== null) return [agencyId];
  return employee != null ? named : [];
}

/** An officer's grant is for a unit and those under it; without a unit, for the whole agency. */
async function holdsAtUnit(context: ServiceContext, { standing, about }: Relation): Promise<boolean> {
  const held = standing.grants.filter(({ role }) => role === 'OFFICER');
  if (held.length === 0 || about.unit == null) return false;
  const { agencyId, lineage } = await load(context, placesToday, { unit: about.unit });
  return held.some((grant) =>
    grant.unitId === null ? grant.agencyId !== null && grant.agencyId === agencyId : lineage.includes(grant.unitId),
  );
}
