/**
 * A supervisor set by hand. By rule a person's supervisor is who leads their unit (`@merit/directory/supervisor`); where
 * practice differs, an officer says so with a reason, for a time, and may take it back.
 */
import type { Decision } from '@merit/chassis/decision';
import { DomainError, requireText } from '@merit/chassis/errors';
import { type Interval, overlap, requireInterval } from '../interval.js';

export interface SupervisorOverride extends Interval {
  readonly id: string;
  readonly employeeId: string;
  readonly supervisorId: string;
  readonly reason: string;
  readonly recordedAt: Date;
  readonly withdrawnAt: Date | null;
  readonly withdrawReason: string | null;
}
export type SupervisorEvent = {
  readonly type: 'SupervisorChanged';
  readonly override: SupervisorOverride;
  readonly recordedAt: Date;
};

type NewOverride = Omit<SupervisorOverride, 'withdrawnAt' | 'withdrawReason'>;

/**
 * Sets who supervises a person, from a day on.
 * @param above the supervisor's own supervisors on the first day, the nearest first
 * @param others the person's settings so far
 * @throws SUPERVISOR_IS_ONESELF, SUPERVISOR_CYCLE on `supervisorId`; OVERRIDE_OVERLAPS on `validFrom`;
 *   INTERVAL_REVERSED on `validTo`; TEXT_* on `reason`
 */
export function overrideSupervisor(
  input: NewOverride,
  above: readonly string[],
  others: readonly SupervisorOverride[],
): Decision<SupervisorOverride, SupervisorEvent> {
  if (input.supervisorId === input.employeeId) {
    throw new DomainError('SUPERVISOR_IS_ONESELF', 'Nobody supervises themselves. Choose someone else.', {
      field: 'supervisorId',
    });
  }
  if (above.includes(input.employeeId)) {
    throw new DomainError('SUPERVISOR_CYCLE', 'That person stands under the employee on this day. Choose another.', {
      field: 'supervisorId',
    });
  }
  const override: SupervisorOverride = {
    ...input,
    ...requireInterval(input.validFrom, input.validTo),
    reason: requireText(input.reason, 'reason', { max: 1000, lines: true }),
    withdrawnAt: null,
    withdrawReason: null,
  };
  if (others.some((other) => !other.withdrawnAt && overlap(other, override))) {
    throw new DomainError('OVERRIDE_OVERLAPS', 'A supervisor is set for some of these days. Take that back first.', {
      field: 'validFrom',
    });
  }
  return { state: override, events: [{ type: 'SupervisorChanged', override, recordedAt: override.recordedAt }] };
}

/**
 * Takes a setting back, so that the rule holds again for all its days.
 * @throws OVERRIDE_WITHDRAWN; TEXT_* on `reason`
 */
export function withdrawOverride(
  override: SupervisorOverride,
  reason: string,
  now: Date,
): Decision<SupervisorOverride, SupervisorEvent> {
  if (override.withdrawnAt) throw new DomainError('OVERRIDE_WITHDRAWN', 'The setting was taken back already.');
  const withdrawReason = requireText(reason, 'reason', { max: 1000, lines: true });
  const state = { ...override, withdrawnAt: now, withdrawReason };
  return { state, events: [{ type: 'SupervisorChanged', override: state, recordedAt: now }] };
}
