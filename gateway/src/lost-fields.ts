import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLFormattedError,
  Kind,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Of a list of 100 it need not be said 100 times. */
const MAX_ENTITIES_NAMED = 25;

/**
 * An error at each field that was asked of a service and did not come, so that a client sees which ones.
 *
 * @param query what the service was asked; with `_entities`, one error a field of each representation
 * @param late whether it took too long, rather than being out of reach
 */
export function lostFields(
  query: string | undefined,
  variables: Record<string, unknown> | undefined,
  late: boolean,
): GraphQLFormattedError[] {
  const document = parse(query ?? '{ __typename }', { noLocation: true });
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)!;
  const change = operation.operation === 'mutation';
  const message = `${late ? LATE : OUT_OF_REACH} ${change ? PERHAPS_DONE : TRY_AGAIN}`;
  const extensions = { code: late ? 'TIMEOUT' : 'SERVICE_UNAVAILABLE' };
  return pathsOf(document, operation.selectionSet, variables).map((path) => ({ message, path, extensions }));
}

const LATE = 'This did not come in time.';
const OUT_OF_REACH = 'This part of the system does not answer at the moment.';
const TRY_AGAIN = 'Please try again in a minute.';
const PERHAPS_DONE = 'The change may have been made all the same: repeat it with the same idempotencyKey.';

type Path = readonly (string | number)[];

function pathsOf(
  document: DocumentNode,
  set: SelectionSetNode,
  variables: Record<string, unknown> | undefined,
): Path[] {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  const fields = fieldsIn(set, fragments);
  const entities = fields.find(({ name }) => name === '_entities');
  if (!entities?.selections) return fields.map(({ key }) => [key]);
  const asked = (variables?.['representations'] as unknown[] | undefined)?.length ?? 0;
  const keys = [...new Set(fieldsIn(entities.selections, fragments).map(({ key }) => key))];
  return Array.from({ length: Math.min(asked, MAX_ENTITIES_NAMED) }).flatMap((_, index) =>
    keys.map((key) => [entities.key, index, key]),
  );
}

interface AskedField {
  readonly name: string;
  readonly key: string;
  readonly selections: SelectionSetNode | undefined;
}

/** The fields of a selection, through fragments, but for `__typename`. */
function fieldsIn(set: SelectionSetNode, fragments: readonly FragmentDefinitionNode[]): AskedField[] {
  const from = (node: SelectionNode): AskedField[] => {
    if (node.kind === Kind.INLINE_FRAGMENT) return fieldsIn(node.selectionSet, fragments);
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.find(({ name }) => name.value === node.name.value);
      return fragment ? fieldsIn(fragment.selectionSet, fragments) : [];
    }
    if (node.name.value === '__typename') return [];
    return [{ name: node.name.value, key: (node.alias ?? node.name).value, selections: node.selectionSet }];
  };
  return set.selections.flatMap(from);
}
