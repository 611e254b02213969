/** What the dead letters that wait still lack, and asking for it until it has come. */
import type { DataSource } from 'typeorm';
import { type DeadLetter, TIMELINE } from './deadletter.table.js';
import { letterOf } from './inbox.letter.js';
import { askAgain } from './requests.out.js';

/** How long an answer is waited for before the same is asked again; then twice as long each time. */
const PATIENCE = '15 seconds';
/** Of how many aggregates at one look. */
const AT_ONCE = 200;

/**
 * Asks publishers once more for what was asked for and has not come, since a request can get lost or come damaged like
 * any other event; and for what is missing behind the first of a line, so that a line with many gaps does not wait for
 * one answer after another. For each aggregate once, from the first number that it lacks.
 * @param consumer the asking service's name
 * @returns for how many aggregates
 */
export function askForMissing(db: DataSource, consumer: string): Promise<number> {
  return db.transaction(async (tx) => {
    const [lacking]: [(Pick<DeadLetter, 'id' | 'key' | 'headers' | 'code' | 'message'> & { last: number })[], number] =
      await tx.query(
        `with waiting as (
           select d.*, ${TIMELINE} as timeline,
                  coalesce(lag(d.sequence) over (partition by d.topic, d.key, d.headers->>'ce_source', d.headers->>'ce_subject'
                                                 order by d.sequence), 0) as before
             from dead_letter d where d.state = 'WAITING'
         ), lacking as (
           select distinct on (w.headers->>'ce_source', w.headers->>'ce_subject')
                  w.id, w.code, w.parked_at, greatest(w.before, coalesce(a.last_seq, 0)) as last,
                  coalesce(w.asked_at, case when w.code <> 'WAITS' then w.parked_at end) as asked_at
             from waiting w
             left join lateral (select last_seq, timeline from applied_sequence
                                 where source = w.headers->>'ce_source' and aggregate = w.headers->>'ce_subject' offset 0) a on true
            where not w.renewed and not w.headers ? 'ce_snapshot'
              and (w.code in ('PAYLOAD_INVALID', 'ENVELOPE_INVALID')
                   or w.code in ('GAP', 'WAITS') and w.timeline = coalesce(a.timeline, 1)
                      and w.sequence > greatest(w.before, coalesce(a.last_seq, 0)) + 1)
            order by w.headers->>'ce_source', w.headers->>'ce_subject', w.sequence nulls first, w.id
         )
         update dead_letter d set asked_at = clock_timestamp()
           from (select * from lacking l
                  where l.asked_at is null or l.asked_at > clock_timestamp() -- the clock was set back since
                     or clock_timestamp() - l.asked_at >= greatest($1::interval, l.asked_at - l.parked_at)
                  order by id limit $2) l
          where d.id = l.id
          returning d.id, d.key, d.headers, case d.code when 'WAITS' then 'GAP' else d.code end as code, d.message, l.last`,
        [PATIENCE, AT_ONCE],
      );
    const letters = lacking.map(({ key, headers, code, message, last }) =>
      letterOf({ key, headers, offset: 0, value: new Uint8Array() }, { code, message }, { last }),
    );
    await askAgain(tx, consumer, letters);
    return letters.length;
  });
}
