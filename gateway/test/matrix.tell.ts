/** Does the story's steps: first everyone tries who may not, with what would go well, then the one who may does it. */
import { randomUUID } from 'node:crypto';
import {
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { eventually } from './eventually.js';
import type { AnswerError, Given } from './matrix.compare.js';
import type { About, Viewer } from './matrix.rules.js';
import type { Ids, Step } from './matrix.story.js';
import { type Start, selectionWithin } from './matrix.ways.js';

/** A mutation as someone has tried it. */
export interface Told {
  readonly viewer: Viewer;
  readonly mutation: string;
  readonly document: string;
  readonly variables: object;
  readonly about: About;
  readonly may: boolean;
  /** Whether to this viewer there is no such thing. */
  readonly isHidden: boolean;
  readonly given: Given;
}
export type Ask = (viewer: Viewer, document: string, variables: object) => Promise<Given>;
/** Through the gateway, and past it at the service whose mutation it is. */
export interface Asks {
  readonly gateway: Ask;
  readonly straight: (mutation: string) => Ask;
}

/** What passes once a service has heard of what it is asked about. */
const NOT_YET = /FORBIDDEN|DIRECTORY_STALE|_NOT_FOUND$|_UNKNOWN$/;

export async function tell(
  step: Step,
  ids: Ids,
  start: Start,
  viewers: readonly Viewer[],
  asks: Asks,
): Promise<Told[]> {
  const field = start.schema.getMutationType()!.getFields()[step.mutation];
  if (!field) throw new Error(`matrix.story.ts tells of ${step.mutation}, which the graph does not have.`);
  const payload = getNamedType(field.type) as GraphQLObjectType;
  const document = selectionWithin(
    start,
    payload,
    (selection) => `mutation ($input: ${field.args[0]!.type}) { ${step.mutation}(input: $input) ${selection} }`,
  );
  const about = step.about(ids);
  // With a key, so that it can be asked again.
  const key = takesKey(field.args[0]!.type) ? { idempotencyKey: randomUUID() } : {};
  const variables = { input: { ...step.input(ids), ...key } };
  const until = (viewer: Viewer, early: RegExp, ask = asks.gateway, text = document) =>
    eventually(async () => {
      const answer = await ask(viewer, text, variables);
      const isEarly = answer.data?.[step.mutation] == null && answer.errors.some((error) => early.test(codeOf(error)));
      return !isEarly && answer;
    }, 60_000);
  const made = { mutation: step.mutation, document, variables, about };
  const denied = viewers.filter((viewer) => !step.who.some((audience) => viewer.is(audience, about)));
  const [straight, bare] = [asks.straight(step.mutation), leastOf(start, step.mutation).document];
  // Who is no civil servant and runs nothing is refused before anything is looked up.
  const isHidden = (viewer: Viewer) =>
    (viewer.is('STAFF', about) || viewer.is('ADMIN', about)) &&
    !(step.knownTo?.some((audience) => viewer.is(audience, about)) ?? true);
  const tried = denied.flatMap((viewer) => [
    until(viewer, /DIRECTORY_STALE/),
    until(viewer, /DIRECTORY_STALE/, straight, bare),
  ]);
  const refused = (await Promise.all(tried)).map((given, n) => ({
    ...{ ...made, viewer: denied[Math.floor(n / 2)]!, may: false, given },
    isHidden: isHidden(denied[Math.floor(n / 2)]!),
  }));
  const doer = viewers.find(({ name }) => name === step.by)!;
  const given = await until(doer, NOT_YET);
  for (const [name, place] of Object.entries(step.keep ?? {})) {
    const payload = given.data?.[step.mutation];
    const found = place.split('.').reduce((part, key) => (part as Ids | null)?.[key] as never, payload);
    if (typeof found !== 'string')
      throw new Error(`${step.mutation} gave no ${place}: ${JSON.stringify(given.errors)}`);
    ids[name] = found;
  }
  return [...refused, { ...made, viewer: doer, may: true, isHidden: false, given }];
}

function takesKey(inputType: GraphQLInputType): boolean {
  const type = getNamedType(inputType);
  return isInputObjectType(type) && 'idempotencyKey' in type.getFields();
}

const codeOf = ({ extensions }: AnswerError): string => extensions?.code ?? '';

/** The mutation with the least that it can be asked with, for those whom its rule refuses before that is looked at. */
export function leastOf(start: Start, mutation: string): { document: string; variables: object } {
  const field = start.schema.getMutationType()!.getFields()[mutation]!;
  const type = field.args[0]!.type;
  return {
    document: `mutation ($input: ${type}) { ${mutation}(input: $input) { __typename } }`,
    variables: { input: leastInput(type) },
  };
}

function leastInput(type: GraphQLInputType): unknown {
  const named = getNamedType(type);
  if (isListType(isNonNullType(type) ? type.ofType : type)) return [];
  if (isEnumType(named)) return named.getValues()[0]!.name;
  if (!isInputObjectType(named)) return LEAST[named.name];
  const required = Object.values(named.getFields()).filter((field) => isNonNullType(field.type));
  return Object.fromEntries(required.map((field) => [field.name, leastInput(field.type)]));
}

const LEAST: Readonly<Record<string, unknown>> = {
  ...{ ID: '00000000-0000-4000-8000-000000000000', String: 'x', Int: 1, Float: 1, Boolean: true },
  ...{ LocalDate: '2026-01-01', DateTime: '2026-01-01T00:00:00Z' },
};
