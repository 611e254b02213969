/** The only place that issues and answers surveys. */
import { randomBytes } from 'node:crypto';
import type { ServiceContext } from '@merit/chassis/api/context';
import { DomainError, requireText } from '@merit/chassis/errors';
import { localDateAt } from '@merit/chassis/local-date';
import type { EntityManager } from 'typeorm';
import { requireYear } from '../calendar/calendar.js';
import { figuresOn, SATISFACTION_FIGURES } from '../satisfaction/satisfaction.figures.js';
import { type Element, type PerElement, perElement } from '../satisfaction/satisfaction.js';
import { hashOf, publicNumber, tokensOf } from '../secret.js';
import type { PublicService } from '../service/service.js';
import { zoneOf } from '../service/service.table.js';
import { MOST_FORMS, MOST_TOKENS, requireAnswers, requireBatchSize, requirePast } from './survey.js';
import { insertBatch, insertResponses, insertTokens, markDue, savePeopleServed, useToken } from './survey.table.js';

/** The nine answers as the graph's input names them. */
export type AnswersInput = Readonly<Record<Lowercase<Element>, number>>;

/** The same answers by the elements' codes. */
export const answersOf = (input: AnswersInput): PerElement =>
  perElement((element) => input[element.toLowerCase() as Lowercase<Element>]);

/** The day that it is for the service's agency. */
const today = async (tx: EntityManager, context: ServiceContext, { agencyId }: { agencyId: string }): Promise<string> =>
  localDateAt(context.now(), await zoneOf(tx, agencyId));

/** Issues single-use tokens; what is kept of them opens nothing. @throws BATCH_SIZE_OUT_OF_RANGE on `count` */
export async function issueSurveyTokens(
  tx: EntityManager,
  context: ServiceContext,
  { key, service, count }: { readonly key: Buffer; readonly service: PublicService; readonly count: number },
): Promise<{ batchId: string; count: number }> {
  const size = requireBatchSize(count, MOST_TOKENS);
  const id = context.newId();
  const issuedOn = await today(tx, context, service);
  await insertBatch(tx, { id, serviceId: service.id, kind: 'TOKEN', code: null, size, issuedOn });
  await insertTokens(tx, id, tokensOf(key, id, size).map(hashOf));
  return { batchId: id, count: size };
}

/** Characters of a batch's code: one in a million million. */
const CODE_LENGTH = 8;

/** Issues numbered paper forms. @throws BATCH_SIZE_OUT_OF_RANGE on `count`; DATE_INVALID, DATE_IN_FUTURE on `issuedOn` */
export async function issuePaperBatch(
  tx: EntityManager,
  context: ServiceContext,
  command: { readonly service: PublicService; readonly count: number; readonly issuedOn?: string | null },
): Promise<{ batchCode: string; count: number; issuedOn: string }> {
  const size = requireBatchSize(command.count, MOST_FORMS);
  const now = await today(tx, context, command.service);
  const issuedOn = requirePast(command.issuedOn ?? now, now, 'issuedOn');
  const code = publicNumber(randomBytes(CODE_LENGTH));
  const serviceId = command.service.id;
  await insertBatch(tx, { id: context.newId(), serviceId, kind: 'FORM', code, size, issuedOn });
  return { batchCode: code, count: size, issuedOn };
}

/**
 * Answers a survey with a token, which is used up.
 * @throws SURVEY_TOKEN_USED, SURVEY_TOKEN_INVALID on `token`; ANSWER_OUT_OF_RANGE on the element's field
 */
export async function answerSurvey(
  tx: EntityManager,
  context: ServiceContext,
  { token, answers }: { readonly token: string; readonly answers: AnswersInput },
): Promise<{ serviceId: string }> {
  const hash = hashOf(requireText(token, 'token', { max: 100 }));
  const { serviceId, agencyId } = await useToken(tx, hash);
  const answeredOn = await today(tx, context, { agencyId });
  const checked = requireAnswers(answersOf(answers), figuresOn(SATISFACTION_FIGURES, answeredOn));
  // A counted answer that belongs to no batch: nothing leads back to the token.
  const response = {
    serviceId,
    answeredOn,
    answers: checked,
    counted: true,
    batchId: null,
    number: null,
    content: null,
  };
  await insertResponses(tx, [response]);
  await markDue(tx, serviceId, [answeredOn.slice(0, 7)]);
  return { serviceId };
}

export interface PeopleServed {
  readonly year: number;
  readonly months: readonly { readonly month: number; readonly people: number }[];
}

const MOST_PEOPLE = 10_000_000;

/**
 * Records how many people a service served, month by month.
 * @throws YEAR_OUT_OF_RANGE on `year`; MONTH_INVALID, MONTH_TWICE, MONTH_IN_FUTURE, PEOPLE_OUT_OF_RANGE on `months`
 */
export async function recordPeopleServed(
  tx: EntityManager,
  context: ServiceContext,
  service: PublicService,
  { year, months }: PeopleServed,
): Promise<{ serviceId: string }> {
  requireYear(year);
  const thisMonth = (await today(tx, context, service)).slice(0, 7);
  const rows = months.map(({ month, people }) => ({
    month: monthOf(year, month, thisMonth),
    people: requirePeople(people),
  }));
  if (new Set(rows.map(({ month }) => month)).size < rows.length) throw refuse('MONTH_TWICE', 'Give each month once.');
  await savePeopleServed(tx, service.id, rows);
  await markDue(
    tx,
    service.id,
    rows.map(({ month }) => month),
  );
  return { serviceId: service.id };
}

function monthOf(year: number, month: number, thisMonth: string): string {
  if (!Number.isInteger(month) || month < 1 || month > 12) throw refuse('MONTH_INVALID', 'A month is 1 to 12.');
  const text = `${year}-${String(month).padStart(2, '0')}`;
  if (text > thisMonth) throw refuse('MONTH_IN_FUTURE', `${text} has not come yet.`);
  return text;
}

function requirePeople(people: number): number {
  if (Number.isInteger(people) && people >= 0 && people <= MOST_PEOPLE) return people;
  throw refuse('PEOPLE_OUT_OF_RANGE', `Give a whole number from 0 to ${MOST_PEOPLE}.`);
}

const refuse = (code: string, message: string) => new DomainError(code, message, { field: 'months' });
