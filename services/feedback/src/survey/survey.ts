/**
 * The satisfaction survey (SKM): who may answer, what an answer is, and which answers count (R8).
 *
 * Nobody is known by an answer: a token is used once and leads nowhere, a form has a number and no name.
 */
import { DomainError, requireText } from '@merit/chassis/errors';
import { requireDate } from '@merit/chassis/local-date';
import type { SatisfactionFigures } from '../satisfaction/satisfaction.figures.js';
import { ELEMENTS, type PerElement, perElement } from '../satisfaction/satisfaction.js';

/** Tokens or numbered forms that a service handed out. */
export interface Batch {
  readonly id: string;
  readonly serviceId: string;
  readonly kind: 'TOKEN' | 'FORM';
  /** Printed on each form beside its number; tokens have none. */
  readonly code: string | null;
  /** Forms are numbered from 1 to this. */
  readonly size: number;
  readonly issuedOn: string;
}

export interface Response {
  readonly serviceId: string;
  readonly answeredOn: string;
  readonly answers: PerElement;
  /** Whether it enters the index. */
  readonly counted: boolean;
  readonly batchId: string | null;
  readonly number: number | null;
  /** What tells an uncounted form from others. */
  readonly content: string | null;
}

export const MOST_TOKENS = 1_000;
export const MOST_FORMS = 10_000;

/** @throws BATCH_SIZE_OUT_OF_RANGE on `count` */
export function requireBatchSize(count: number, max: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new DomainError('BATCH_SIZE_OUT_OF_RANGE', `Issue from 1 to ${max} at a time.`, { field: 'count', max });
}

/**
 * The nine answers, each from 1 (worst) to 4 (best).
 * @throws ANSWER_OUT_OF_RANGE on the element's field, such as `answers.waktu`
 */
export function requireAnswers(answers: PerElement, { bestAnswer }: SatisfactionFigures): PerElement {
  for (const element of ELEMENTS) {
    const answer = answers[element];
    if (Number.isInteger(answer) && answer >= 1 && answer <= bestAnswer) continue;
    const field = `answers.${element.toLowerCase()}`;
    throw new DomainError('ANSWER_OUT_OF_RANGE', `An answer is a whole number from 1 to ${bestAnswer}.`, { field });
  }
  return perElement((element) => answers[element]);
}

/** A filled-in form as an office enters it. */
export interface FormEntry {
  readonly batchCode: string | null;
  readonly number: number | null;
  readonly answeredOn: string;
  readonly answers: PerElement;
}

/**
 * What a form is worth: it counts by its batch and number; with another service's batch, a number that was not printed,
 * or none, it is kept and not counted.
 * @param batch the batch with the entry's code, if there is one
 * @param today the day it is for the agency
 * @param twin how many forms that say the same, and do not count either, stand before it in the same file
 * @throws ANSWER_OUT_OF_RANGE; DATE_INVALID, DATE_IN_FUTURE, ANSWERED_BEFORE_ISSUE on `answeredOn`; TEXT_… on `batchCode`
 */
export function enterForm(
  entry: FormEntry,
  about: {
    readonly serviceId: string;
    readonly batch: Batch | undefined;
    readonly today: string;
    readonly twin: number;
  },
  figures: SatisfactionFigures,
): Response {
  const { serviceId, batch, today, twin } = about;
  const answers = requireAnswers(entry.answers, figures);
  const answeredOn = requirePast(entry.answeredOn, today);
  if (!batch || !isPrinted(entry.number, batch, serviceId)) {
    const content = `${contentOf({ ...entry, answers })}#${twin}`;
    return { serviceId, answeredOn, answers, counted: false, batchId: null, number: null, content };
  }
  if (answeredOn < batch.issuedOn) {
    throw new DomainError('ANSWERED_BEFORE_ISSUE', `The forms of this batch were issued on ${batch.issuedOn}.`, {
      field: 'answeredOn',
      issuedOn: batch.issuedOn,
    });
  }
  return { serviceId, answeredOn, answers, counted: true, batchId: batch.id, number: entry.number, content: null };
}

/** Whether a form of this service's batch carries this number. */
export const isPrinted = (number: number | null, batch: Batch, serviceId: string): boolean =>
  batch.kind === 'FORM' &&
  batch.serviceId === serviceId &&
  number !== null &&
  Number.isInteger(number) &&
  number >= 1 &&
  number <= batch.size;

/** What a form without a valid number says, as one text: the same form gives the same. */
export function contentOf({ batchCode, number, answeredOn, answers }: FormEntry): string {
  const code = batchCode === null ? '' : requireText(batchCode, 'batchCode', { max: 40 });
  return [answeredOn, ELEMENTS.map((element) => answers[element]).join(''), code, number ?? ''].join(' ');
}

/** @throws DATE_INVALID, DATE_IN_FUTURE on `field` */
export function requirePast(date: string, today: string, field = 'answeredOn'): string {
  if (requireDate(date, field) > today)
    throw new DomainError('DATE_IN_FUTURE', 'This day has not come yet.', { field });
  return date;
}

/** Whether two entries of one form say the same. */
export const sameResponse = (a: Response, b: Response): boolean =>
  a.answeredOn === b.answeredOn && ELEMENTS.every((element) => a.answers[element] === b.answers[element]);
