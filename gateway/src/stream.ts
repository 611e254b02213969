/** What happens, as the services tell it, to whoever keeps answers: in order, from now on, and whether that is all. */

import type { Logger } from '@merit/chassis/log';
import { backoff, sleeper } from '@merit/chassis/pause';
import { isHeartbeat, recordedAt } from '@merit/chassis/transport/envelope';
import type { Chunk, EventRecord, EventTransport, GroupSubscription } from '@merit/chassis/transport/transport';

export interface Stream {
  /** Whether everything that was recorded until less than a minute ago has been told, on every partition. */
  fresh(): boolean;
  stop(): Promise<void>;
}

export interface StreamOptions {
  readonly transport: EventTransport;
  /** This process's own name among the readers: one that it shared would take half of the events from it. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly onEvent: (event: EventRecord) => void;
  /** Events may have passed unheard. */
  readonly onGap: () => void;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Three of the heartbeats that each partition gets while nothing happens. */
const HEARD_WITHIN_MS = 45_000;

interface Heard {
  readonly assignment: number;
  /** Recorded at, of the last that was heard. */
  at: number;
}

/** Begins at the end of each partition: what happened before this process began spoils none of its answers. */
export function openStream({ transport, group, topics, onEvent, onGap, log, now = Date.now }: StreamOptions): Stream {
  const heard = new Map<string, Heard>();
  /** Until then no partition has been silent for too long: asked for with every kept answer, so counted once a while. */
  let freshUntil = Number.NEGATIVE_INFINITY;
  let partitions: ReadonlyMap<string, number> | undefined;
  let member: GroupSubscription | undefined;
  let stopping = false;
  const { sleep, wake } = sleeper();

  const onChunk = async ({ topic, partition, assignment, records, watermarks }: Chunk): Promise<number> => {
    const name = `${topic}/${partition}`;
    const known = heard.get(name);
    if (known?.assignment !== assignment) {
      // Others may have had this partition, or nobody. From the last record on; that one comes once more.
      const { low, high } = await watermarks();
      const last = Math.max(low, high - 1);
      onGap();
      freshUntil = Number.NEGATIVE_INFINITY;
      heard.set(name, { assignment, at: Number.NEGATIVE_INFINITY });
      if (records[0]!.offset < last) return last;
    }
    const mine = heard.get(name)!;
    for (const record of records) {
      if (!isHeartbeat(record)) onEvent(record);
      mine.at = Math.max(mine.at, recordedAt(record)?.getTime() ?? Number.NEGATIVE_INFINITY);
    }
    return records.at(-1)!.offset + 1;
  };

  const joining = (async () => {
    for (let failures = 0; !stopping && !member; failures += 1) {
      try {
        partitions = await transport.ensureTopics(topics);
        member = await transport.subscribe(group, topics, onChunk);
      } catch (err) {
        log.warn({ err, group, failures }, 'events cannot be heard yet, so no answers are kept');
        await sleep(backoff(failures, 5_000));
      }
    }
  })();

  return {
    fresh() {
      if (!partitions || member?.ready() !== true) return false;
      if (now() <= freshUntil) return true;
      let oldest = Number.POSITIVE_INFINITY;
      for (const [topic, count] of partitions) {
        for (let partition = 0; partition < count; partition += 1) {
          oldest = Math.min(oldest, heard.get(`${topic}/${partition}`)?.at ?? Number.NEGATIVE_INFINITY);
        }
      }
      freshUntil = oldest + HEARD_WITHIN_MS;
      return now() <= freshUntil;
    },
    async stop() {
      stopping = true;
      wake();
      await joining;
      await member?.stop();
    },
  };
}
