/** Four relays at once, each of which takes rows that no other holds (`skip locked`) and publishes them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { OutboxRow } from '@merit/chassis/out/outbox.table';
import type { RelayOptions, startRelay } from '@merit/chassis/out/relay';
import { sendRows } from '@merit/chassis/out/relay.send';

/** Few at a time, as one takes who wants to share. */
const ROWS = 2;

export const startFour: typeof startRelay = async (options) => {
  let stopping = false;
  const relay = async () => {
    while (!stopping) if (!(await publishSome(options).catch(() => false))) await pause(20);
  };
  const running = [relay(), relay(), relay(), relay()];
  return {
    ready: () => true,
    nudge: () => undefined,
    stop: async () => {
      stopping = true;
      await Promise.all(running);
    },
  };
};

const publishSome = (options: RelayOptions): Promise<boolean> =>
  options.db.transaction(async (tx) => {
    const rows: OutboxRow[] = await tx.query(
      `select outbox.*, false as behind from outbox_line l join outbox using (id)
        order by id limit ${ROWS} for update of l skip locked`,
    );
    if (rows.length === 0) return false;
    await sendRows(options, rows);
    await tx.query('delete from outbox_line where id = any($1::bigint[])', [rows.map(({ id }) => id)]);
    return true;
  });
