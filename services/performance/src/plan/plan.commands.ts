/** The only place that changes plans. */
import { DomainError } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { append, type By } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import { later } from '../period/calendar.js';
import { elapsed, type Period, periodOf } from '../period/period.js';
import { periodsById, periodsOf } from '../period/period.table.js';
import { policyFor } from '../policy/policy.js';
import { policiesOf } from '../policy/policy.table.js';
import { insertFacts } from '../score/fact.table.js';
import { foldScores } from '../score/score.commands.js';
import { planFact, planMessage } from './plan.events.js';
import { agree, type DraftPlan, draft, type Plan, type PlanEvent } from './plan.js';
import {
  employmentsOf,
  insertPlans,
  lockPlan,
  lockPlanOf,
  replaceDraft,
  saveRevision,
  saveStatus,
} from './plan.table.js';
import { type IndicatorChange, revise } from './revision.js';

export type WriteDraft = Pick<DraftPlan, 'employeeId' | 'startsOn' | 'endsOn' | 'workResults'> & {
  readonly year: number;
  readonly expectedVersion: number | null;
};

/**
 * Writes the draft of a person's plan of a year.
 * @throws EMPLOYEE_NOT_FOUND, PERIOD_NOT_FOUND, PERIOD_CLOSED, CONFLICT, and as the rule does
 */
export async function draftPlan(tx: EntityManager, by: By, command: WriteDraft): Promise<{ planId: string }> {
  const { employeeId, year } = command;
  const { period, from } = await periodOfEmployee(tx, employeeId, year);
  if (period.closedOn) {
    throw new DomainError('PERIOD_CLOSED', 'This period is over. Plans agreed on paper are entered by import.', {
      field: 'year',
    });
  }
  const before = await lockPlanOf(tx, employeeId, period.id);
  expectVersion(before, command.expectedVersion);
  // Who joined within the year has a plan from that day on, unless told.
  const startsOn = command.startsOn ?? (from <= period.span.to ? later(from, period.span.from) : null);
  const plan = draft(before, { ...command, id: by.newId(), period, startsOn });
  if (before) await replaceDraft(tx, plan);
  else if ((await insertPlans(tx, [plan])).length === 0) throw conflict();
  return { planId: plan.id };
}

/** The period of a person's year, and the first day with its agency. @throws EMPLOYEE_NOT_FOUND, PERIOD_NOT_FOUND */
async function periodOfEmployee(
  tx: EntityManager,
  employeeId: string,
  year: number,
): Promise<{ period: Period; from: string }> {
  const employments = await employmentsOf(tx, employeeId);
  if (employments.length === 0) {
    throw new DomainError('EMPLOYEE_NOT_FOUND', 'There is no such employee, or they are not known here yet.', {
      field: 'employeeId',
    });
  }
  const agencies = employments.map(({ agencyId }) => agencyId);
  const period = periodOf(employments, await periodsOf(tx, agencies, [year]));
  if (!period) {
    throw new DomainError('PERIOD_NOT_FOUND', `The agency has not opened ${year} yet. Ask the personnel office.`, {
      field: 'year',
    });
  }
  return { period, from: employments.find(({ agencyId }) => agencyId === period.agencyId)!.from };
}

export interface AgreePlan {
  readonly planId: string;
  /** The employee who agrees. */
  readonly agreedBy: string;
  readonly expectedVersion: number | null;
}

/**
 * Agrees on a plan; from now on it counts in the score.
 * @throws PLAN_NOT_FOUND, CONFLICT, and as the rule does
 */
export async function agreePlan(tx: EntityManager, by: By, command: AgreePlan): Promise<{ planId: string }> {
  const plan = await lockPlan(tx, command.planId);
  if (!plan) throw planNotFound();
  expectVersion(plan, command.expectedVersion);
  const { state, events } = agree(plan, command.agreedBy, by.now());
  await saveStatus(tx, state);
  await announcePlans(tx, by, events);
  return { planId: plan.id };
}

export interface ReviseIndicator {
  readonly planId: string;
  readonly indicatorId: string;
  readonly change: IndicatorChange;
  readonly reason: string;
  /** The employee who revises, and whether they are above the person's own supervisor. */
  readonly revisedBy: string | null;
  readonly isSuperior: boolean;
  readonly expectedVersion: number | null;
}

/**
 * Changes an indicator of an agreed plan (R5).
 * @throws PLAN_NOT_FOUND, CONFLICT, and as the rule does
 */
export async function reviseIndicator(
  tx: EntityManager,
  by: By,
  command: ReviseIndicator,
): Promise<{ planId: string }> {
  const plan = await lockPlan(tx, command.planId);
  if (!plan) throw planNotFound();
  expectVersion(plan, command.expectedVersion);
  const [period] = await periodsById(tx, [plan.periodId]);
  const policy = policyFor(await policiesOf(tx, [plan.agencyId]), plan.agencyId, period!.span.from);
  const today = localDateAt(by.now(), period!.timeZone);
  const { state, events, before, after } = revise(plan, command.indicatorId, command.change, {
    by: command.revisedBy,
    isSuperior: command.isSuperior,
    elapsed: elapsed(period!, today),
    easingNeedsSuperiorAfter: policy?.rules.workResults.easingNeedsSuperiorAfter ?? 0,
    today,
    at: by.now(),
  });
  const { reason } = command;
  const change = { before, after, reason, planVersion: state.version, revisedBy: by.actor, revisedAt: by.now() };
  await saveStatus(tx, state);
  await saveRevision(tx, { id: by.newId(), ...change });
  await announcePlans(tx, by, events);
  return { planId: plan.id };
}

/** What happened to plans goes out, and into the scores of those whose they are. */
export async function announcePlans(tx: EntityManager, by: By, events: readonly PlanEvent[]): Promise<void> {
  const named = events.map((event) => ({ event, id: by.newId() }));
  await append(
    tx,
    named.map(({ event, id }) => planMessage(event, id)),
    by,
  );
  const facts = named.map(({ event, id }) => planFact(event, id, by.actor));
  await insertFacts(tx, facts);
  await foldScores(tx, by, facts);
}

function expectVersion(plan: Plan | null, expected: number | null): void {
  if (expected !== null && (plan?.version ?? 0) !== expected) throw conflict();
}

const conflict = () =>
  new DomainError('CONFLICT', 'Someone else has changed this plan. Read it again, and try again.', {
    field: 'expectedVersion',
  });

export const planNotFound = () => new DomainError('PLAN_NOT_FOUND', 'There is no such plan.', { field: 'planId' });
