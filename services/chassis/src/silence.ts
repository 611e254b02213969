/** Lines to the database that are dead without anyone having been told: a router in between has forgotten them. */
import type { Socket } from 'node:net';
import type pg from 'pg';

/** As the driver keeps them, and its types do not say. */
interface Line {
  readonly readyForQuery: boolean;
  readonly connection: { readonly stream: Socket };
}

/**
 * Ends a connection on which an answer is due and nothing has come for so long: who waits for it is told, and the next
 * one gets another connection. Without it they would wait until the system's own attempts are over, a quarter of an hour.
 * @param ms longer than the database lets a statement take
 */
export const hangUpOnSilence =
  (ms: number) =>
  (client: pg.ClientBase): void => {
    const line = client as unknown as Line;
    const { stream } = line.connection;
    stream.setTimeout(ms, () => {
      if (line.readyForQuery) return; // nobody waits: it may be silent
      const message = `the database has said nothing for ${ms} ms`;
      stream.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
    });
  };
