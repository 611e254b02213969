/** The services whose events commands look at, and how each is asked. */
import { randomUUID } from 'node:crypto';
import { DomainError } from '@merit/chassis/errors';
import type { Graph } from '../graph.client.js';
import { SERVICES, type Service } from '../start.plan.js';
import { nearest } from '../token.nearest.js';
import { type Call, misuse } from './command.js';

export { SERVICES, type Service };

export const SERVICE_OPTION = { service: { type: 'string' } } as const;
export const REASON_OPTION = { reason: { type: 'string' } } as const;
export const YES_OPTION = { yes: { type: 'boolean', default: false } } as const;
export const SERVICE_HELP = `  --service <name>  of this service alone: ${SERVICES.join(', ')}`;
export const NO_REASON = 'no reason was given';

/** A service by its name. @throws misuse, naming those there are */
export function serviceOf(name: string): Service {
  const found = SERVICES.find((service) => service === name);
  if (found) return found;
  const near = nearest(name, SERVICES);
  throw misuse(
    `There is no service "${name}": ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${SERVICES.join(', ')}.`}`,
  );
}

/** Those that `--service` names: one, or all. @throws misuse */
export const servicesOf = ({ options }: Call): readonly Service[] =>
  options['service'] === undefined ? SERVICES : [serviceOf(String(options['service']))];

/** The one that `--service` names. @throws misuse */
export function oneServiceOf(call: Call): Service {
  if (call.options['service'] === undefined) throw misuse(`Say of which service: --service ${SERVICES.join('|')}`);
  return servicesOf(call)[0]!;
}

/** What a command may not be given. @throws misuse */
export function noParameters({ parameters }: Call): void {
  if (parameters.length > 0) throw misuse(`"${parameters[0]}" is too much: this takes options only (see --help).`);
}

export const reasonOf = ({ options }: Call): string | undefined =>
  options['reason'] === undefined ? undefined : String(options['reason']);

/** A dead letter's number with its service: `performance/17`. */
export interface LetterId {
  readonly service: Service;
  readonly id: string;
}

/** @throws misuse for what is not written so */
export function letterIdOf(text: string): LetterId {
  const [service, id, ...rest] = text.split('/');
  if (rest.length > 0 || !/^[1-9]\d{0,17}$/.test(id ?? '')) {
    throw misuse(`"${text}" is no dead letter: write its service and number, such as performance/17.`);
  }
  return { service: serviceOf(service!), id: id! };
}

/** What a service's `EventOperations` answer, by the selection given. */
export async function askEvents<Answer>(
  graph: Graph,
  service: Service,
  selection: string,
  variables: { readonly declared?: string; readonly values?: Record<string, unknown> } = {},
): Promise<Answer> {
  const declared = variables.declared ? `(${variables.declared})` : '';
  const { events } = await graph.ask<{ events: Answer }>(
    `query${declared} { events: ${service}Events { ${selection} } }`,
    variables.values,
  );
  return events;
}

/**
 * Does something to a service's events, once however often the line breaks.
 * @param mutation with `*` where the service's name stands: `retry*DeadLetter`
 * @param input the name of its input type, and the input
 */
export async function doWithEvents<Answer>(
  graph: Graph,
  service: Service,
  mutation: string,
  input: readonly [type: string, value: object],
  selection: string,
): Promise<Answer> {
  const field = mutation.replace('*', service[0]!.toUpperCase() + service.slice(1));
  const { done } = await graph.ask<{ done: Answer }>(
    `mutation ($input: ${input[0]}!) { done: ${field}(input: $input) { ${selection} } }`,
    { input: { ...input[1], idempotencyKey: randomUUID() } },
  );
  return done;
}

/** What each service answers, or why it does not: one that is down must not hide the others. */
export async function fromEach<Answer>(
  services: readonly Service[],
  ask: (service: Service) => Promise<Answer>,
): Promise<{ service: Service; answer: Answer | null; problem: string | null }[]> {
  return Promise.all(
    services.map(async (service) => {
      try {
        return { service, answer: await ask(service), problem: null };
      } catch (error) {
        // Whoever may not ask one may not ask any: that is no state of a service.
        if (!(error instanceof DomainError) || ['FORBIDDEN', 'UNAUTHENTICATED'].includes(error.code)) throw error;
        return { service, answer: null, problem: error.message };
      }
    }),
  );
}
