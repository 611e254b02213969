import { WORKING_WEEKS } from '../calendar/calendar.figures.js';
import { COMPLAINT_FIGURES } from './complaint.figures.js';
import { type Resolved, reopen, resolve } from './complaint.js';
import { type History, isHistoryOf, replay } from './history.js';
import type { Officer } from './officer.js';

const rules = {
  figures: COMPLAINT_FIGURES,
  calendar: { zone: 'Asia/Jakarta', weeks: WORKING_WEEKS, holidays: new Set<string>() },
};
const about = { id: 'c1', serviceId: 's1', unitId: 'u1', agencyId: 'a1' };
const day = (date: string) => new Date(`${date}T09:00:00+07:00`);
const now = day('2026-03-01');
const only: History = {
  receivedAt: day('2026-02-02'),
  class: null,
  forwardedAt: null,
  named: [],
  handlerId: null,
  resolvedAt: null,
  rejectedAt: null,
};
const forwarded: History = { ...only, class: 'SIMPLE', forwardedAt: day('2026-02-03') };
const ended: History = { ...forwarded, handlerId: 'p1', resolvedAt: day('2026-02-05') };
const rejected: History = { ...forwarded, rejectedAt: day('2026-02-04') };
const importer: Officer = { employeeId: null, inside: false };
const after = (history: History, by = importer) => replay(about, history, by, rules, now);

test.each([
  ['RECEIVED', only, ['ComplaintReceived']],
  ['FORWARDED', forwarded, ['ComplaintReceived', 'ComplaintForwarded']],
  ['RESOLVED', ended, ['ComplaintReceived', 'ComplaintForwarded', 'ComplaintResolved']],
  ['REJECTED', rejected, ['ComplaintReceived', 'ComplaintForwarded', 'ComplaintRejected']],
])('a history ends %s, and everything in it is said', (status, history, types) => {
  const { state, events } = after(history);
  expect(state.status).toBe(status);
  expect(events.map(({ type }) => type)).toEqual(types);
  expect(isHistoryOf(state, history)).toBe(true);
});

test.each<[string, Partial<History>, string]>([
  ['in the future', { receivedAt: day('2026-03-02') }, 'DATE_IN_FUTURE'],
  ['out of order', { resolvedAt: day('2026-02-02') }, 'DATES_OUT_OF_ORDER'],
  ['forwarded without a class', { class: null }, 'FORWARDING_INCOMPLETE'],
  ['finished without a handler', { handlerId: null }, 'RESOLUTION_INCOMPLETE'],
  ['finished and never forwarded', { class: null, forwardedAt: null }, 'FORWARDING_INCOMPLETE'],
  ['finished and turned away', { rejectedAt: day('2026-02-06') }, 'ENDED_TWICE'],
  ['finished by someone it names', { named: ['p1'] }, 'COMPLAINT_NAMES_HANDLER'],
])('a history %s is refused', (_, over, code) => {
  expect(() => after({ ...ended, ...over })).toThrow(expect.objectContaining({ code }));
});

test.each([only, forwarded, ended, rejected])(
  'nobody of the unit, and nobody whom it names, enters a history',
  (history) => {
    const refused = (code: string) => expect.objectContaining({ code });
    const byItself = { employeeId: 'p3', inside: true };
    expect(() => after(history, byItself)).toThrow(refused('DECIDED_OUTSIDE_UNIT'));
    const outside = { employeeId: 'p3', inside: false };
    expect(() => after({ ...history, named: ['p3'] }, outside)).toThrow(refused('COMPLAINT_NAMES_HANDLER'));
    expect(after({ ...history, named: ['p4'] }, outside).state).toEqual(after({ ...history, named: ['p4'] }).state);
  },
);

test('a complaint that has gone on here still has its history', () => {
  const { state } = after(forwarded);
  const officer = { employeeId: null, inside: false };
  const finished = resolve(state, 'p2', officer, rules, day('2026-02-10')).state;
  expect(isHistoryOf(finished, forwarded)).toBe(true);
  expect(isHistoryOf(finished, ended)).toBe(false);
  const again = reopen(after(ended).state as Resolved, officer, rules, day('2026-02-10')).state;
  expect(isHistoryOf(again, ended)).toBe(true);
});

test.each<[string, Partial<History>]>([
  ['receipt', { receivedAt: day('2026-02-01') }],
  ['class', { class: 'INFORMATION' }],
  ['forwarding', { forwardedAt: day('2026-02-04') }],
  ['end', { resolvedAt: day('2026-02-06') }],
  ['handler', { handlerId: 'p2' }],
])('another %s is another history', (_, over) => {
  expect(isHistoryOf(after(ended).state, { ...ended, ...over })).toBe(false);
});
