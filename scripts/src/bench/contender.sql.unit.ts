/** A unit's dashboard, written by hand: who leads it, what it promises, how satisfied the public is, how complaints went. */
import { FEWEST, hiddenOf, satisfactionOf, YEAR } from './contender.sql.parts.js';
import { type Databases, measured, named, pick, type Row } from './contender.sql.read.js';

export async function unit(db: Databases, id: string): Promise<unknown> {
  const [about, rows, complaints, services] = await Promise.all([
    named<Row & { kind: string }>(
      db.personnel,
      'unit',
      `select u.kind, a.name as agency, (select n.name from unit_name n where n.unit_id = u.id
              and n.valid_from <= current_date order by n.valid_from desc limit 1) as name, head.*
         from unit u join agency a on a.id = u.agency_id
         left join lateral (
           select e.name as head, case h.kind when 'PLT' then 'Plt. ' when 'PLH' then 'Plh. ' else '' end || p.title as title
             from position p join assignment h on h.position_id = p.id join employee e on e.id = h.employee_id
            where p.unit_id = u.id and p.is_leading and h.annulled_at is null and h.valid_from <= current_date
              and (h.valid_to is null or h.valid_to >= current_date)
            order by array_position(array['DEFINITIF', 'RANGKAP', 'PLT', 'PLH'], h.kind), h.valid_from desc limit 1) head on true
        where u.id = $1`,
      [id],
    ),
    measured(db, id),
    named<Counts>(
      db.feedback,
      'complaints',
      `select count(*)::int as received, count(*) filter (where status = 'RESOLVED')::int as resolved,
              count(*) filter (where status = 'RESOLVED' and in_time)::int as "inTime",
              count(*) filter (where status in ('FORWARDED', 'REOPENED') and due_at < now())::int as overdue
         from complaint where unit_id = $1 
          and received_at at time zone 'Asia/Jakarta' between $2::date and $2::date + interval '1 year'`,
      [id, `${YEAR}-01-01`],
    ),
    named<Row & { id: string; standards: Standard[] }>(
      db.feedback,
      'services-10',
      'select id, name, standards from public_service where unit_id = $1 order by name, id limit 10',
      [id],
    ),
  ]);
  const [one] = about;
  if (!one) return null;
  const pooled = satisfactionOf(rows);
  const hidden = hiddenOf(rows);
  return {
    name: one['name'],
    agency: { name: one['agency'] },
    head: one['head'] && HEADED.has(one.kind) ? { name: one['head'], title: one['title'] } : null,
    satisfaction: pick(pooled, ['index', 'grade', 'respondents', 'asOf', 'elements']),
    complaintStatistics: shown(complaints[0]!),
    services: {
      edges: services.map((service) => ({
        node: {
          name: service['name'],
          standards: service.standards.map(({ name, fee, limit }) => ({
            name,
            fee,
            limit: { quantity: limit.quantity, unit: limit.unit },
          })),
          satisfaction: hidden.has(service.id)
            ? { index: null, grade: null }
            : pick(satisfactionOf(rows.filter(({ serviceId }) => serviceId === service.id)), ['index', 'grade']),
        },
      })),
    },
  };
}

interface Standard {
  readonly name: string;
  readonly fee: number;
  readonly limit: { readonly quantity: number; readonly unit: string };
}

/** None without complaints, and no figures of too few. */
function shown(counts: Counts): Counts | Readonly<Record<string, null>> | null {
  if (counts.received === 0) return null;
  return counts.received >= FEWEST ? counts : { received: null, resolved: null, inTime: null, overdue: null };
}

interface Counts extends Row {
  readonly received: number;
  readonly resolved: number;
  readonly inTime: number;
  readonly overdue: number;
}

/** Units whose head is public. */
const HEADED = new Set(['PERANGKAT_DAERAH', 'KECAMATAN', 'UPTD']);
