/** A consumer that believes what it is told: each record is applied, whatever its number; an offset is one, whatever the log. */
import * as chassis from '@merit/chassis/inbox';

export const applyAll: typeof chassis.sift = (records, ...given) => {
  const apply = records.map(chassis.read).filter((event) => 'aggregate' in event);
  return { ...chassis.sift(records, ...given), apply, letters: [], repeated: 0 };
};

export const enterAnyhow: typeof chassis.enter = async ({ next }, { records }) =>
  records[0]!.offset <= next ? { from: next } : { goTo: next, anew: false };
