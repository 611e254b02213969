/** Who serves which public service, who is away, and which unit gives which service: read models of others' events. */
import { idsOf } from '@merit/chassis/in/readmodel';
import type { EntityManager } from 'typeorm';

export interface ServiceAssignment {
  readonly id: string;
  readonly employeeId: string;
  readonly serviceId: string;
  readonly validFrom: string;
  readonly validTo: string | null;
}
/** Of an assignment, the last day as it is known now. */
export interface ServiceEnd {
  readonly id: string;
  readonly validTo: string;
}
export interface Absence {
  readonly id: string;
  readonly employeeId: string;
  readonly awayFrom: string;
  readonly awayTo: string;
  readonly cancelled: boolean;
}

/** Events of a person come in order, so the last one says how it is. An assignment that comes again undoes no end. */
export const saveServiceAssignments = (tx: EntityManager, rows: readonly ServiceAssignment[]): Promise<unknown> =>
  tx.query(
    `insert into service_assignment (id, employee_id, service_id, valid_from, valid_to)
     select * from jsonb_to_recordset($1::jsonb)
       as r("id" uuid, "employeeId" uuid, "serviceId" uuid, "validFrom" date, "validTo" date) order by 1
     on conflict (id) do nothing`,
    [JSON.stringify(rows)],
  );

export const saveServiceEnds = (tx: EntityManager, rows: readonly ServiceEnd[]): Promise<unknown> =>
  tx.query(
    `update service_assignment a set valid_to = r."validTo"
       from jsonb_to_recordset($1::jsonb) as r("id" uuid, "validTo" date) where a.id = r.id`,
    [JSON.stringify(rows)],
  );

export const saveAbsences = (tx: EntityManager, rows: readonly Absence[]): Promise<unknown> =>
  tx.query(
    `insert into absence (id, employee_id, away_from, away_to, cancelled)
     select * from jsonb_to_recordset($1::jsonb)
       as r("id" uuid, "employeeId" uuid, "awayFrom" date, "awayTo" date, "cancelled" boolean) order by 1
     on conflict (id) do update
       set away_from = excluded.away_from, away_to = excluded.away_to, cancelled = excluded.cancelled`,
    [JSON.stringify(rows)],
  );

/** Removes what these people (`employee/<id>`) have told. */
export const forgetPeople = (tx: EntityManager, aggregates: readonly string[]): Promise<void> =>
  tx.query(
    `with serving as (delete from service_assignment where employee_id = any($1::uuid[]))
     delete from absence where employee_id = any($1::uuid[])`,
    [idsOf('employee', aggregates)],
  );

export const saveServices = (
  tx: EntityManager,
  rows: readonly { readonly id: string; readonly unitId: string }[],
): Promise<unknown> =>
  tx.query(
    `insert into public_service (id, unit_id)
     select * from jsonb_to_recordset($1::jsonb) as r("id" uuid, "unitId" uuid) order by 1
     on conflict (id) do nothing`,
    [JSON.stringify(rows)],
  );

/** Someone whose score is concerned by what happened to someone. */
export interface Concerned {
  readonly employeeId: string;
  readonly because: string;
}

/**
 * These people, and everyone who ever held the leading position of a unit that one of them held: of several holders
 * one is the head, so that a change of one concerns the others. In the order in which the causes are given; who is
 * concerned by several comes for each.
 */
export const concernedBy = (tx: EntityManager, employeeIds: readonly string[]): Promise<Concerned[]> =>
  tx.query(
    `with cause as (select * from unnest($1::uuid[]) with ordinality as c (id, place))
     select employee_id as "employeeId", because from (
       select id as employee_id, id as because, place from cause
       union
       select other.employee_id, cause.id, place from cause
         join directory_assignment own on own.employee_id = cause.id and own.leading
         join directory_assignment other on other.unit_id = own.unit_id and other.leading
     ) concerned order by place`,
    [employeeIds],
  );
