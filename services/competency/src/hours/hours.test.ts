import { rules } from '../../test/rules.js';

import { countHours } from './hours.js';
import type { Learner, TrainingRecord } from './record.js';

const pns: Learner = { kind: 'PNS', contractFrom: null, serviceFrom: '2015-01-01' };
const pppk: Learner = { kind: 'PPPK', contractFrom: '2025-03-01', serviceFrom: '2025-03-01' };

/** `SEMINAR 4 2026-03-02..2026-03-04 09:00-12:00 unverified`: a training in one line; its id is its letter. */
function training(line: string, i: number): TrainingRecord {
  const [form, hours, days, ...rest] = line.split(' ') as [string, string, string, ...string[]];
  const [startsOn, endsOn = startsOn] = days.split('..') as [string, string?];
  const times = rest
    .find((word) => word.includes(':'))
    ?.split('-')
    .map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  const meets = times ? { from: times[0]!, to: times[1]! } : null;
  const id = String.fromCharCode(97 + i);
  return { id, form, hours: Number(hours), startsOn, endsOn, meets, verified: !rest.includes('unverified') };
}

/** `2026: 8/10 (a 8/8, b 0/2 CAP_PER_DAY)`: counted of recorded, by year. */
const count = (learner: Learner, lines: readonly string[]) =>
  [...countHours(lines.map(training), rules, learner).values()].map(
    ({ year, counted, recorded, records }) =>
      `${year}: ${counted}/${recorded} (${records.map((r) => [r.id, `${r.counted}/${r.hours}`, r.reason].filter(Boolean).join(' ')).join(', ')})`,
  );

