/** Which history an aggregate's numbers belong to. */
import type { DataSource, EntityManager } from 'typeorm';
import { requestSnapshot } from './snapshot.js';

/** Who asked for something, and why. */
export interface Asked {
  /** `employee/<id>`, or the name of a service. */
  readonly by: string;
  readonly reason: string;
}

/** The publisher's timeline: 1 unless it was raised. */
export async function timelineOf(db: DataSource | EntityManager): Promise<number> {
  const [row] = await db.query('select coalesce(max(timeline), 1) as timeline from timeline');
  return row.timeline;
}

/**
 * To be called after this service's database was restored from a backup: from now on its events carry a higher timeline,
 * under which readers compare nothing with what they had before, and a snapshot tells them where everything stands.
 *
 * The number is at least the minutes since 1970: a backup from before an earlier raise does not know of that one, and
 * must not take its number again.
 * @returns the new timeline
 */
export const raiseTimeline = (db: DataSource | EntityManager, asked: Asked): Promise<number> =>
  db.transaction(async (tx) => {
    const [row] = await tx.query(
      `insert into timeline (timeline, raised_by, reason)
       select greatest(coalesce(max(timeline), 1) + 1, extract(epoch from clock_timestamp())::bigint / 60), $1, $2 from timeline
       returning timeline`,
      [asked.by, asked.reason],
    );
    await requestSnapshot(tx, asked);
    return row.timeline;
  });
