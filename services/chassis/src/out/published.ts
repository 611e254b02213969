/** What was published, by type and day: what readers applied is compared with it. */
import type { DataSource, EntityManager } from 'typeorm';

/** How many events of a type were published, of those recorded on a UTC day. */
export interface PublishedCount {
  readonly type: string;
  /** `2026-11-22` */
  readonly day: string;
  readonly published: number;
}

/** Per type and day of recording, both days included. Each event counts once, however often it was published. */
export async function publishedCounts(
  db: DataSource | EntityManager,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<PublishedCount[]> {
  const rows: (Omit<PublishedCount, 'published'> & { published: string })[] = await db.query(
    'select type, day::text, published from published_count where day between $1 and $2 order by day, type',
    [from, to],
  );
  return rows.map((row) => ({ ...row, published: Number(row.published) }));
}

/** How many events of a topic were published since the beginning. */
export async function publishedInAll(db: DataSource | EntityManager, topic: string): Promise<number> {
  const [row] = await db.query(
    `select coalesce(sum(published), 0)::float8 as published from published_count where starts_with(type, $1)`,
    [`${topic}.`],
  );
  return row.published;
}
