/** Who may do what only one process at a time should do: a row with an expiry, by the database's clock. */
import { performance } from 'node:perf_hooks';
import { Counter, Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { registry } from './telemetry.js';

/** How long a holder that is gone keeps others out. Milliseconds. */
const TTL_MS = 3_000;
const RENEW_MS = 1_000;

export interface Lease {
  /**
   * The epoch in which we hold it, null while we do not. It is given up early rather than late: a process that was
   * stopped and wakes finds null here. Still it may become null right after the answer, so what must happen under the
   * lease names the epoch in its own statement and locks the row: `select … from lease where (name, holder, epoch) =
   * (…) for share`.
   */
  epoch(): number | null;
  readonly name: string;
  readonly holder: string;
  /** Gives it up, for another to take at once. */
  release(): Promise<void>;
}

/**
 * Takes the lease or keeps it; a new holder, or one whose time was up, gets a higher epoch. One statement, so that it
 * holds behind a pooler, and `now` is the database's own. Nobody is given more than a term: one that ends later is of a
 * time before the database's clock was set back, and would keep others out for as long as that was.
 * @returns the epoch, or null while another holds it
 */
async function takeLease(db: DataSource, name: string, holder: string): Promise<number | null> {
  const rows: { epoch: string }[] = await db.query(
    `insert into lease as held (name, holder, epoch, expires_at)
     values ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
     on conflict (name) do update
       set holder = excluded.holder,
           epoch = held.epoch + case when held.holder = excluded.holder and held.expires_at > clock_timestamp() then 0 else 1 end,
           expires_at = excluded.expires_at
       where held.holder = excluded.holder
          or held.expires_at not between clock_timestamp() and clock_timestamp() + make_interval(secs => $3)
     returning epoch`,
    [name, holder, TTL_MS / 1000],
  );
  return rows[0] ? Number(rows[0].epoch) : null;
}

/** Tries for the lease every second, and calls `onTaken` when it becomes ours. */
export function keepLease(db: DataSource, name: string, holder: string, onTaken: () => void): Lease {
  let held: { epoch: number; until: number } | null = null;
  let released = false;
  let timer: NodeJS.Timeout | undefined;

  const attempt = async () => {
    // From before the question: the database counts from later, so ours ends first.
    const until = performance.now() + TTL_MS;
    const before = held?.epoch;
    try {
      const epoch = await takeLease(db, name, holder);
      held = epoch === null ? null : { epoch, until };
      if (epoch !== null && epoch !== before) {
        taken.inc({ lease: name });
        onTaken();
      }
    } catch {
      // The database cannot be asked: what is held runs out by itself.
    }
    if (!released) timer = setTimeout(() => (attempting = attempt()), RENEW_MS);
  };
  let attempting = attempt();
  const epoch = () => (held && performance.now() < held.until ? held.epoch : null);
  kept.set(name, epoch);

  return {
    name,
    holder,
    epoch,
    async release() {
      released = true;
      clearTimeout(timer);
      await attempting;
      held = null;
      await db.query('update lease set expires_at = clock_timestamp() where (name, holder) = ($1, $2)', [name, holder]);
    },
  };
}

/** Of this process, by name. */
const kept = new Map<string, Lease['epoch']>();
const taken = new Counter({
  name: 'merit_lease_taken_total',
  help: 'How often this process became the holder of a lease.',
  labelNames: ['lease'],
  registers: [registry],
});
new Gauge({
  name: 'merit_lease_held',
  help: 'Whether this process holds a lease: 1, or 0 while it stands by. Over all processes of a service, the sum is 1.',
  labelNames: ['lease'],
  registers: [registry],
  collect() {
    for (const [lease, epoch] of kept) this.set({ lease }, epoch() === null ? 0 : 1);
  },
});
