/** Filled-in paper forms, up to a thousand at a time. */
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireText } from '@merit/chassis/errors';
import { type ImportAnswer, type ImportProblem, judgeRow, judgeRows, requireRows } from '@merit/chassis/import';
import { localDateAt } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import { figuresOn, SATISFACTION_FIGURES } from '../satisfaction/satisfaction.figures.js';
import { readNumber } from '../secret.js';
import type { PublicService } from '../service/service.js';
import { zoneOf } from '../service/service.table.js';
import { type AnswersInput, answersOf } from './survey.commands.js';
import { type Batch, contentOf, enterForm, type FormEntry, isPrinted, type Response, sameResponse } from './survey.js';
import { batchesByCode, formsEntered, insertResponses, keyOf, markDue } from './survey.table.js';

export interface FormRow {
  readonly batchCode?: string | null;
  readonly number?: number | null;
  readonly answeredOn: string;
  readonly answers: AnswersInput;
}

export interface ImportForms {
  readonly service: PublicService;
  readonly rows: readonly FormRow[];
  readonly validateOnly: boolean;
}

export type FormsAnswer = ImportAnswer & { readonly uncounted: number };

/**
 * Enters forms: five statements, however many rows. A form that is there with other answers is a problem of its row.
 * @throws TOO_MANY_ROWS, BUSY
 */
export async function importSurveyResponses(
  tx: EntityManager,
  context: ServiceContext,
  { service, rows, validateOnly }: ImportForms,
): Promise<FormsAnswer> {
  requireRows(rows);
  const batches = await batchesByCode(
    tx,
    rows.flatMap(({ batchCode }) => (batchCode == null ? [] : readNumber(batchCode))),
  );
  const today = localDateAt(context.now(), await zoneOf(tx, service.agencyId));
  const entering = entries({ serviceId: service.id, batches, today });
  const judged = judgeRows(rows, (row, index): Placed => ({ row: index, form: entering(formOf(row)) }));
  const known = await formsEntered(
    tx,
    judged.fresh.map(({ form }) => form),
  );
  const sorted = newAmong(judged.fresh, known);
  const problems = [...judged.problems, ...sorted.problems].sort((a, b) => a.row - b.row);
  if (problems.length === 0 && !validateOnly) await write(tx, service.id, sorted.fresh);
  const uncounted = sorted.fresh.filter(({ counted }) => !counted).length;
  return { imported: sorted.fresh.length, uncounted, unchanged: sorted.unchanged, problems };
}

const formOf = ({ batchCode, number, answeredOn, answers }: FormRow): FormEntry => ({
  batchCode:
    batchCode == null || batchCode.trim() === '' ? null : readNumber(requireText(batchCode, 'batchCode', { max: 40 })),
  number: number ?? null,
  answeredOn,
  answers: answersOf(answers),
});

/** Judges one form after the other; forms without a valid number that say the same are told apart by their order. */
function entries(about: { serviceId: string; batches: ReadonlyMap<string, Batch>; today: string }) {
  const twins = new Map<string, number>();
  return (entry: FormEntry): Response => {
    const batch = entry.batchCode === null ? undefined : about.batches.get(entry.batchCode);
    const says = contentOf(entry);
    const twin = (twins.get(says) ?? 0) + 1;
    if (!batch || !isPrinted(entry.number, batch, about.serviceId)) twins.set(says, twin);
    return enterForm(entry, { ...about, batch, twin }, figuresOn(SATISFACTION_FIGURES, entry.answeredOn));
  };
}

interface Placed {
  readonly row: number;
  readonly form: Response;
}

/** Which of the forms are new, and which say something else than what is known of them. */
function newAmong(forms: readonly Placed[], known: ReadonlyMap<string, Response>) {
  const seen = new Map(known);
  const fresh: Response[] = [];
  const problems: ImportProblem[] = [];
  for (const { row, form } of forms) {
    judgeRow(problems, row, () => {
      const before = seen.get(keyOf(form));
      if (before && !sameResponse(before, form)) throw otherAnswers(form, known.has(keyOf(form)));
      if (!before) fresh.push(form);
      seen.set(keyOf(form), form);
    });
  }
  return { fresh, unchanged: forms.length - problems.length - fresh.length, problems };
}

const otherAnswers = ({ number }: Response, isStored: boolean) =>
  isStored
    ? new DomainError('FORM_ALREADY_ENTERED', `Form ${number} was entered with other answers.`, { field: 'number' })
    : new DomainError('ROW_REPEATED', `Form ${number} stands in another row with other answers.`, { field: 'number' });

async function write(tx: EntityManager, serviceId: string, fresh: readonly Response[]): Promise<void> {
  const written = await insertResponses(tx, fresh);
  // Someone else entered the same forms between our look and our write: nothing of this call may stand.
  if (written < fresh.length)
    throw new DomainError('BUSY', 'Someone else is entering these forms. Try again in a moment.');
  const months = fresh.filter(({ counted }) => counted).map(({ answeredOn }) => answeredOn.slice(0, 7));
  await markDue(tx, serviceId, months);
}
