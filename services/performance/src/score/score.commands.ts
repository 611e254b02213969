/** The only place that computes scores: load what is known, fold, save what changed, and say so. */
import { append, type By, type OutboxEvent } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import type { Key } from './fact.table.js';
import { fold } from './fold.js';
import { type Known, knownOf, nameOf } from './known.table.js';
import { scoreMessage } from './score.events.js';
import {
  type Content,
  contentOf,
  type HeldScore,
  holdScores,
  insertVersions,
  type NewVersion,
  NO_SCORE,
  type ScoreRow,
  sameContent,
  saveScores,
} from './score.table.js';

/** How many people at once: enough to make statements few, few enough to keep memory flat. */
const CHUNK = 500;

/** Whose score of which year, and the trace of the last event that concerned it; that of the caller where there is none. */
export interface Concerned extends Key {
  readonly traceparent?: string | null;
}

export interface Folded {
  readonly scores: number;
  /** Those whose value or parts were others before. */
  readonly changed: readonly Changed[];
}

/** A score that is another than it was: in its value, or in its parts alone. Null where there is none. */
export interface Changed extends Key {
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * Computes scores anew from all that is known, and stores and announces those that are others than before: once for who
 * is named several times, in the trace of the last. About fourteen statements for every 500 people; the rows are held, and so a score never goes back to an older state of the facts.
 */
export async function foldScores(tx: EntityManager, by: By, keys: readonly Concerned[]): Promise<Folded> {
  const ordered = [...new Map(keys.map((key) => [nameOf(key), key])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const changed: Changed[] = [];
  for (let n = 0; n < ordered.length; n += CHUNK) {
    const chunk = ordered.slice(n, n + CHUNK).map(([, key]) => key);
    changed.push(...(await foldChunk(tx, by, chunk)));
  }
  return { scores: ordered.length, changed };
}

async function foldChunk(tx: EntityManager, by: By, keys: readonly Concerned[]): Promise<Changed[]> {
  const traces = new Map(keys.map((key) => [nameOf(key), key.traceparent ?? null]));
  // Sent together, and done in this order: what is known is read once the scores are held.
  const [held, known] = await Promise.all([holdScores(tx, keys, by.newId), knownOf(tx, keys)]);
  const next = held.map((before) => computed(before, known.get(nameOf(before))));
  const changed = next.filter(isOther);
  const moved = next.filter(({ before, checkpoint }) => before.checkpoint !== checkpoint);
  const versions = changed.map((each) => versionOf(each, by.now()));
  const rows = [...new Set([...changed, ...moved])].map(rowOf);
  const events = changed.map((each) => eventOf(each, by, traces.get(nameOf(each.before)) ?? null));
  await Promise.all([insertVersions(tx, versions), saveScores(tx, rows), append(tx, events, by)]);
  return changed.map(({ before, content }) => ({
    employeeId: before.employeeId,
    year: before.year,
    before: before.content.value,
    after: content.value,
  }));
}

const isOther = ({ before, content }: Computed): boolean => !sameContent(before.content, content);

interface Computed {
  readonly before: HeldScore;
  readonly content: Content;
  readonly checkpoint: string | null;
  readonly agencyId: string | null;
}

function computed(before: HeldScore, known: Known | undefined): Computed {
  if (!known) return { before, content: NO_SCORE, checkpoint: null, agencyId: null };
  const { facts, period, policy } = known;
  const { year, timeZone, checkpoint } = period;
  const score = fold(facts, policy.rules, { year, timeZone, monthBegun: checkpoint, closed: period.closedOn !== null });
  return { before, content: contentOf(score, policy.id), checkpoint, agencyId: period.agencyId };
}

const versionOf = ({ before, content, checkpoint }: Computed, changedAt: Date): NewVersion => ({
  year: before.year,
  scoreId: before.id,
  version: before.version + 1,
  checkpoint,
  content,
  changedAt,
});

const rowOf = (each: Computed): ScoreRow => ({
  employeeId: each.before.employeeId,
  year: each.before.year,
  id: each.before.id,
  version: each.before.version + (isOther(each) ? 1 : 0),
  checkpoint: each.checkpoint,
});

const eventOf = ({ before, content, agencyId }: Computed, by: By, traceparent: string | null): OutboxEvent =>
  scoreMessage(
    {
      id: before.id,
      employeeId: before.employeeId,
      year: before.year,
      value: content.value,
      version: before.version + 1,
      agencyId,
      traceparent,
    },
    by.newId(),
    by.now(),
  );
