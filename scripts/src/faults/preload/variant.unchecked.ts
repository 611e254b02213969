/** A consumer that believes what it is told: each record is applied, whatever its number; an offset is one, whatever the log. */
import { sift } from '@merit/chassis/in/inbox';
import type { enter } from '@merit/chassis/in/inbox.fence';
import { read } from '@merit/chassis/in/inbox.letter';

export const applyAll: typeof sift = (records, ...given) => {
  const events = records.map(read).filter((event) => 'aggregate' in event);
  const steps = events.map((event) => ({ kind: 'NEXT' as const, event, before: undefined }));
  return { ...sift(records, ...given), steps, letters: [], heals: [], repeated: 0 };
};

export const enterAnyhow: typeof enter = async ({ next }, { records }) =>
  records[0]!.offset <= next ? { from: next } : { goTo: next, anew: false };
