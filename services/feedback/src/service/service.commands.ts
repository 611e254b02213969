/** The only place that changes the catalogue of services. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, isId, requireId } from '@merit/chassis/errors';
import { type ImportAnswer, judgeRows, requireRows } from '@merit/chassis/import';
import { byViewer } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import { publish } from '../publish.js';
import { serviceMessage } from './service.events.js';
import { type PublicService, register, type ServiceChange, type Standard, sameContent, update } from './service.js';
import { agenciesOfUnits, insertServices, lockService, servicesByCode, updateService } from './service.table.js';

export interface RegisterService {
  readonly unitId: string;
  readonly code: string;
  readonly name: string;
  readonly standards: readonly Standard[];
}

/** @throws UNIT_NOT_FOUND, SERVICE_CODE_TAKEN, and as the rule does */
export async function registerService(
  tx: EntityManager,
  context: ServiceContext,
  command: RegisterService,
): Promise<{ serviceId: string }> {
  const unitId = requireId(command.unitId, 'unitId');
  const agencyId = (await agenciesOfUnits(tx, [unitId])).get(unitId);
  if (!agencyId) throw unitNotFound();
  const { code, name, standards } = command;
  const { state, events } = register({ id: context.newId(), agencyId, unitId, code, name, standards });
  const taken = await insertServices(tx, [state]);
  if (taken.length > 0) {
    throw new DomainError(
      'SERVICE_CODE_TAKEN',
      'The agency has a service with this code. Change that, or take another.',
      {
        field: 'code',
      },
    );
  }
  await publish(
    tx,
    byViewer(context),
    events.map((event) => serviceMessage(event, context.now())),
  );
  return { serviceId: state.id };
}

/** @throws SERVICE_NOT_FOUND, CONFLICT, and as the rule does */
export async function changeService(
  tx: EntityManager,
  context: ServiceContext,
  serviceId: string,
  change: ServiceChange,
): Promise<{ serviceId: string }> {
  const { state, events } = update(await lockService(tx, serviceId), change);
  await updateService(tx, state);
  await publish(
    tx,
    byViewer(context),
    events.map((event) => serviceMessage(event, context.now())),
  );
  return { serviceId };
}

export interface ImportServices {
  readonly agencyId: string;
  readonly rows: readonly RegisterService[];
  readonly validateOnly: boolean;
}

/**
 * Enters many services at once: five statements, however many rows. A code that is there with other content is a
 * problem of its row, for an import does not overwrite.
 */
export async function importServices(
  tx: EntityManager,
  context: ServiceContext,
  { agencyId, rows, validateOnly }: ImportServices,
): Promise<ImportAnswer> {
  requireRows(rows);
  const known = await servicesByCode(
    tx,
    agencyId,
    rows.map(({ code }) => code.trim().normalize('NFC')),
  );
  const agencies = await agenciesOfUnits(tx, rows.map(({ unitId }) => unitId).filter(isId));
  const seen = new Map<string, PublicService>(known);
  const { fresh, unchanged, problems } = judgeRows(rows, (row) => {
    const service = enter(row, agencyId, agencies, context.newId());
    const before = seen.get(service.code);
    if (before && !sameContent(before, service)) throw otherContent(service.code, known.has(service.code));
    seen.set(service.code, before ?? service);
    return before ? null : service;
  });
  if (problems.length === 0 && !validateOnly) await write(tx, context, fresh);
  return { imported: fresh.length, unchanged, problems };
}

function enter(
  row: RegisterService,
  agencyId: string,
  agencies: ReadonlyMap<string, string>,
  id: string,
): PublicService {
  const unitId = requireId(row.unitId, 'unitId');
  if (agencies.get(unitId) !== agencyId) throw unitNotFound();
  const { code, name, standards } = row;
  return register({ id, agencyId, unitId, code, name, standards }).state;
}

async function write(tx: EntityManager, context: ServiceContext, fresh: readonly PublicService[]): Promise<void> {
  const taken = await insertServices(tx, fresh);
  // Someone else entered the same codes between our look and our write: nothing of this call may stand.
  if (taken.length > 0)
    throw new DomainError('BUSY', 'Someone else is entering these services. Try again in a moment.');
  const at = context.now();
  await publish(
    tx,
    byViewer(context),
    fresh.map((service) => serviceMessage({ type: 'ServiceRegistered', service }, at)),
  );
}

const unitNotFound = () =>
  new DomainError('UNIT_NOT_FOUND', 'There is no such unit in this agency, or it is not known here yet.', {
    field: 'unitId',
  });

const otherContent = (code: string, isStored: boolean) =>
  isStored
    ? new DomainError('SERVICE_EXISTS', `${code} is there with other content. Change it with updateService.`, {
        field: 'code',
      })
    : new DomainError('ROW_REPEATED', `${code} stands in another row with other content.`, { field: 'code' });
