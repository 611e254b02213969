/** The log of reads: who read of whom, written in the database of the service that answers, before the answer leaves. */
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ServiceContext } from '@merit/chassis/api/context';
import { localDateAt } from '@merit/chassis/local-date';
import { nameOf } from '@merit/chassis/operations/audit';
import { append, byViewer, message } from '@merit/chassis/out/outbox';
import { AccessRecordedSchema } from '@merit/proto/access';
import type { DataSource, EntityManager } from 'typeorm';
import { personAt } from './directory.table.js';
import { DEFAULT_TIME_ZONE } from './judgement.table.js';
import { type Read, readsOf } from './reads.js';

/** Who asked, and when: the same of all rows of a request. */
interface Asking {
  readonly at: Date;
  readonly requestId: string;
  readonly operation: string | null;
  readonly viewer: string;
  readonly unitId: string | null;
  readonly agencyId: string | null;
  readonly purpose: string | null;
}
type Row = Read & { readonly id: string };

/** A client names its operation as it likes. */
const LONGEST_NAME = 100;

/**
 * Writes down what a request was granted of other people: rows and events in one transaction, in a number of statements
 * that does not depend on how many there are. Nothing is done for what PUBLIC, STAFF or SELF may see.
 * @throws whatever keeps it from being written; the answer must not leave then
 */
export async function recordReads(context: ServiceContext, operation: string | null): Promise<void> {
  const rows = readsOf(context).map((read): Row => ({ ...read, id: context.newId() }));
  if (rows.length === 0) return;
  await context.db.transaction(async (tx) => {
    const asking: Asking = {
      at: context.now(),
      requestId: context.requestId,
      operation: operation?.slice(0, LONGEST_NAME) ?? null,
      viewer: nameOf(context.viewer),
      ...(await placeOf(tx, context)),
      purpose: context.purpose ?? null,
    };
    await insertRows(tx, asking, rows);
    const client = context.viewer.kind === 'CLIENT' ? { clientId: context.viewer.clientId } : {};
    await append(tx, rows.map(eventOf(asking, client)), byViewer(context));
  });
}

/** Where the viewer works today. */
async function placeOf(
  tx: EntityManager,
  { viewer, now }: ServiceContext,
): Promise<Pick<Asking, 'unitId' | 'agencyId'>> {
  if (viewer.kind !== 'EMPLOYEE') return { unitId: null, agencyId: null };
  const id = viewer.employeeId;
  const place = (await personAt(tx, [id], localDateAt(now(), DEFAULT_TIME_ZONE))).get(id);
  return { unitId: place?.unitId ?? null, agencyId: place?.agencyId ?? null };
}

const insertRows = (tx: EntityManager, asking: Asking, rows: readonly Row[]): Promise<unknown> =>
  tx.query(
    `insert into access_log
       (id, at, request_id, operation, viewer, role, unit_id, agency_id, purpose, type, fields, persons)
     select id, $1, $2, $3, $4, role, $5, $6, $7, type, fields, persons
       from jsonb_to_recordset($8) as r (id uuid, role text, type text, fields text[], persons uuid[])`,
    [
      asking.at,
      asking.requestId,
      asking.operation,
      asking.viewer,
      asking.unitId,
      asking.agencyId,
      asking.purpose,
      JSON.stringify(rows),
    ],
  );

/** One event a row. Each is an aggregate of its own, so readers of different rows need not wait for each other. */
const eventOf = (asking: Asking, client: { clientId?: string }) => (row: Row) =>
  message(
    AccessRecordedSchema,
    {
      id: row.id,
      aggregateType: 'access',
      aggregateId: row.id,
      key: row.id,
      occurredAt: asking.at,
      agencyId: asking.agencyId ?? undefined,
    },
    {
      accessId: row.id,
      employeeIds: [...row.persons],
      role: row.role,
      type: row.type,
      fields: [...row.fields],
      ...(asking.unitId === null ? {} : { unitId: asking.unitId }),
      ...(asking.agencyId === null ? {} : { agencyId: asking.agencyId }),
      ...(asking.purpose === null ? {} : { purpose: asking.purpose }),
      ...client,
      accessedAt: timestampFromDate(asking.at),
    },
  );

/** Removes what is older than `access_log_retention` says, and the numbers of its events, which nobody goes on from. */
export async function removeOldReads(db: DataSource): Promise<void> {
  await db.query(
    `with old as (
       delete from access_log where at < clock_timestamp() - make_interval(days => (select days from access_log_retention))
       returning id
     )
     delete from event_sequence using old where aggregate_type = 'access' and aggregate_id = old.id`,
  );
}
