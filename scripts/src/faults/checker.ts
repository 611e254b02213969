/** Compares what was acknowledged with everything that bears witness of it. Finds nothing only when nothing is wrong. */
import { checkAnswers, checkScores } from './checker.answers.js';
import { checkEffects, checkEnds, checkTopics } from './checker.events.js';
import type { Finding } from './checker.finding.js';
import type { Evidence } from './evidence.js';
import type { Account } from './ledger.js';

/** From when on something counts to a fault: until the next one begins. Milliseconds. */
export interface Window {
  readonly fault: string;
  readonly from: number;
  /** The fault itself turns the order on the topic around; what is applied must be in order all the same. */
  readonly disorders?: boolean;
}

export function check(account: Account, evidence: Evidence, windows: readonly Window[]): Finding[] {
  const at = (moment: number) => windows.findLast(({ from }) => from <= moment)?.fault ?? windows[0]?.fault ?? '';
  const disorderly = new Set(windows.filter(({ disorders }) => disorders).map(({ fault }) => fault));
  const faultOf = new Map(evidence.written.map(({ eventId, recordedAt }) => [eventId, at(recordedAt)]));
  const of = (eventId: string) => faultOf.get(eventId) ?? '';
  return [
    ...checkAnswers(account, evidence.written, at),
    ...checkTopics(evidence, of).filter(({ kind, fault }) => kind !== 'inversion' || !disorderly.has(fault)),
    ...checkEffects(evidence, of),
    ...checkEnds(evidence, of),
    ...checkScores(account.acknowledged, evidence),
    ...checkLetters(evidence, at),
  ];
}

/** What was set aside: that a number was missing is told of each fault; that something still waits is a fault of its own. */
const checkLetters = ({ letters }: Evidence, at: (moment: number) => string): Finding[] =>
  letters.flatMap(({ service, code, state, eventId, parkedAt }): Finding[] => [
    ...(code === 'GAP' ? [{ kind: 'gap' as const, fault: at(parkedAt), what: `${service}: before ${eventId}` }] : []),
    ...(state === 'WAITING'
      ? [{ kind: 'waiting' as const, fault: at(parkedAt), what: `${service}: ${code} ${eventId}` }]
      : []),
  ]);
