import type { ServiceContext } from '@merit/chassis/api/context';
import { type Page, seek } from '@merit/chassis/api/page';
import { rowsById } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { type LocalDate, localDateAt } from '@merit/chassis/local-date';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { Agency } from './agency.js';

export const AgencyTable = new EntitySchema<Agency>({
  name: 'agency',
  columns: {
    id: { type: 'uuid', primary: true },
    name: { type: 'text' },
    timeZone: { type: 'text', name: 'time_zone' },
  },
});

/** Null for those that do not exist. */
export const agenciesById = rowsById(AgencyTable);

export function agencyPage({ db }: ServiceContext, page: Page): Promise<Agency[]> {
  const { where, orderBy, limit, parameters } = seek(page, [
    { sql: 'name', type: 'text' },
    { sql: 'id', type: 'uuid' },
  ]);
  return db.query(
    `select id, name, time_zone as "timeZone" from agency where ${where} order by ${orderBy} limit ${limit}`,
    parameters,
  );
}

/**
 * The agency, and the day that it is there.
 * With `lock`, whatever else changes its tree of units or its imports waits: such changes are judged by the whole.
 * @throws AGENCY_NOT_FOUND
 */
export async function requireAgency(
  tx: EntityManager,
  id: string,
  now: Date,
  { lock = false, field = 'agencyId' }: { lock?: boolean; field?: string } = {},
): Promise<Agency & { today: LocalDate }> {
  // Not `for update`: that would also hold up everyone who only refers to the agency.
  const agency = await tx.findOne(AgencyTable, {
    where: { id },
    ...(lock ? { lock: { mode: 'for_no_key_update' } as const } : {}),
  });
  if (!agency) throw new DomainError('AGENCY_NOT_FOUND', 'There is no such agency.', { field });
  return { ...agency, today: localDateAt(now, agency.timeZone) };
}

/** Adds an agency unless one of its name is there; the unique index decides between simultaneous ones. */
export async function addAgency(tx: EntityManager, { id, name, timeZone }: Agency): Promise<boolean> {
  const rows = await tx.query(
    'insert into agency (id, name, time_zone) values ($1, $2, $3) on conflict (lower(name)) do nothing returning id',
    [id, name, timeZone],
  );
  return rows.length > 0;
}
