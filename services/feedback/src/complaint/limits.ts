/** What happens to a complaint's limits while nobody touches it: they pass, or a calendar moves them. */
import type { Decision } from '@merit/chassis/decision';
import { move } from './clock.js';
import { type ComplaintEvent, limitOf, type Open, type Received, type Rules, rulesOn } from './complaint.js';

/** The limit passed while it was open: said once. */
export function passDeadline(complaint: Open, now: Date): Decision<Open, ComplaintEvent> {
  if (complaint.deadlinePassed || now <= complaint.clock.dueAt) return { state: complaint, events: [] };
  const state: Open = { ...complaint, deadlinePassed: true };
  return { state, events: [{ type: 'ComplaintDeadlinePassed', complaint: state, at: complaint.clock.dueAt }] };
}

/** After the calendar changed: whatever still runs is counted anew. What has ended or passed stays as it was. */
export function moveClocks(complaint: Received | Open, rules: Rules, now: Date): Received | Open {
  if (complaint.status !== 'RECEIVED') {
    return { ...complaint, clock: move(complaint.clock, rules.calendar, limitOf(complaint, rules), now) };
  }
  const { receivedAt, verifyBy } = complaint;
  const { verify } = rulesOn(rules, receivedAt);
  const clock = { runsSince: receivedAt, usedDays: 0, usedMinutes: 0, dueAt: verifyBy };
  return { ...complaint, verifyBy: move(clock, rules.calendar, verify, now).dueAt };
}
