/** Every command of `npm run merit`, in the order in which they are listed. */
import type { Command } from './command.js';
import { scoresRebuild } from './scores.js';

export const COMMANDS: readonly Command[] = [scoresRebuild];
