/** What a person may do beyond what their own record gives: a role, its scope, its days, its decree. */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import type { LocalDate } from '@merit/chassis/local-date';
import { type Interval, overlap, requireInterval } from '../interval.js';

/**
 * Personnel officer, complaint officer, inspectorate, operator of the system; and the scope in which each holds.
 * An officer without a unit is one for the whole agency.
 */
export const ROLES = {
  HR: { agency: 'REQUIRED', unit: 'NONE' },
  OFFICER: { agency: 'REQUIRED', unit: 'OPTIONAL' },
  AUDITOR: { agency: 'REQUIRED', unit: 'NONE' },
  ADMIN: { agency: 'NONE', unit: 'NONE' },
} as const satisfies Record<string, { agency: 'REQUIRED' | 'NONE'; unit: 'OPTIONAL' | 'NONE' }>;
export type Role = keyof typeof ROLES;

export interface Grant extends Interval {
  readonly id: string;
  /** An employee's id, or the subject of a token for those who are no employees. */
  readonly subject: string;
  readonly role: Role;
  readonly agencyId: string | null;
  readonly unitId: string | null;
  readonly decreeNumber: string | null;
  readonly decreeDate: LocalDate | null;
  readonly recordedAt: Date;
  readonly revokedAt: Date | null;
  readonly revokeReason: string | null;
}
export type GrantEvent =
  | { readonly type: 'RoleGranted'; readonly grant: Grant }
  | { readonly type: 'RoleRevoked'; readonly grant: Grant & { validTo: LocalDate } };

export type NewGrant = Omit<Grant, 'revokedAt' | 'revokeReason'>;

/**
 * Gives a role.
 * @param unitAgencyId the agency of the unit, when one is named
 * @param others the subject's grants
 * @throws TEXT_* on `decreeNumber`; ROLE_SCOPE on `agencyId` or `unitId`; UNIT_OTHER_AGENCY on `unitId`;
 *   GRANT_OVERLAPS on `validFrom`; INTERVAL_REVERSED on `validTo`
 */
export function grantRole(
  input: NewGrant,
  unitAgencyId: string | null,
  others: readonly Grant[],
): Decision<Grant, GrantEvent> {
  requireScope(input);
  if (input.unitId !== null && unitAgencyId !== input.agencyId) {
    throw new DomainError('UNIT_OTHER_AGENCY', 'The unit belongs to another agency.', { field: 'unitId' });
  }
  const grant: Grant = {
    ...input,
    ...requireInterval(input.validFrom, input.validTo),
    decreeNumber: input.decreeNumber && requireText(input.decreeNumber, 'decreeNumber', { max: 100 }),
    revokedAt: null,
    revokeReason: null,
  };
  if (others.some((other) => sameScope(other, grant) && !isVoid(other) && overlap(other, grant))) {
    throw new DomainError('GRANT_OVERLAPS', 'This role is given for some of these days already.', {
      field: 'validFrom',
    });
  }
  return { state: grant, events: [{ type: 'RoleGranted', grant }] };
}

/**
 * Takes a role back. With yesterday as its last day it ends at once.
 * @throws GRANT_ENDED on `validTo`, when it ends by then anyway; TEXT_* on `reason`
 */
export function revokeRole(grant: Grant, lastDay: LocalDate, reason: string, now: Date): Decision<Grant, GrantEvent> {
  if (grant.validTo !== null && lastDay >= grant.validTo) {
    throw new DomainError('GRANT_ENDED', 'The role ends by that day anyway.', { field: 'validTo' });
  }
  const revokeReason = requireText(reason, 'reason', { max: 1000, lines: true });
  const state = { ...grant, validTo: lastDay, revokedAt: now, revokeReason };
  return { state, events: [{ type: 'RoleRevoked', grant: state }] };
}

function requireScope({ role, agencyId, unitId }: NewGrant): void {
  const { agency, unit } = ROLES[role];
  const refuse = (message: string, field: string): never => {
    throw new DomainError('ROLE_SCOPE', message, { field, role });
  };
  if (agency === 'REQUIRED' && agencyId === null) refuse('Name the agency within which the role holds.', 'agencyId');
  if (agency === 'NONE' && agencyId !== null) refuse('This role holds everywhere. Leave the agency out.', 'agencyId');
  if (unit === 'NONE' && unitId !== null) refuse('This role is not for one unit. Leave the unit out.', 'unitId');
}

const sameScope = (a: Grant, b: Grant) => a.role === b.role && a.agencyId === b.agencyId && a.unitId === b.unitId;

/** Revoked before its first day: it never held. */
const isVoid = ({ validFrom, validTo }: Grant) => validTo !== null && validTo < validFrom;

/** Takes back what a person still has after a last day, for they leave the agency by which they have it. */
export function endGrants(grants: readonly Grant[], lastDay: LocalDate, now: Date): Decision<Grant[], GrantEvent> {
  const open = grants.filter(({ validTo }) => validTo === null || validTo > lastDay);
  const ended = open.map((grant) => revokeRole(grant, lastDay, 'The person left the agency.', now));
  return { state: ended.map(({ state }) => state), events: ended.flatMap(({ events }) => events) };
}
