/** Settled dead letters keep what was decided about them, and for a while only what they said. */
import type { DataSource } from 'typeorm';

/** So many at once, so that no lock is held for long; the others go at the next look. */
const AT_ONCE = 5_000;

/**
 * Removes the content of letters that were settled longer ago than `dead_letter_retention` says: the message, and of the
 * envelope all but what it was about. Why it was set aside, who settled it, when and why stay.
 */
export async function emptySettled(db: DataSource): Promise<void> {
  await db.query(
    `update dead_letter d
        set value = '', emptied_at = clock_timestamp(),
            headers = (select coalesce(jsonb_object_agg(h.key, h.value), '{}') from jsonb_each(d.headers) h
                        where h.key in ('ce_type', 'ce_source', 'ce_subject'))
      where id in (select id from dead_letter
                    where state <> 'WAITING' and emptied_at is null
                      and settled_at < clock_timestamp() - make_interval(days => (select days from dead_letter_retention))
                    order by settled_at limit $1)`,
    [AT_ONCE],
  );
}
