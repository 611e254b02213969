/** This service's own directory, which its commands write: it is built anew from where its aggregates stand. */
import type { OwnModel } from '@merit/chassis/in/rebuild.own';
import { directoryModel } from '@merit/directory/directory';
import { sources } from './snapshots.js';

export const ownDirectory: OwnModel = { ...directoryModel, own: sources };
