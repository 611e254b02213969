/** Public services as they lie in the database, and the reads on them. */

import type { ServiceContext } from '@merit/chassis/api/context';
import { type Connection, connection, type Page, seek } from '@merit/chassis/api/page';
import { DomainError } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import { agenciesOf } from '@merit/directory/directory';
import type { DataSource, EntityManager } from 'typeorm';
import type { PublicService } from './service.js';

type Reader = DataSource | EntityManager;

const COLUMNS = `s.id, s.agency_id as "agencyId", s.unit_id as "unitId", s.code, s.name, s.standards, s.version`;

/** Writes new services; answers those of them that were there already, by code, for two may enter one at once. */
export async function insertServices(tx: EntityManager, services: readonly PublicService[]): Promise<string[]> {
  if (services.length === 0) return [];
  const rows: { code: string }[] = await tx.query(
    `with incoming as (
       select * from jsonb_to_recordset($1::jsonb)
         as r("id" uuid, "agencyId" uuid, "unitId" uuid, "code" text, "name" text, "standards" jsonb, "version" int)
     ), written as (
       insert into public_service (id, agency_id, unit_id, code, name, standards, version)
       select * from incoming order by "agencyId", "code"
       on conflict (agency_id, code) do nothing returning id
     )
     select "code" from incoming where "id" not in (select id from written)`,
    [JSON.stringify(services)],
  );
  return rows.map(({ code }) => code);
}

/** Writes a service's new content. */
export async function updateService(tx: EntityManager, { id, name, standards, version }: PublicService): Promise<void> {
  await tx.query('update public_service set name = $2, standards = $3, version = $4 where id = $1', [
    id,
    name,
    JSON.stringify(standards),
    version,
  ]);
}

/** Locks the service until the transaction ends, so that two changes cannot both be made from one version. */
export async function lockService(tx: EntityManager, id: string): Promise<PublicService> {
  const [service] = await tx.query(`select ${COLUMNS} from public_service s where s.id = $1 for update`, [id]);
  return service ?? unknownService();
}

/** @throws SERVICE_NOT_FOUND on `serviceId` */
export const requireService = async (context: ServiceContext, id: string): Promise<PublicService> =>
  (await readServices(context.db, [id])).get(id) ?? unknownService();

function unknownService(): never {
  throw new DomainError('SERVICE_NOT_FOUND', 'There is no such service.', { field: 'serviceId' });
}

/** The services with these ids; an unknown one is not in the answer. */
export async function readServices(tx: Reader, ids: readonly string[]): Promise<Map<string, PublicService>> {
  const rows: PublicService[] = await tx.query(`select ${COLUMNS} from public_service s where s.id = any($1)`, [ids]);
  return new Map(rows.map((service) => [service.id, service]));
}

/** The services of an agency with these codes, by code. */
export async function servicesByCode(
  tx: Reader,
  agencyId: string,
  codes: readonly string[],
): Promise<Map<string, PublicService>> {
  const rows: PublicService[] = await tx.query(
    `select ${COLUMNS} from public_service s where s.agency_id = $1 and s.code = any($2)`,
    [agencyId, codes],
  );
  return new Map(rows.map((service) => [service.code, service]));
}

/** For `load`: a service by its id. */
export async function servicesById({ db }: ServiceContext, ids: readonly string[]): Promise<(PublicService | null)[]> {
  const found = await readServices(db, ids);
  return ids.map((id) => found.get(id) ?? null);
}

/** For `load`: whether personnel told of the unit. */
export async function unitsKnown({ db }: ServiceContext, unitIds: readonly string[]): Promise<boolean[]> {
  const agencies = await agenciesOfUnits(db, unitIds);
  return unitIds.map((id) => agencies.has(id));
}

/** Unit → its agency; who is not known here is not in the answer. */
export async function agenciesOfUnits(tx: Reader, unitIds: readonly string[]): Promise<Map<string, string>> {
  const rows: { id: string; agency_id: string }[] = await tx.query(
    'select id, agency_id from directory_unit where id = any($1)',
    [unitIds],
  );
  return new Map(rows.map(({ id, agency_id }) => [id, agency_id]));
}

/** Where an agency is unknown here, its days are those of western Indonesia. */
export const DEFAULT_ZONE = 'Asia/Jakarta';

/** The time zone of an agency's days. */
export const zoneOf = async (tx: Reader, agencyId: string): Promise<string> =>
  (await agenciesOf(tx, [agencyId])).get(agencyId)?.timeZone ?? DEFAULT_ZONE;

/** For `load`: the time zones of agencies' days. */
export async function zonesOf({ db }: ServiceContext, agencyIds: readonly string[]): Promise<string[]> {
  const agencies = await agenciesOf(db, agencyIds);
  return agencyIds.map((id) => agencies.get(id)?.timeZone ?? DEFAULT_ZONE);
}

export interface ServicesOfUnit {
  readonly unitId: string;
  readonly page: Page;
}

/** For `load`: a page of each unit's services, by name. One statement for all units that ask for the same page. */
export async function servicesOfUnits(
  { db }: ServiceContext,
  keys: readonly ServicesOfUnit[],
): Promise<Connection<PublicService>[]> {
  const answers = new Map<ServicesOfUnit, Connection<PublicService>>();
  for (const asked of new Set(keys.map(({ page }) => JSON.stringify(page)))) {
    const group = keys.filter(({ page }) => JSON.stringify(page) === asked);
    const { page } = group[0]!;
    const unitIds = group.map(({ unitId }) => unitId);
    const rows = await pageOfServices(db, unitIds, page);
    for (const key of group) {
      const own = rows.filter(({ unitId }) => unitId === key.unitId);
      answers.set(
        key,
        connection(own, page, ({ name, id }) => [name, id]),
      );
    }
  }
  return keys.map((key) => answers.get(key)!);
}

function pageOfServices(db: DataSource, unitIds: readonly string[], page: Page): Promise<PublicService[]> {
  const { where, orderBy, limit, parameters } = seek(
    page,
    [
      { sql: 's.name', type: 'text' },
      { sql: 's.id', type: 'uuid' },
    ],
    { firstParameter: 2 },
  );
  return prepared(
    db,
    `select s.* from unnest($1::uuid[]) as u (id)
      cross join lateral (
        select ${COLUMNS} from public_service s where s.unit_id = u.id and ${where} order by ${orderBy} limit ${limit}
      ) s`,
    [unitIds, ...parameters],
  );
}
