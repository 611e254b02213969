/** Entity references that a request names more than once: each is asked for once, and all get its answer. */
import type { GraphQLFormattedError } from 'graphql';

type Variables = Record<string, unknown>;
interface Answer {
  data: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
}

export interface Distinct {
  /** What is sent. */
  readonly variables: Variables | undefined;
  /**
   * The answer as if each had been asked for: entities in the order of the references, and errors with their paths.
   * @throws when the service gave more or fewer entities than it was asked for
   */
  readonly spread: (answer: Answer) => Answer;
}

/** A team of 25 of one unit names the unit 25 times: one reference goes out. Nothing changes where there is nothing to gain. */
export function distinctRepresentations(variables: Variables | undefined): Distinct {
  const asked = variables?.['representations'];
  if (!Array.isArray(asked) || asked.length < 2) return { variables, spread: (answer) => answer };
  const places = new Map<string, number[]>();
  for (const [place, reference] of asked.entries()) {
    const text = JSON.stringify(reference);
    const found = places.get(text);
    if (found) found.push(place);
    else places.set(text, [place]);
  }
  if (places.size === asked.length) return { variables, spread: (answer) => answer };
  const groups = [...places.values()];
  return {
    variables: { ...variables, representations: groups.map(([first]) => asked[first!]) },
    spread: (answer) => spread(answer, groups, asked.length),
  };
}

function spread({ data, errors }: Answer, groups: readonly number[][], count: number): Answer {
  return {
    data: data && { ...data, ...entitiesIn(data, groups, count) },
    ...(errors ? { errors: errors.flatMap((error) => errorsAt(error, groups)) } : {}),
  };
}

function entitiesIn({ _entities: found }: Record<string, unknown>, groups: readonly number[][], count: number) {
  if (found == null) return {};
  if (!Array.isArray(found) || found.length !== groups.length) {
    throw new Error(`answered ${Array.isArray(found) ? found.length : 'no'} entities, not ${groups.length}`);
  }
  const entities = new Array<unknown>(count).fill(null);
  for (const [n, places] of groups.entries()) {
    // The gateway goes on to write into what it gets, so that no two may be the same object.
    for (const [again, place] of places.entries()) entities[place] = again === 0 ? found[n] : copy(found[n]);
  }
  return { _entities: entities };
}

/** An error of one entity, at each place that it has now. */
function errorsAt(error: GraphQLFormattedError, groups: readonly number[][]): GraphQLFormattedError[] {
  const [root, n, ...below] = error.path ?? [];
  const places = root === '_entities' && typeof n === 'number' ? groups[n] : undefined;
  return places ? places.map((place) => ({ ...error, path: ['_entities', place, ...below] })) : [error];
}

/** Of JSON. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copy(part)]));
}
