/** What a change would do, without doing it. */
import type { DataSource, EntityManager } from 'typeorm';

/** Does something in a transaction that is rolled back: what it gives is what it would have done. It holds its rows meanwhile. */
export async function tried<R>(db: DataSource, work: (tx: EntityManager) => Promise<R>): Promise<R> {
  const runner = db.createQueryRunner();
  try {
    await runner.startTransaction();
    return await work(runner.manager);
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}
