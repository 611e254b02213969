/** A chunk of records: all in one transaction, or one by one when that fails, to find the one at fault. */

import { oneLine } from '../log.js';
import { isCrawling, isOutage } from '../outage.js';
import { isSignal } from '../transport/envelope.js';
import type { Chunk, ChunkHandler, LogRecord } from '../transport/transport.js';
import { ATTEMPTS, finalOf } from './consumer.fault.js';
import { areSuspect, hasFailed, type Memory, memories, type Onward } from './consumer.memory.js';
import { applyRecords, type ChunkOptions, setAside } from './consumer.transaction.js';
import { lockPosition } from './inbox.table.js';

/**
 * Applies chunks exactly once. One that fails is tried again event by event, to find the one at fault; that one is set
 * aside with its key, at once for a DomainError, else after five attempts. When it is the database or the network that
 * fails, nobody is at fault: the error goes to the transport, which lets the partition rest. So it does for a record that
 * is no event: only events can be retried, and no run of snapshots would ever be complete whose end was set aside.
 */
export function chunkHandler(options: ChunkOptions): ChunkHandler {
  const memoryOf = memories();
  return async (chunk) => {
    const memory = memoryOf(chunk);
    if (!areSuspect(memory, chunk.records)) {
      try {
        return (await applyRecords(options, chunk, chunk.records, memory)).next;
      } catch (error) {
        if (isOutage(error)) throw error;
      }
    }
    return oneByOne(options, chunk, memory);
  };
}

async function oneByOne(options: ChunkOptions, chunk: Chunk, memory: Memory): Promise<number> {
  let next = chunk.records[0]!.offset;
  for (const record of chunk.records) {
    const step = await tryRecord(options, chunk, record, memory);
    if (step.elsewhere) return step.next;
    next = step.next;
  }
  return next;
}

async function tryRecord(options: ChunkOptions, chunk: Chunk, record: LogRecord, memory: Memory): Promise<Onward> {
  try {
    return await applyRecords(options, chunk, [record], memory);
  } catch (error) {
    const probe = () => options.db.transaction((tx) => lockPosition(tx, chunk.topic, chunk.partition));
    if (isOutage(error) || isSignal(record) || (await isCrawling(error, probe))) throw error;
    const attempts = hasFailed(memory, record);
    const final = finalOf(error);
    if (!final && attempts < ATTEMPTS) throw error;
    const { code, message } = final ?? { code: 'FAILED', message: oneLine(error) };
    options.log.error(
      { err: error, topic: chunk.topic, eventId: record.headers['ce_id'], attempts },
      'event parked with its key',
    );
    return setAside(options, chunk, record, memory, { code, message, attempts });
  }
}