test.each<[string, Learner, string[], string[]]>([
  ['a training counts in full', pns, ['SEMINAR 6 2026-03-02'], ['2026: 6/6 (a 6/6)']],
  ['nothing recorded, nothing counted', pns, [], []],
  [
    'one that is not verified is recorded and does not count',
    pns,
    ['SEMINAR 6 2026-03-02 unverified', 'KURSUS 8 2026-03-02'],
    ['2026: 8/14 (a 0/6 NOT_VERIFIED, b 8/8)'],
  ],
  ['a day holds eight hours', pns, ['BIMTEK 10 2026-03-02'], ['2026: 8/10 (a 8/10 CAP_PER_DAY)']],
  ['spread over its days', pns, ['BIMTEK 16 2026-03-02..2026-03-04'], ['2026: 16/16 (a 16/16)']],
  [
    'evenly: 30 on three days are ten a day',
    pns,
    ['BIMTEK 30 2026-03-02..2026-03-04'],
    ['2026: 24/30 (a 24/30 CAP_PER_DAY)'],
  ],
  [
    'two trainings share a day',
    pns,
    ['BIMTEK 16 2026-03-02..2026-03-04', 'KURSUS 8 2026-03-02..2026-03-04', 'SEMINAR 1 2026-03-03'],
    ['2026: 24/25 (a 16/16, b 8/8, c 0/1 CAP_PER_DAY)'],
  ],
  [
    'of a day that is full, the lower id comes first',
    pns,
    ['KURSUS 5 2026-03-02', 'SEMINAR 5 2026-03-02'],
    ['2026: 8/10 (a 5/5, b 3/5 CAP_PER_DAY)'],
  ],
  [
    'overlapping times count once',
    pns,
    ['SEMINAR 4 2026-03-02 09:00-12:00', 'WORKSHOP 4 2026-03-02 10:30-13:30'],
    ['2026: 6/8 (a 4/4, b 2/4 OVERLAP)'],
  ],
  [
    'the same hours twice count once',
    pns,
    ['SEMINAR 4 2026-03-02 09:00-12:00', 'WORKSHOP 4 2026-03-02 09:00-12:00'],
    ['2026: 4/8 (a 4/4, b 0/4 OVERLAP)'],
  ],
  [
    'an overlap counts for the one that gives more',
    pns,
    ['SEMINAR 1 2026-03-02 09:00-12:00', 'WORKSHOP 4 2026-03-02 09:00-12:00'],
    ['2026: 4/5 (a 0/1 OVERLAP, b 4/4)'],
  ],
  [
    'one after the other is no overlap',
    pns,
    ['SEMINAR 4 2026-03-02 09:00-12:00', 'WORKSHOP 4 2026-03-02 12:00-15:00'],
    ['2026: 8/8 (a 4/4, b 4/4)'],
  ],
  [
    'times that are not known overlap with nothing',
    pns,
    ['SEMINAR 4 2026-03-02 09:00-12:00', 'WORKSHOP 3 2026-03-02'],
    ['2026: 7/7 (a 4/4, b 3/3)'],
  ],
  [
    'a coaching session counts for two hours at most',
    pns,
    ['COACHING 3 2026-03-02'],
    ['2026: 2/3 (a 2/3 CAP_PER_SESSION)'],
  ],
  [
    'two sessions a month, the longest; the next month begins anew',
    pns,
    ['COACHING 1 2026-03-02', 'COACHING 2 2026-03-09', 'COACHING 2 2026-03-30', 'COACHING 2 2026-04-01'],
    ['2026: 6/7 (a 0/1 CAP_SESSIONS_PER_MONTH, b 2/2, c 2/2, d 2/2)'],
  ],
  [
    'of equally long sessions, the first two',
    pns,
    ['MENTORING 2 2026-03-02', 'MENTORING 2 2026-03-09', 'MENTORING 2 2026-03-16'],
    ['2026: 4/6 (a 2/2, b 2/2, c 0/2 CAP_SESSIONS_PER_MONTH)'],
  ],
  [
    'coaching and mentoring have their own months',
    pns,
    ['COACHING 2 2026-03-02', 'COACHING 2 2026-03-03', 'MENTORING 2 2026-03-04', 'MENTORING 2 2026-03-05'],
    ['2026: 8/8 (a 2/2, b 2/2, c 2/2, d 2/2)'],
  ],
  ...['MAGANG', 'DETASERING', 'PERTUKARAN'].map((form): [string, Learner, string[], string[]] => [
    `${form} counts for twenty hours an activity`,
    pns,
    [`${form} 60 2026-03-02..2026-03-04`, `${form} 12 2026-05-04`],
    ['2026: 32/72 (a 20/60 CAP_PER_ACTIVITY, b 12/12)'],
  ]),
  [
    'patok banding counts for ten an activity, and not under the eight of a day',
    pns,
    ['PATOK_BANDING 12 2026-03-02', 'SEMINAR 8 2026-03-02'],
    ['2026: 18/20 (a 10/12 CAP_PER_ACTIVITY, b 8/8)'],
  ],
  [
    'learning by oneself counts for two hours a day, all of it together',
    pns,
    ['BELAJAR_MANDIRI 3 2026-03-02', 'BELAJAR_MANDIRI 2 2026-03-02', 'KOMUNITAS_BELAJAR 2 2026-03-02'],
    ['2026: 4/7 (a 2/3 CAP_PER_DAY, b 0/2 CAP_PER_DAY, c 2/2)'],
  ],
  [
    'over the turn of a year each year gets its days, and both together all hours',
    pns,
    ['BIMTEK 16 2025-12-31..2026-01-02'],
    ['2025: 5.33/5.33 (a 5.33/5.33)', '2026: 10.67/10.67 (a 10.67/10.67)'],
  ],
  [
    'before the rule of a form was in force, the day decides',
    pns,
    ['COACHING 9 2017-12-31'],
    ['2017: 8/9 (a 8/9 CAP_PER_DAY)'],
  ],
  [
    'PPPK: 24 count in a contract year, and the next begins anew',
    pppk,
    ['BIMTEK 16 2025-04-07..2025-04-08', 'BIMTEK 16 2026-02-02..2026-02-03', 'SEMINAR 6 2026-03-01'],
    ['2025: 16/16 (a 16/16)', '2026: 14/22 (b 8/16 CAP_CONTRACT_YEAR, c 6/6)'],
  ],
  [
    'PPPK: filled by day, so what was entered late can be what counts',
    pppk,
    ['BIMTEK 24 2026-02-02..2026-02-04', 'SEMINAR 8 2025-12-01'],
    ['2025: 8/8 (b 8/8)', '2026: 16/24 (a 16/24 CAP_CONTRACT_YEAR)'],
  ],
  [
    'PPPK: caps nest, the form first',
    pppk,
    ['MAGANG 40 2025-05-05..2025-05-09', 'BIMTEK 10 2025-06-02'],
    ['2025: 24/50 (a 20/40 CAP_PER_ACTIVITY, b 4/10 CAP_CONTRACT_YEAR)'],
  ],
  [
    'PPPK without contract dates: by service',
    { ...pppk, contractFrom: null, serviceFrom: '2024-07-01' },
    ['BIMTEK 16 2025-06-29..2025-06-30', 'BIMTEK 16 2025-06-27..2025-06-28', 'BIMTEK 8 2025-07-01'],
    ['2025: 32/40 (b 16/16, a 8/16 CAP_CONTRACT_YEAR, c 8/8)'],
  ],
  [
    'a contract from 29 February turns on 1 March',
    { ...pppk, contractFrom: '2024-02-29' },
    ['BIMTEK 24 2025-02-26..2025-02-28', 'SEMINAR 8 2025-03-01'],
    ['2025: 32/32 (a 24/24, b 8/8)'],
  ],
  [
    'PPPK: a month of coaching belongs to the contract year in which it began',
    { ...pppk, contractFrom: '2025-03-15' },
    ['BIMTEK 22 2026-02-03..2026-02-05', 'COACHING 2 2026-03-02', 'COACHING 2 2026-03-16'],
    ['2026: 24/26 (a 22/22, b 2/2, c 0/2 CAP_CONTRACT_YEAR)'],
  ],
  [
    'PPPK: a training over the anniversary lies in both contract years',
    { ...pppk, contractFrom: '2025-03-15' },
    ['BIMTEK 16 2026-02-02..2026-02-03', 'BIMTEK 32 2026-03-13..2026-03-16'],
    ['2026: 40/48 (a 16/16, b 24/32 CAP_CONTRACT_YEAR)'],
  ],
  [
    'what counts is rounded down once, and the records share it',
    pns,
    ['BIMTEK 10 2026-03-02..2026-03-04', 'SEMINAR 8 2026-03-02', 'SEMINAR 8 2026-03-04'],
    ['2026: 19.33/26 (a 10/10, b 4.67/8 CAP_PER_DAY, c 4.66/8 CAP_PER_DAY)'],
  ],
  [
    'part-time PPPK as PPPK',
    { ...pppk, kind: 'PPPK_PARUH_WAKTU' },
    ['BIMTEK 40 2025-04-07..2025-04-11'],
    ['2025: 24/40 (a 24/40 CAP_CONTRACT_YEAR)'],
  ],
])('%s', (_, learner, given, then) => {
  expect(count(learner, given)).toEqual(then);
});
