/** R6: whose public services concern a person, and on which days. Membership goes by dates of validity alone. */
import { byRight } from '@merit/directory/rank';
import { type Span, within, without } from '../period/calendar.js';
import type { LeadingFact, ServingFact } from './facts.js';
import type { Standing } from './standing.js';

/** That the person leads a unit which gives services, or serves one, on certain days. */
export interface Role {
  readonly head: boolean;
  readonly services: readonly Standing[];
  readonly spans: readonly Span[];
}

export interface RoleFacts {
  readonly employeeId: string;
  readonly serving: readonly ServingFact[];
  /** Everyone who holds the leading position of a unit concerned, for of two holders one is the head. */
  readonly leading: readonly LeadingFact[];
  readonly services: readonly Standing[];
}

/** The roles of a person within some days. A head needs no assignment; on days as head of a service's unit they are not its staff. */
export function rolesOf(facts: RoleFacts, bounds: Span): Role[] {
  const units = new Map<string, Span[]>();
  for (const unitId of new Set(facts.services.flatMap((service) => service.unitId ?? []))) {
    units.set(unitId, within(headship(facts, unitId), bounds));
  }
  const heads = [...units].map(([unitId, spans]) => ({
    head: true,
    services: facts.services.filter((service) => service.unitId === unitId),
    spans,
  }));
  const staff = facts.services.map((service) => {
    const served = facts.serving.filter(({ serviceId }) => serviceId === service.serviceId).map(({ span }) => span);
    const led = (service.unitId && units.get(service.unitId)) || [];
    return { head: false, services: [service], spans: without(within(served, bounds), led) };
  });
  return [...heads, ...staff].filter(({ spans }) => spans.length > 0);
}

/** The days on which a person is the head of a unit: those on which nobody holds the post with a better right, as supervisors are found. */
function headship({ employeeId, leading }: RoleFacts, unitId: string): Span[] {
  const holders = leading.filter((fact) => fact.unitId === unitId);
  return holders
    .filter((fact) => fact.employeeId === employeeId)
    .flatMap((own) => {
      const others = holders.filter((other) => other.employeeId !== employeeId && comesBefore(other, own));
      return without(
        [own.span],
        others.map(({ span }) => span),
      );
    });
}

const comesBefore = (a: LeadingFact, b: LeadingFact): boolean => byRight(holding(a), holding(b)) < 0;

const holding = ({ assignmentId: id, kind, span, recordedAt }: LeadingFact) => ({
  id,
  kind,
  validFrom: span.from,
  recordedAt,
});
