/** Complaints in the graph: what each viewer may see of them. */
import { load, type ServiceContext } from '@merit/chassis/api/context';
import { type PageArguments, parsePage } from '@merit/chassis/api/page';
import { DomainError, requireId, requireText } from '@merit/chassis/errors';
import { requireYear } from '../calendar/calendar.js';
import { figuresOn, SATISFACTION_FIGURES } from '../satisfaction/satisfaction.figures.js';
import { opens, readNumber } from '../secret.js';
import { serviceById } from '../service/service.resolvers.js';
import { type Complaint, isOpen } from './complaint.js';
import { complaintCounts, complaintsOfUnit } from './complaint.queries.table.js';
import type { ComplaintRecord } from './complaint.rows.table.js';
import { complaintByNumber, complaintsById } from './complaint.table.js';
import { maySeeHandling } from './officer.js';
import { officerOf } from './officer.table.js';

/** A complaint as a field of the graph meets it. */
export interface ComplaintNode extends ComplaintRecord {
  readonly id: string;
  readonly unitId: string;
  /** Whether its sender reads it, by the secret. */
  readonly bySender: boolean;
}

export const nodeOf = (record: ComplaintRecord, bySender = false): ComplaintNode => ({
  ...record,
  id: record.state.id,
  unitId: record.state.unitId,
  bySender,
});

/** The complaint as it is after a command. */
export async function complaintNode(context: ServiceContext, id: string, bySender = false): Promise<ComplaintNode> {
  return nodeOf((await load(context, complaintsById, id))!, bySender);
}

/** `7K3P9-QXDM2`: easier to read out than ten characters in a row. */
const shownNumber = (trackingId: string): string => `${trackingId.slice(0, 5)}-${trackingId.slice(5)}`;

/**
 * Whether the secret is the complaint's.
 * @throws SECRET_INVALID on `secret` when one is given that is not
 */
export function isSender(key: Buffer, complaintId: string, secret: string | null | undefined): boolean {
  if (secret == null) return false;
  if (opens(key, complaintId, requireText(secret, 'secret', { max: 100 }))) return true;
  throw new DomainError('SECRET_INVALID', 'This secret does not open this complaint. Type it as it was given.', {
    field: 'secret',
  });
}

/** The complaint with this public number, however it was typed. */
export const findByNumber = ({ db }: ServiceContext, trackingId: string): Promise<ComplaintRecord | null> =>
  complaintByNumber(db, readNumber(requireText(trackingId, 'trackingId', { max: 50 })));

type ListArguments = PageArguments & {
  readonly unitId: string;
  readonly status?: readonly Complaint['status'][] | null;
};

async function complaints(_: unknown, args: ListArguments, context: ServiceContext) {
  const unitId = requireId(args.unitId, 'unitId');
  const page = parsePage(args, { keys: 2 });
  const asked = { unitId, status: args.status ?? null, page };
  const { edges, pageInfo } = await complaintsOfUnit(context, asked, await officerOf(context, unitId));
  return { edges: edges.map(({ node, cursor }) => ({ node: nodeOf(node), cursor })), pageInfo };
}

async function handling(node: ComplaintNode, _: unknown, context: ServiceContext) {
  const { state, text, confidential, anonymous, answer, reason } = node;
  if (!maySeeHandling(state, await officerOf(context, state.unitId))) {
    throw new DomainError('FORBIDDEN', 'You may not see how this complaint is handled.');
  }
  const { verifyBy, named } = state;
  const handler = 'handlerId' in state ? { id: state.handlerId } : null;
  const workingMinutes = 'clock' in state ? state.clock.usedMinutes : null;
  const people = named.map((id) => ({ id }));
  return { text, confidential, anonymous, verifyBy, named: people, handler, workingMinutes, answer, reason };
}

async function statistics({ id }: { id: string }, { year }: { year: number }, context: ServiceContext) {
  const counts = await load(context, complaintCounts, { unitId: id, year: requireYear(year) });
  if (counts.received === 0) return null;
  const asOf = context.now();
  const { fewestShown } = figuresOn(SATISFACTION_FIGURES, `${year}-12-31`);
  if (counts.received < fewestShown) return { asOf, suppressed: true };
  // The median of one that is finished is that one's own.
  const medianWorkingMinutes = counts.resolved < fewestShown ? null : counts.medianWorkingMinutes;
  return { ...counts, medianWorkingMinutes, asOf, suppressed: false };
}

const ofState =
  <K extends string>(name: K) =>
  ({ state }: ComplaintNode) =>
    name in state ? (state as unknown as Record<K, unknown>)[name] : null;

const dueAt = ({ state }: ComplaintNode): Date | null => ('clock' in state ? state.clock.dueAt : null);

export const complaintReads = (key: Buffer) => ({
  Query: {
    complaint: async (
      _: unknown,
      { trackingId, secret }: { trackingId: string; secret?: string | null },
      context: ServiceContext,
    ) => {
      const record = await findByNumber(context, trackingId);
      return record && nodeOf(record, isSender(key, record.state.id, secret));
    },
    complaints,
  },
  Complaint: {
    trackingId: ({ trackingId }: ComplaintNode) => shownNumber(trackingId),
    service: ({ state }: ComplaintNode, _: unknown, context: ServiceContext) => serviceById(context, state.serviceId),
    status: ofState('status'),
    class: ofState('class'),
    receivedAt: ofState('receivedAt'),
    forwardedAt: ofState('forwardedAt'),
    resolvedAt: ofState('resolvedAt'),
    inTime: ofState('inTime'),
    dueAt,
    overdue: (node: ComplaintNode, _: unknown, { now }: ServiceContext) => isOpen(node.state) && now() > dueAt(node)!,
    text: ({ bySender, text, publicText }: ComplaintNode) => (bySender ? text : publicText),
    answer: ({ bySender, answer, reason, state }: ComplaintNode) =>
      bySender ? (state.status === 'REJECTED' ? reason : answer) : null,
    handling,
  },
  Unit: { complaintStatistics: statistics },
});
