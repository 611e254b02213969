import { append } from '@merit/chassis/outbox';
import type { EntityManager } from 'typeorm';
import type { Outside } from '../actor.js';
import { toOutbox } from './ledger.events.js';
import { recountLedgers } from './ledger.js';
import { dueYearsOf, ledgersOf, lockLearners, personsOf, recordsOf, saveLedgers } from './ledger.table.js';
import { hourRules } from './rules.table.js';

/**
 * Counts the hours of these people anew, and publishes the ledgers in which something changed, one event each. Who is
 * not known here yet has no ledger: their trainings are kept, and count once they are known.
 *
 * A dozen statements, however many people. The lock comes before everything that is read: what another transaction
 * committed before it is then seen, be it a training or the person.
 * @param alsoDue employee → further years in which hours have begun to fall due
 */
export async function recount(
  tx: EntityManager,
  outside: Outside,
  employeeIds: readonly string[],
  alsoDue: ReadonlyMap<string, readonly number[]> = new Map(),
): Promise<void> {
  await lockLearners(tx, employeeIds);
  const persons = await personsOf(tx, employeeIds);
  if (persons.length === 0) return;
  const rules = await hourRules(tx);
  const due = await dueYearsOf(tx, employeeIds);
  const records = await recordsOf(tx, employeeIds);
  const known = await ledgersOf(tx, employeeIds);
  const changed = persons.flatMap((person) => {
    const of = <T>(all: ReadonlyMap<string, readonly T[]>) => all.get(person.employeeId) ?? [];
    const given = { person, records: of(records), known: of(known), due: [...of(due), ...of(alsoDue)] };
    return recountLedgers(given, rules, outside.newId);
  });
  if (changed.length === 0) return;
  await saveLedgers(tx, changed);
  const now = outside.now();
  await append(
    tx,
    changed.map((ledger) => toOutbox(ledger, outside.newId(), now)),
    outside,
  );
}
