import type { ServiceContext } from '@merit/chassis/api/context';
import { type Page, seek } from '@merit/chassis/api/page';
import { type PageKey, pagesOf } from '@merit/chassis/api/pages';
import { inOrder } from '@merit/chassis/api/rows';
import { DomainError } from '@merit/chassis/errors';
import { prepared } from '@merit/chassis/prepared';
import type { EntityManager } from 'typeorm';
import { type EmployeeToday, employeesWhere } from '../employee/employee.table.js';
import { type UnitToday, unitsWhere } from '../unit/unit.table.js';
import type { Agreement } from './agreement.js';

const COLUMNS = `a.id, a.client_id as "clientId", a.agency_id as "agencyId", a.purpose, a.valid_from as "validFrom",
         a.valid_to as "validTo", a.decree_number as "decreeNumber", a.decree_date as "decreeDate",
         a.recorded_at as "recordedAt", a.ended_at as "endedAt", a.end_reason as "endReason"`;
/** Those whom it names in the order of their ids, so that it is told in the same words each time. */
export const AGREEMENT = `
  select ${COLUMNS},
         array(select employee_id::text from agreement_employee where agreement_id = a.id order by employee_id)
           as "employeeIds",
         array(select unit_id::text from agreement_unit where agreement_id = a.id order by unit_id) as "unitIds"
    from agreement a`;

/** Adds an agreement with those whom it names. One statement. */
export async function addAgreement(tx: EntityManager, agreement: Agreement): Promise<void> {
  await tx.query(
    `with signed as (
       insert into agreement (id, client_id, agency_id, purpose, valid_from, valid_to, decree_number, decree_date, recorded_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ), people as (
       insert into agreement_employee (agreement_id, employee_id) select $1, unnest($10::uuid[])
     )
     insert into agreement_unit (agreement_id, unit_id) select $1, unnest($11::uuid[])`,
    [
      agreement.id,
      agreement.clientId,
      agreement.agencyId,
      agreement.purpose,
      agreement.validFrom,
      agreement.validTo,
      agreement.decreeNumber,
      agreement.decreeDate,
      agreement.recordedAt,
      agreement.employeeIds,
      agreement.unitIds,
    ],
  );
}

export async function saveEnd(tx: EntityManager, { id, validTo, endedAt, endReason }: Agreement): Promise<void> {
  await tx.query('update agreement set valid_to = $2, ended_at = $3, end_reason = $4 where id = $1', [
    id,
    validTo,
    endedAt,
    endReason,
  ]);
}

/** An agreement without those whom it names, of whom there may be a thousand: they are read a page at a time. */
export type AgreementRow = Omit<Agreement, 'employeeIds' | 'unitIds'>;

/** Null for those that do not exist. */
export async function agreementsById({ db }: ServiceContext, ids: readonly string[]): Promise<(AgreementRow | null)[]> {
  const rows: AgreementRow[] = await prepared(db, `select ${COLUMNS} from agreement a where a.id = any($1)`, [ids]);
  return inOrder(ids, rows);
}

/** The agreement, held until the transaction ends. @throws AGREEMENT_NOT_FOUND */
export async function lockAgreement(tx: EntityManager, id: string): Promise<Agreement> {
  await tx.query('select from agreement where id = $1 for no key update', [id]);
  const [agreement]: Agreement[] = await tx.query(`${AGREEMENT} where a.id = $1`, [id]);
  if (!agreement) throw agreementNotFound();
  return agreement;
}

export const agreementNotFound = () =>
  new DomainError('AGREEMENT_NOT_FOUND', 'There is no such agreement.', { field: 'agreementId' });

/** Those that an agency signed, the latest first. */
export function agreementPage({ db }: ServiceContext, agencyId: string, page: Page): Promise<AgreementRow[]> {
  const { where, orderBy, limit, parameters } = seek(
    page,
    [
      { sql: 'a.valid_from', type: 'date' },
      { sql: 'a.id', type: 'uuid' },
    ],
    { descending: true, firstParameter: 2 },
  );
  return db.query(
    `select ${COLUMNS} from agreement a where a.agency_id = $1 and ${where} order by ${orderBy} limit ${limit}`,
    [agencyId, ...parameters],
  );
}

/** A page of the people whom each agreement names, by name. */
export const namedEmployees = ({ db, now }: ServiceContext, keys: readonly PageKey[]): Promise<EmployeeToday[][]> => {
  const named = 'employee.id in (select employee_id from agreement_employee where agreement_id = parent.id)';
  return pagesOf(db, keys, employeesWhere(named, [now()]));
};

/** A page of the units that each agreement names, by code. */
export const namedUnits = ({ db, now }: ServiceContext, keys: readonly PageKey[]): Promise<UnitToday[][]> => {
  const named = 'unit.id in (select unit_id from agreement_unit where agreement_id = parent.id)';
  return pagesOf(db, keys, unitsWhere(named, [now()]));
};
