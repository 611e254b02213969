import * as chassis from '@merit/chassis/in/consumer';
import { journaled, keepJournal } from './journal.js';

export * from '@merit/chassis/in/consumer';

export const startConsumer: typeof chassis.startConsumer = async (options) => {
  await keepJournal(options.db, options.subscriptions);
  return chassis.startConsumer({ ...options, subscriptions: journaled(options.subscriptions) });
};
