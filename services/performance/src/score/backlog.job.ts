/** Works off what concerns many, as soon as it is there. */
import { type Backlog, startBacklog } from '@merit/chassis/backlog';
import type { Logger } from '@merit/chassis/log';
import type { By } from '@merit/chassis/out/outbox';
import type { DataSource } from 'typeorm';
import { workOff } from './backlog.commands.js';

/** Starts the job. Several processes may: a piece of work is in one hand at a time. */
export const startScoreBacklog = ({ db, by, log }: { db: DataSource; by: By; log: Logger }): Backlog =>
  startBacklog({ db, workOff: () => workOff(db, by), failure: 'scores could not be computed anew', log });
