/** Mutations and fields of plans: translate and call. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import { inOrder } from '@merit/chassis/api/rows';
import { DomainError, isId, requireId, requireText } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import { byViewer } from '@merit/chassis/out/outbox';
import { type Audience, demand, demandOf, judge } from '@merit/directory/access';
import { supervisorOf } from '@merit/directory/directory';
import { actorFrom } from '../actor.js';
import { periodById } from '../period/period.resolvers.js';
import { agreePlan, draftPlan, planNotFound, reviseIndicator } from './plan.commands.js';
import { changeFrom, type IndicatorInput, type WorkResultInput, workResultsFrom } from './plan.input.js';
import type { Indicator, Plan } from './plan.js';
import { planIdsOfIndicators, plansById, plansOfYears, type Revision, revisionsOf } from './plan.table.js';
import { importPlans, type PlanRow } from './plan-import.commands.js';

type Input<T> = { readonly input: T & { readonly idempotencyKey?: string | null } };

async function batchById({ db }: ServiceContext, ids: readonly string[]): Promise<(Plan | null)[]> {
  return inOrder(ids, await plansById(db, ids));
}

interface OfYear {
  readonly employeeId: string;
  readonly year: number;
}
async function batchOfYear({ db }: ServiceContext, keys: readonly OfYear[]): Promise<(Plan | null)[]> {
  const plans = await plansOfYears(db, keys);
  return keys.map(({ employeeId, year }) => plans.find((p) => p.employeeId === employeeId && p.year === year) ?? null);
}

async function batchRevisions({ db }: ServiceContext, ids: readonly string[]): Promise<Revision[][]> {
  const rows = await revisionsOf(db, ids);
  return ids.map((id) => rows.filter(({ indicatorId }) => indicatorId === id));
}

/** A plan and, for the judgement of who may see it, whose it is. */
async function payload(context: ServiceContext, planId: string) {
  const plan = await load(context, batchById, planId);
  return { plan, employeeId: plan?.employeeId ?? null };
}

/** The plan of an indicator, for the judgement before the command. @throws INDICATOR_NOT_FOUND */
export async function planOfIndicator({ db }: ServiceContext, indicatorId: string) {
  const [found] = await planIdsOfIndicators(db, [indicatorId]);
  if (found) return found;
  throw indicatorNotFound();
}

export const indicatorNotFound = () =>
  new DomainError('INDICATOR_NOT_FOUND', 'There is no such indicator.', { field: 'indicatorId' });

/** Who may know of a plan, as `Employee.plan` says. */
export const SEES_PLANS: readonly Audience[] = ['SELF', 'SUPERVISOR', 'HR', 'AUDITOR'];

/** The employee who asks; null for one who is none. */
export const employeeOf = ({ viewer }: ServiceContext): string | null =>
  viewer.kind === 'EMPLOYEE' ? viewer.employeeId : null;

interface DraftPlanInput {
  readonly employeeId: string;
  readonly year: number;
  readonly startsOn?: string | null;
  readonly endsOn?: string | null;
  readonly workResults: readonly WorkResultInput[];
  readonly expectedVersion?: number | null;
}
interface ReviseIndicatorInput extends Partial<Omit<IndicatorInput, 'aspect'>> {
  readonly indicatorId: string;
  readonly reason: string;
  readonly expectedVersion?: number | null;
}
interface ImportPlansInput {
  readonly agencyId: string;
  readonly year: number;
  readonly rows: readonly PlanRow[];
  readonly validateOnly: boolean;
}

