/** The only place that records what was realised. */
import { DomainError } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { append, type By } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import { periodsById } from '../period/period.table.js';
import { planNotFound } from '../plan/plan.commands.js';
import type { Plan } from '../plan/plan.js';
import { holdPlan } from '../plan/plan.table.js';
import { insertFacts } from '../score/fact.table.js';
import { foldScores } from '../score/score.commands.js';
import { realisationFact, realisationMessage } from './realisation.events.js';
import { correct, type RealisationEvent, type Report, report } from './realisation.js';
import { insertRealisations, realisationsById } from './realisation.table.js';

export interface ReportRealisation {
  readonly planId: string;
  readonly indicatorId: string;
  readonly reported: Omit<Report, 'id' | 'reportedAt'>;
}

/** @throws PLAN_NOT_FOUND, and as the rule does */
export async function reportRealisation(
  tx: EntityManager,
  by: By,
  { planId, indicatorId, reported }: ReportRealisation,
): Promise<{ realisationId: string }> {
  const { plan, today } = await planToday(tx, by, planId);
  const given = { ...reported, id: by.newId(), reportedAt: by.now() };
  const { state, events } = report(plan, indicatorId, given, today);
  await insertRealisations(tx, [state], by.actor);
  await announceRealisations(tx, by, events);
  return { realisationId: state.id };
}

export interface CorrectRealisation {
  readonly realisationId: string;
  readonly reported: Omit<Report, 'id' | 'reportedAt'>;
}

/** @throws REALISATION_NOT_FOUND, PLAN_NOT_FOUND, and as the rule does */
export async function correctRealisation(
  tx: EntityManager,
  by: By,
  { realisationId, reported }: CorrectRealisation,
): Promise<{ realisationId: string }> {
  const [before] = await realisationsById(tx, [realisationId]);
  if (!before) throw realisationNotFound();
  const { plan, today } = await planToday(tx, by, before.planId);
  const given = { ...reported, id: by.newId(), reportedAt: by.now() };
  const { state, events } = correct(plan, before, given, today);
  const [made] = await insertRealisations(tx, [state], by.actor);
  // Another correction was quicker: the rule says what to do.
  if (!made) correct(plan, { ...before, replaced: true }, given, today);
  await announceRealisations(tx, by, events);
  return { realisationId: state.id };
}

async function planToday(tx: EntityManager, by: By, planId: string): Promise<{ plan: Plan; today: string }> {
  const plan = await holdPlan(tx, planId);
  const [period] = plan ? await periodsById(tx, [plan.periodId]) : [];
  if (!plan || !period) throw planNotFound();
  return { plan, today: localDateAt(by.now(), period.timeZone) };
}

/** What was realised goes out, and into the scores of those whose it is. */
export async function announceRealisations(
  tx: EntityManager,
  by: By,
  events: readonly RealisationEvent[],
): Promise<void> {
  const named = events.map((event) => ({ event, id: by.newId() }));
  await append(
    tx,
    named.map(({ event, id }) => realisationMessage(event, id)),
    by,
  );
  const facts = named.map(({ event, id }) => realisationFact(event, id, by.actor));
  await insertFacts(tx, facts);
  await foldScores(tx, by, facts);
}

export const realisationNotFound = () =>
  new DomainError('REALISATION_NOT_FOUND', 'There is no such realisation.', { field: 'realisationId' });
