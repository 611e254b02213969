/** This service's own directory, which its commands write: it is built anew from where its aggregates stand. */
import type { ReadModel } from '@merit/chassis/in/readmodel';
import { directoryModel } from '@merit/directory/directory';
import { sources } from './snapshots.js';

export const ownDirectory: ReadModel = { ...directoryModel, own: sources };
