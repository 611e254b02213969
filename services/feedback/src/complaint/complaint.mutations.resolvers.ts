/** The mutations on complaints: who may, and the command. */
import { forget, load, type ServiceContext } from '@merit/chassis/api/context';
import { once } from '@merit/chassis/api/idempotency';
import { PUBLIC } from '@merit/chassis/api/viewer';
import { isId, requireId } from '@merit/chassis/errors';
import { demand } from '@merit/directory/access';
import type { EntityManager } from 'typeorm';
import { complaintSecret } from '../secret.js';
import { readServices, requireService } from '../service/service.table.js';
import {
  type ForwardComplaint,
  forwardComplaint,
  publishComplaint,
  type ResolveComplaint,
  recordReveal,
  rejectComplaint,
  reopenComplaint,
  resolveComplaint,
  type SubmitComplaint,
  submitComplaint,
} from './complaint.commands.js';
import { type ImportComplaints, type Importers, importComplaints } from './complaint.import.commands.js';
import { complaintNode, findByNumber, isSender } from './complaint.resolvers.js';
import { complaintsById, unknownComplaint } from './complaint.table.js';
import type { Officer } from './officer.js';
import { officerOf } from './officer.table.js';

type Keyed<T> = T & { readonly idempotencyKey?: string | null };
type Input<T> = { readonly input: Keyed<T> };
type OfComplaint = { readonly complaintId: string };
type WithReason = OfComplaint & { readonly reason: string };

/** A mutation by an officer of the complaint's unit or above: who it is is judged first, then the command runs once. */
const byOfficer =
  <T extends OfComplaint>(
    name: string,
    command: (tx: EntityManager, context: ServiceContext, officer: Officer, input: T) => Promise<OfComplaint>,
  ) =>
  async (_: unknown, { input }: Input<T>, context: ServiceContext) => {
    const complaintId = requireId(input.complaintId, 'complaintId');
    const officer = await demandOfficer(context, complaintId);
    await once(context, name, input, (tx) => command(tx, context, officer, { ...input, complaintId }));
    return { complaint: await complaintNode(context, complaintId) };
  };

/** @throws COMPLAINT_NOT_FOUND, FORBIDDEN */
async function demandOfficer(context: ServiceContext, complaintId: string): Promise<Officer> {
  const found = await load(context, complaintsById, complaintId);
  if (!found) return unknownComplaint();
  await demand(context, ['OFFICER'], { unit: found.state.unitId });
  return officerOf(context, found.state.unitId);
}

type Submit = Omit<SubmitComplaint, 'service'> & { readonly serviceId: string };
type Reopen = { readonly trackingId: string; readonly secret?: string | null; readonly reason: string };

export const complaintMutations = (key: Buffer) => ({
  submitComplaint: async (_: unknown, { input }: Input<Submit>, context: ServiceContext) => {
    const service = await requireService(context, requireId(input.serviceId, 'serviceId'));
    // Whoever it is, signed in or not, complains as one of the public: the idempotency key's row names nobody.
    const nobody = { ...context, viewer: PUBLIC };
    const { complaintId } = await once(nobody, 'submitComplaint', input, (tx) =>
      submitComplaint(tx, nobody, { ...input, service }),
    );
    forget(context);
    return { complaint: await complaintNode(context, complaintId, true), secret: complaintSecret(key, complaintId) };
  },
  forwardComplaint: byOfficer<ForwardComplaint>('forwardComplaint', forwardComplaint),
  resolveComplaint: byOfficer<ResolveComplaint>('resolveComplaint', resolveComplaint),
  rejectComplaint: byOfficer<WithReason>('rejectComplaint', rejectComplaint),
  publishComplaint: byOfficer<OfComplaint & { readonly text: string }>('publishComplaint', publishComplaint),
  reopenComplaint: async (_: unknown, { input }: Input<Reopen>, context: ServiceContext) => {
    const found = await findByNumber(context, input.trackingId);
    if (!found) return unknownComplaint('trackingId');
    const complaintId = found.state.id;
    const bySender = isSender(key, complaintId, input.secret);
    const officer = bySender ? null : await demandOfficer(context, complaintId);
    const by = bySender ? { ...context, viewer: PUBLIC } : context;
    await once(by, 'reopenComplaint', input, (tx) =>
      reopenComplaint(tx, by, officer, { complaintId, reason: input.reason }),
    );
    forget(context);
    return { complaint: await complaintNode(context, complaintId, bySender) };
  },
  revealReporter: async (_: unknown, { input }: Input<WithReason>, context: ServiceContext) => {
    const complaintId = requireId(input.complaintId, 'complaintId');
    const officer = await demandOfficer(context, complaintId);
    let isRecorded = false;
    const record = (tx: EntityManager) => {
      isRecorded = true;
      return recordReveal(tx, context, officer, { ...input, complaintId });
    };
    await once(context, 'revealReporter', input, record);
    // A key that is repeated shows it again: that is judged, and a look to be recorded, like the first.
    if (!isRecorded) await context.db.transaction(record);
    const [reporter] = await context.db.query('select name, contact from complaint_reporter where complaint_id = $1', [
      complaintId,
    ]);
    return { reporter: reporter ?? null };
  },
  importComplaints: async (_: unknown, { input }: Input<ImportComplaints>, context: ServiceContext) => {
    const agencyId = requireId(input.agencyId, 'agencyId');
    const services = input.rows.map(({ serviceId }) => serviceId).filter(isId);
    const importers = await demandImporter(context, agencyId, services);
    return once(context, 'importComplaints', input, (tx) =>
      importComplaints(tx, context, importers, { ...input, agencyId }),
    );
  },
});

/** HR of the agency, or an officer of each unit whose complaints these are: who it is, for each of them. */
async function demandImporter(
  context: ServiceContext,
  agencyId: string,
  serviceIds: readonly string[],
): Promise<Importers> {
  const services = [...(await readServices(context.db, serviceIds)).values()];
  const units = [...new Set(services.map(({ unitId }) => unitId))];
  if (units.length === 0) await demand(context, ['HR'], { agency: agencyId });
  await Promise.all(units.map((unit) => demand(context, ['HR', 'OFFICER'], { unit, agency: agencyId })));
  return new Map(await Promise.all(units.map(async (unit) => [unit, await officerOf(context, unit)] as const)));
}
