import type { ServiceContext } from '@merit/chassis/api/context';
import { type Page, seek } from '@merit/chassis/api/page';
import type { DataSource, EntityManager } from 'typeorm';

/** The audiences whose reads are written down. */
export const ROLES = ['DIRECT_SUPERVISOR', 'SUPERVISOR', 'HR', 'OFFICER', 'PARTNER', 'AUDITOR', 'ADMIN'] as const;

/** That somebody was shown, of one type of the graph and in one request, what is not for everyone. */
export interface AccessEntry {
  readonly id: string;
  readonly accessedAt: Date;
  /** The audience that let the reader in. */
  readonly role: (typeof ROLES)[number];
  readonly type: string;
  readonly fields: readonly string[];
  /** Where the reader works; null for who is no employee. */
  readonly unitId: string | null;
  readonly agencyId: string | null;
  /** Of a partner agency; null for a person. */
  readonly clientId: string | null;
  readonly purpose: string | null;
}

/** An entry with all people whom it is about. */
export type Told = AccessEntry & { readonly persons: readonly string[] };

/** Two statements however many there are; what is there already stays. */
export async function insertEntries(tx: EntityManager, told: readonly Told[]): Promise<void> {
  const entries = told.map(({ persons: _, ...entry }) => entry);
  await tx.query(
    `insert into access_entry (id, accessed_at, role, type, fields, unit_id, agency_id, client_id, purpose)
     select id, "accessedAt", role, type, fields, "unitId", "agencyId", "clientId", purpose
       from jsonb_to_recordset($1) as r (id uuid, "accessedAt" timestamptz, role text, type text, fields text[],
                                         "unitId" uuid, "agencyId" uuid, "clientId" text, purpose text)
     on conflict do nothing`,
    [JSON.stringify(entries)],
  );
  const persons = told.flatMap((each) => each.persons.map((person) => ({ person, ...each })));
  await tx.query(
    `insert into access_entry_person (employee_id, accessed_at, entry_id)
     select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[])
     on conflict do nothing`,
    [persons.map(({ person }) => person), persons.map(({ accessedAt }) => accessedAt), persons.map(({ id }) => id)],
  );
}

/** What was read of a person, the latest first; what is under embargo is left out until it is over. */
export function accessPage({ db, now }: ServiceContext, employeeId: string, page: Page): Promise<AccessEntry[]> {
  const { where, orderBy, limit, parameters } = seek(
    page,
    [
      { sql: 'p.accessed_at', type: 'timestamptz' },
      { sql: 'p.entry_id', type: 'uuid' },
    ],
    { descending: true, firstParameter: 3 },
  );
  return db.query(
    `select e.id, e.accessed_at as "accessedAt", e.role, e.type, e.fields, e.unit_id as "unitId",
            e.agency_id as "agencyId", e.client_id as "clientId", e.purpose
       from access_entry_person p
       join access_entry e on e.id = p.entry_id
       left join access_embargo b on b.role = e.role
      where p.employee_id = $1 and e.accessed_at <= $2::timestamptz - make_interval(days => coalesce(b.days, 0))
        and ${where}
      order by ${orderBy} limit ${limit}`,
    [employeeId, now(), ...parameters],
  );
}

/**
 * Removes what is older than `access_log_retention` says, and the numbers of its events: none of them comes again, for
 * topics and outboxes keep them for days and not for years.
 */
export async function removeOldEntries(db: DataSource): Promise<void> {
  await db.query(
    `with bound as (select clock_timestamp() - make_interval(days => days) as before from access_log_retention),
     persons as (delete from access_entry_person using bound where accessed_at < before),
     old as (delete from access_entry using bound where accessed_at < before returning id)
     delete from applied_sequence using old where aggregate = 'access/' || old.id`,
  );
}
