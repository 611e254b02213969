/** How large an operation is, before anything of it is done: from its text, the schema and its coerced variables. */
import {
  __Schema,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';

export interface Measure {
  /** Fields within fields; `edges` and `node` of a list are one step with it. */
  readonly depth: number;
  /** Names given anew. */
  readonly aliases: number;
  /** Fields of the operation itself. */
  readonly rootFields: number;
  /** The most directives at one place. */
  readonly directives: number;
  /** One a field, and all below a list as often as it may have items. */
  readonly cost: number;
}

export interface Operation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A page, where the client does not say how long. */
const USUAL_PAGE = 20;
/** A list without pages: what belongs to one thing, such as the parts of a score. */
const USUAL_LIST = 5;
/** The least that a question about the schema costs; a rule of validation bounds its depth. */
const SCHEMA_COST = 500;
/** Fields of the schema's own description that cost one unit: they are there already. */
const SCHEMA_FIELDS = 100;

/** `types` of `__schema`: the one long list of it. */
const TYPES = __Schema.getFields()['types'];

const NOTHING: Measure = { depth: 0, aliases: 0, rootFields: 0, directives: 0, cost: 0 };

/** Measures a valid operation in one pass; a fragment is measured once, however often it is used. */
export function measure({ schema, operation, fragments, variables }: Operation): Measure {
  const known = new Map<string, Measure>();
  const types = Object.keys(schema.getTypeMap()).length;

  const fragment = (name: string): Measure => {
    const node = fragments.get(name);
    const found = known.get(name);
    if (found || !node) return found ?? NOTHING;
    known.set(name, NOTHING); // a circle, which validation refuses, would end here
    const made = within(node.selectionSet, schema.getType(node.typeCondition.name.value));
    known.set(name, made);
    return made;
  };

  /** A selection set once, on a type. */
  const within = (set: SelectionSetNode, type: unknown): Measure => {
    const parts = set.selections.map((selection): Measure => {
      const directives = selection.directives?.length ?? 0;
      if (selection.kind === Kind.FRAGMENT_SPREAD) return atLeast(fragment(selection.name.value), directives);
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const narrowed = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type;
        return atLeast(within(selection.selectionSet, narrowed), directives);
      }
      const field = fieldOf(type, selection.name.value);
      const alias = selection.alias ? 1 : 0;
      if (!field) return { ...NOTHING, depth: 1, aliases: alias, rootFields: 1, directives, cost: 1 };
      const below = selection.selectionSet ? within(selection.selectionSet, getNamedType(field.type)) : NOTHING;
      const times = isWrapper(type, field) ? 1 : itemsOf(field, argumentsOf(field, selection, variables), types);
      if (field === SchemaMetaFieldDef || field === TypeMetaFieldDef) {
        const cost = Math.max(SCHEMA_COST, Math.ceil(below.cost / SCHEMA_FIELDS));
        const most = Math.max(below.directives, directives);
        return { depth: 1, aliases: below.aliases + alias, rootFields: 1, directives: most, cost };
      }
      return {
        depth: below.depth + (isWrapper(type, field) ? 0 : 1),
        aliases: below.aliases + alias,
        rootFields: 1,
        directives: Math.max(below.directives, directives),
        cost: 1 + times * below.cost,
      };
    });
    return parts.reduce(together, NOTHING);
  };

  const whole = within(operation.selectionSet, schema.getRootType(operation.operation));
  return atLeast(whole, operation.directives?.length ?? 0);
}

const together = (a: Measure, b: Measure): Measure => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  rootFields: a.rootFields + b.rootFields,
  directives: Math.max(a.directives, b.directives),
  cost: a.cost + b.cost,
});

const atLeast = (found: Measure, directives: number): Measure => ({
  ...found,
  directives: Math.max(found.directives, directives),
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the field's parent and context are
type AnyField = GraphQLField<any, any>;

function fieldOf(type: unknown, name: string): AnyField | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isCompositeType(type as GraphQLCompositeType) && 'getFields' in (type as object)
    ? (type as { getFields(): Record<string, AnyField> }).getFields()[name]
    : undefined;
}

/** `edges` of a connection and `node` of an edge: the connection has been counted with its items. */
const isWrapper = (type: unknown, { name }: AnyField): boolean =>
  isObjectType(type) &&
  ((name === 'edges' && /Connection$/.test(type.name)) || (name === 'node' && /Edge$/.test(type.name)));

/** Without those that do not fit: execution refuses them, and nothing is answered. */
function argumentsOf(field: AnyField, node: FieldNode, variables: Operation['variables']): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return {};
  }
}

/** How many items a field may answer: what the client asks for, for lists by ids as many as those, or what is usual. */
function itemsOf(field: AnyField, args: Record<string, unknown>, types: number): number {
  const type = getNullableType(field.type);
  if (/Connection$/.test(getNamedType(type).name)) {
    const page = args['first'] ?? args['last'] ?? USUAL_PAGE;
    return typeof page === 'number' && page > 0 ? page : 1;
  }
  if (!isListType(type)) return 1;
  if (field === TYPES) return types;
  const ids = Object.values(args).find(Array.isArray);
  return ids ? ids.length : USUAL_LIST;
}