export const planResolvers = {
  Mutation: {
    draftPlan: async (_: unknown, { input }: Input<DraftPlanInput>, context: ServiceContext) => {
      const employeeId = requireId(input.employeeId, 'employeeId');
      await demand(context, ['SELF', 'SUPERVISOR'], { employee: employeeId });
      const command = {
        employeeId,
        year: input.year,
        startsOn: input.startsOn ?? null,
        endsOn: input.endsOn ?? null,
        workResults: workResultsFrom(input.workResults, context.newId),
        expectedVersion: input.expectedVersion ?? null,
      };
      const { planId } = await once(context, 'draftPlan', input, (tx) => draftPlan(tx, byViewer(context), command));
      return payload(context, planId);
    },

    agreePlan: async (
      _: unknown,
      { input }: Input<{ planId: string; expectedVersion?: number | null }>,
      context: ServiceContext,
    ) => {
      const planId = requireId(input.planId, 'planId');
      const plan = await load(context, batchById, planId);
      if (!plan) throw planNotFound();
      const agreedBy = employeeOf(context);
      // Of one's own plan the rule says it in its own words.
      if (agreedBy !== plan.employeeId) {
        const known = { seenBy: SEES_PLANS, year: plan.year, unknown: planNotFound };
        await demandOf(context, ['SUPERVISOR'], { employee: plan.employeeId }, known);
      }
      const command = { planId, agreedBy: agreedBy!, expectedVersion: input.expectedVersion ?? null };
      await once(context, 'agreePlan', input, (tx) => agreePlan(tx, byViewer(context), command));
      return payload(context, planId);
    },

    reviseIndicator: async (_: unknown, { input }: Input<ReviseIndicatorInput>, context: ServiceContext) => {
      const indicatorId = requireId(input.indicatorId, 'indicatorId');
      const { planId, employeeId, year } = await planOfIndicator(context, indicatorId);
      const revisedBy = employeeOf(context);
      if (revisedBy !== employeeId) {
        const known = { seenBy: SEES_PLANS, year, unknown: indicatorNotFound };
        await demandOf(context, ['SUPERVISOR'], { employee: employeeId }, known);
      }
      const command = {
        planId,
        indicatorId,
        change: changeFrom(input),
        reason: requireText(input.reason, 'reason', { max: 1000, lines: true }),
        revisedBy,
        isSuperior: await isSuperior(context, planId, employeeId),
        expectedVersion: input.expectedVersion ?? null,
      };
      await once(context, 'reviseIndicator', input, (tx) => reviseIndicator(tx, byViewer(context), command));
      return payload(context, planId);
    },

    importPlans: async (_: unknown, { input }: Input<ImportPlansInput>, context: ServiceContext) => {
      const agencyId = requireId(input.agencyId, 'agencyId');
      await demand(context, ['HR'], { agency: agencyId });
      const command = { ...input, agencyId, viewer: employeeOf(context) };
      return once(context, 'importPlans', input, (tx) => importPlans(tx, byViewer(context), command));
    },
  },

  Employee: {
    plan: ({ id: employeeId }: { id: string }, { year }: { year: number }, context: ServiceContext) =>
      load(context, batchOfYear, { employeeId, year }),
  },
  PerformancePlan: {
    employee: ({ employeeId }: Plan) => ({ id: employeeId }),
    period: ({ periodId }: Plan, _: unknown, context: ServiceContext) => periodById(context, periodId),
    startsOn: ({ span }: Plan) => span.from,
    endsOn: ({ span }: Plan) => span.to,
    agreedBy: (plan: Plan) => (plan.status === 'AGREED' && plan.agreedBy ? { id: plan.agreedBy } : null),
    agreedAt: (plan: Plan) => (plan.status === 'AGREED' ? plan.agreedAt : null),
  },
  Indicator: {
    target: ({ target }: Indicator) => (target === null ? null : Number(target)),
    revisions: ({ id }: Indicator, _: unknown, context: ServiceContext) => load(context, batchRevisions, id),
  },
  IndicatorRevision: {
    oldTarget: ({ before }: Revision) => (before.target === null ? null : Number(before.target)),
    newTarget: ({ after }: Revision) => (after.target === null ? null : Number(after.target)),
    oldName: ({ before }: Revision) => before.name,
    newName: ({ after }: Revision) => after.name,
    revisedBy: ({ revisedBy }: Revision) => actorFrom(revisedBy),
  },
};

/** R5: whether the viewer stands above the person's own supervisor today. */
async function isSuperior(context: ServiceContext, planId: string, employeeId: string): Promise<boolean> {
  const plan = await load(context, batchById, planId);
  const period = plan && (await periodById(context, plan.periodId));
  if (!period) return false;
  const today = localDateAt(context.now(), period.timeZone);
  const supervisorId = await supervisorOf(context.db, employeeId, today);
  return supervisorId !== null && isId(supervisorId) && judge(context, ['SUPERVISOR'], { employee: supervisorId });
}
