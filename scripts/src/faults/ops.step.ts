/** What a piece of work is: a few mutations, one after the other, of which most must bring about one event. */
import type { Acknowledged } from './ledger.js';

/** The event that a mutation must bring about. */
export interface Told extends Pick<Acknowledged, 'service' | 'type'> {
  /** To what it happened, from what the mutation answered. */
  readonly of: (known: string) => Pick<Acknowledged, 'subject' | 'sequence' | 'training'>;
}

export interface Step {
  readonly query: string;
  /** From what the step before has answered; asked once. */
  readonly input: (known: string) => Record<string, unknown>;
  /** What the next step must know: an id. */
  // biome-ignore lint/suspicious/noExplicitAny: a GraphQL answer is what the query asked for
  readonly read: (data: any, known: string) => string;
  /** Missing where nobody is told of it. */
  readonly event?: Told;
}

export interface Op {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Gives back what it kept others from. */
  readonly done: () => void;
}

export const mutation = (name: string, input: string, answer: string): string =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${answer} } }`;

/** For a step that answers nothing new. */
export const same: Step['read'] = (_, known) => known;
