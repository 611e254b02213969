/** Every acknowledged answer, written down outside the system and on the disk before the client goes on. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Service } from '../start.plan.js';

/** What a client was told. Times are milliseconds of this machine's clock. */
export interface Acknowledged {
  /** Unique: the idempotency key it was asked with. */
  readonly key: string;
  /** Under which fault it was asked. */
  readonly fault: string;
  readonly service: Service;
  /** What it happened to, as events name it: `enrolment/<id>`. */
  readonly subject: string;
  /** The number of the event that it must have brought about. */
  readonly sequence: number;
  /** The type of that event. */
  readonly type: string;
  /** Of a training: whose it is, and with how many hours it must stand in the score; 0 once it was taken back. */
  readonly training?: { readonly employeeId: string; readonly hours: number };
  readonly askedAt: number;
  readonly at: number;
}

/** A mutation that was asked and never answered: its event may be there, once. */
export type Unanswered = Pick<Acknowledged, 'key' | 'fault' | 'service' | 'type'>;

/** What a ledger holds. */
export interface Account {
  readonly acknowledged: readonly Acknowledged[];
  readonly unanswered: readonly Unanswered[];
}

export interface Ledger {
  readonly file: string;
  readonly write: (answer: Acknowledged) => void;
  readonly leave: (asked: Unanswered) => void;
  readonly all: () => Account;
  readonly close: () => void;
}

/** One line a mutation. What `all` gives is what the file holds, for the checker to believe nothing else. */
export function openLedger(file: string): Ledger {
  const handle = openSync(file, 'ax');
  const write = (line: Acknowledged | Unanswered) => {
    writeSync(handle, `${JSON.stringify(line)}\n`);
    fsyncSync(handle);
  };
  const isAnswered = (line: Acknowledged | Unanswered): line is Acknowledged => 'at' in line;
  return {
    file,
    write,
    leave: write,
    all: () => {
      const lines = readLedger(file);
      return { acknowledged: lines.filter(isAnswered), unanswered: lines.filter((line) => !isAnswered(line)) };
    },
    close: () => closeSync(handle),
  };
}

const readLedger = (file: string): (Acknowledged | Unanswered)[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
