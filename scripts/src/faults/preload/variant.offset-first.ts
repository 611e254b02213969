/** A consumer that notes how far it has come in a transaction of its own, and then commits what it has done. */
import * as chassis from '@merit/chassis/in/inbox.table';

/** Reads the position without holding it, or the next statement would wait for its own caller. */
export const lockNothing: typeof chassis.lockPosition = (tx, ...place) =>
  tx.connection.transaction((other) => chassis.lockPosition(other, ...place));

export const saveAtOnce: typeof chassis.savePosition = (tx, ...position) =>
  chassis.savePosition(tx.connection.createEntityManager(), ...position);
