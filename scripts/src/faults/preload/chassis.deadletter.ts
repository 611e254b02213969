import * as chassis from '@merit/chassis/in/deadletter';
import { journaled } from './journal.js';

export * from '@merit/chassis/in/deadletter';

export const retryDeadLetter: typeof chassis.retryDeadLetter = (db, subscriptions, ...rest) =>
  chassis.retryDeadLetter(db, journaled(subscriptions), ...rest);

export const discardDeadLetter: typeof chassis.discardDeadLetter = (db, subscriptions, ...rest) =>
  chassis.discardDeadLetter(db, journaled(subscriptions), ...rest);
