/** What a rule answers: how things are now, and what happened. The command writes both in one transaction. */
export interface Decision<S, E> {
  readonly state: S;
  readonly events: readonly E[];
}
