/** Events and snapshots into the subscriptions, in few calls however they are mixed. */
import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { SnapshotSchema } from '@merit/proto/events';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../errors.js';
import type { ReceivedEvent } from '../transport/envelope.js';
import type { Lost, Subscription } from './consumer.js';
import { type Step, sequenceName } from './inbox.js';

/** What can be handed over at once: events that go on, or snapshots that take the place of what was. */
interface Wave {
  readonly replaces: boolean;
  readonly events: readonly ReceivedEvent[];
  /** Those of which a snapshot begins another history. */
  readonly lost: readonly Lost[];
}

/**
 * Steps in as few waves as keep the order of each aggregate: first the events before its snapshot, then the snapshot,
 * then the events after it. Between aggregates no order is promised, so all of them share the waves. Without snapshots
 * there is one.
 */
function wavesOf(steps: readonly Step[]): Wave[] {
  const waves = new Map<number, Step[]>(); // events at even places, snapshots at odd ones
  const reached = new Map<string, number>();
  for (const step of steps) {
    const name = sequenceName(step.event);
    const at = reached.get(name) ?? 0;
    const place = at + (at % 2) + (step.kind === 'NEXT' ? 0 : 1);
    reached.set(name, place);
    const wave = waves.get(place);
    if (wave) wave.push(step);
    else waves.set(place, [step]);
  }
  return [...waves]
    .sort(([a], [b]) => a - b)
    .map(([place, some]) => {
      const replaces = place % 2 === 1;
      return { replaces, events: some.map(({ event }) => event), lost: replaces ? some.flatMap(lostWith) : [] };
    });
}

const lostWith = ({ event: { aggregate, key, timeline }, before }: Step): Lost[] =>
  before && before.timeline < timeline ? [{ aggregate, key }] : [];

/**
 * Hands steps to those who want them. A read model first forgets what a snapshot replaces; others get its parts as events,
 * and take back before what is of a history that was lost.
 */
export async function applySteps(
  tx: EntityManager,
  subscriptions: readonly Subscription[],
  steps: readonly Step[],
): Promise<void> {
  for (const { replaces, events, lost } of wavesOf(steps)) {
    const aggregates = replaces ? events.map(({ aggregate }) => aggregate) : [];
    const said = replaces ? events.flatMap(partsOf) : events;
    for (const { types, handle, model, takeBack } of subscriptions) {
      if (replaces) await model?.forget(tx, aggregates);
      if (lost.length > 0) await takeBack?.(tx, lost);
      const wanted = said.filter(({ type }) => types.includes(type));
      if (wanted.length > 0) await handle(tx, wanted);
    }
  }
}

/**
 * The events that a snapshot consists of, under its own number.
 * @throws DomainError PAYLOAD_INVALID
 */
export function partsOf(snapshot: ReceivedEvent): ReceivedEvent[] {
  return decode(SnapshotSchema, snapshot).parts.map(({ eventId, type, payload, occurredAt }) => {
    const at = occurredAt ? timestampDate(occurredAt) : snapshot.occurredAt;
    return { ...snapshot, id: eventId, type, payload, occurredAt: at, recordedAt: at };
  });
}

/**
 * The message in an event: `decode(TrainingCompletedSchema, event)`.
 * @throws DomainError PAYLOAD_INVALID, which parks the event's key at once
 */
export function decode<S extends DescMessage>(
  schema: S,
  event: Pick<ReceivedEvent, 'type' | 'payload'>,
): MessageShape<S> {
  try {
    return fromBinary(schema, event.payload);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DomainError('PAYLOAD_INVALID', `The payload is no ${schema.typeName}: ${why}`, { type: event.type });
  }
}
