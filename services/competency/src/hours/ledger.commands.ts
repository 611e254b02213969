import { append, type By } from '@merit/chassis/out/outbox';
import type { EntityManager } from 'typeorm';
import { toOutbox } from './ledger.events.js';
import { recountLedgers } from './ledger.js';
import { dueYearsOf, ledgersOf, lockLearners, personsOf, recordsOf, saveLedgers } from './ledger.table.js';
import { hourRules } from './rules.table.js';
import { reachOf, type Span } from './span.js';

/**
 * Counts the hours of these people in these years anew, and publishes the ledgers in which something changed, one event each. Who is
 * not known here yet has no ledger: their trainings are kept, and count once they are known.
 *
 * A dozen statements, however many people. The lock comes before everything that is read: what another transaction
 * committed before it is then seen, be it a training or the person.
 * @param changed employee → the calendar years in which something is another than before
 * @param alsoDue employee → further years in which hours have begun to fall due
 * @param traces employee → the trace of what changed it, where it is another than the caller's
 */
export async function recount(
  tx: EntityManager,
  by: By,
  changed: ReadonlyMap<string, Span>,
  alsoDue: ReadonlyMap<string, readonly number[]> = new Map(),
  traces: ReadonlyMap<string, string | null> = new Map(),
): Promise<void> {
  const employeeIds = [...changed.keys()];
  await lockLearners(tx, employeeIds);
  const persons = await personsOf(tx, employeeIds);
  if (persons.length === 0) return;
  const rules = await hourRules(tx);
  const due = await dueYearsOf(tx, employeeIds);
  const reached = persons.map((person) => {
    const { employeeId, kind } = person;
    return { person, employeeId, ...reachOf(changed.get(employeeId)!, kind, rules.contracts) };
  });
  const records = await recordsOf(tx, reached);
  const known = await ledgersOf(tx, reached);
  const ledgers = reached.flatMap(({ person, employeeId, ledgers: within }) => {
    const of = <T>(all: ReadonlyMap<string, readonly T[]>) => all.get(employeeId) ?? [];
    const given = { person, within, records: of(records), known: of(known), due: [...of(due), ...of(alsoDue)] };
    return recountLedgers(given, rules, by.newId);
  });
  if (ledgers.length === 0) return;
  const at = by.now();
  const said = ledgers.map((ledger) => ({ ...ledger, eventId: by.newId(), countedAt: at }));
  await saveLedgers(tx, said);
  await append(
    tx,
    said.map((ledger) => ({ ...toOutbox(ledger), traceparent: traces.get(ledger.person.employeeId) ?? null })),
    by,
  );
}
