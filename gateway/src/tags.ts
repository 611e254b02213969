/** What an answer is about, and what an event is about, in the same words, so that one can drop the other. */
import { createRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import type { EventRecord } from '@merit/chassis/transport/transport';
import { file_merit_feedback_v1_events } from '@merit/proto/feedback';
import { file_merit_personnel_v1_events } from '@merit/proto/personnel';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/**
 * Types of the public contract that events speak of, by the aggregate that the events are of. An answer that shows one
 * has the tag `Unit:<id>`; one that has a list of them, or says that there is none, the tag `Unit`.
 */
export const ENTITIES: Readonly<Record<string, string>> = {
  agency: 'Agency',
  unit: 'Unit',
  service: 'PublicService',
  complaint: 'Complaint',
};
/** Types without an id of their own in the public contract. They have one tag for all. */
const WITHOUT_ID: ReadonlySet<string> = new Set(['UnitHead', 'WorkCalendar']);
const TAGGED: ReadonlySet<string> = new Set([...Object.values(ENTITIES), ...WITHOUT_ID]);

type Json = Readonly<Record<string, unknown>>;

/** The tags of what a document was answered. The document selects `id` wherever it shows an entity: see {@link untagged}. */
export function tagsOfAnswer(schema: GraphQLSchema, document: DocumentNode, data: Json): string[] {
  const tags = new Set<string>();
  walk(
    schema,
    document,
    (type, field, value) => {
      const name = itemOf(type, field);
      if (!name || !TAGGED.has(name)) return;
      if (WITHOUT_ID.has(name) || value === null || Array.isArray(value) || isConnection(type, field)) tags.add(name);
      else if (typeof (value as Json)['id'] === 'string') tags.add(`${name}:${(value as Json)['id']}`);
      if (Array.isArray(value))
        for (const item of value) if (typeof item?.id === 'string') tags.add(`${name}:${item.id}`);
    },
    data,
  );
  return [...tags].sort();
}

/** Where a document shows an entity without its `id`, so that nothing could drop the answer. */
export function untagged(schema: GraphQLSchema, document: DocumentNode): string[] {
  const found: string[] = [];
  walk(schema, document, (type, field) => {
    const name = itemOf(type, field);
    if (!name || !Object.values(ENTITIES).includes(name) || isConnection(type, field)) return;
    const selects = (set: SelectionSetNode | undefined): boolean =>
      set?.selections.some(
        (each) => each.kind === Kind.FIELD && each.name.value === 'id' && (each.alias?.value ?? 'id') === 'id',
      ) ?? false;
    if (!selects(field.selectionSet)) found.push(`${type.name}.${field.name.value}`);
  });
  return found;
}

type Visit = (type: GraphQLObjectType, field: FieldNode, value: unknown) => void;

/** Every field of an object in an answer; without an answer, every one in the document. */
function walk(schema: GraphQLSchema, document: DocumentNode, visit: Visit, data?: Json): void {
  const fragments = new Map(
    document.definitions.flatMap((node): [string, FragmentDefinitionNode][] =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const within = (set: SelectionSetNode, type: GraphQLObjectType, value: unknown) => {
    if (Array.isArray(value)) {
      for (const item of value) within(set, type, item);
      return;
    }
    if (value === null) return;
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FIELD) {
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (inner) within(inner.selectionSet, type, value);
        continue;
      }
      const result = getNamedType(type.getFields()[selection.name.value]?.type);
      if (!selection.selectionSet || !isObjectType(result)) continue;
      const below =
        value === undefined ? undefined : ((value as Json)[(selection.alias ?? selection.name).value] ?? null);
      visit(type, selection, below);
      within(selection.selectionSet, result, below);
    }
  };
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) within(node.selectionSet, schema.getQueryType()!, data);
  }
}

/** The type that a field shows, or that its list has. */
function itemOf(type: GraphQLObjectType, field: FieldNode): string | undefined {
  const result = getNamedType(type.getFields()[field.name.value]?.type);
  return result?.name.replace(/Connection$/, '');
}

function isConnection(type: GraphQLObjectType, field: FieldNode): boolean {
  const result = type.getFields()[field.name.value]?.type;
  return result !== undefined && !isListType(getNullableType(result)) && /Connection$/.test(getNamedType(result).name);
}

const contracts = createRegistry(file_merit_personnel_v1_events, file_merit_feedback_v1_events);

/** The events whose answers can be dropped by them, by their topics. */
export const TOPICS = ['merit.personnel.v1', 'merit.feedback.v1'];

/** Of a person's events, those after which a unit may have another head, or its head another name. */
const OF_HEADS: ReadonlySet<string> = new Set(
  ['PositionAssigned', 'AssignmentEnded', 'AssignmentAnnulled', 'EmployeeCorrected', 'EmployeeLeft'].map(
    (name) => `merit.personnel.v1.${name}`,
  ),
);

/** The tags of an event: of what it happened to, and of everything public that it names. */
export function tagsOfEvent({ headers, value }: EventRecord): string[] {
  const type = headers['ce_type'] ?? '';
  const [aggregate, id] = (headers['ce_subject'] ?? '').split('/');
  const entity = ENTITIES[aggregate ?? ''];
  const tags = new Set<string>(entity ? [entity, `${entity}:${id}`] : []);
  if (aggregate === 'calendar') tags.add('WorkCalendar');
  if (OF_HEADS.has(type)) tags.add('UnitHead');
  const contract = contracts.getMessage(type);
  if (contract) for (const named of idsIn(contract, value)) tags.add(named);
  return [...tags];
}

/** `unit_id`, `to_agency_id`, `into_unit_id` and the like. A message that cannot be read names nothing. */
function idsIn(contract: DescMessage, value: Uint8Array): string[] {
  try {
    const message = fromBinary(contract, value) as unknown as Json;
    return contract.fields.flatMap(({ name, localName }) => {
      const aggregate = name === 'parent_id' ? 'unit' : (/(?:^|_)([a-z]+)_id$/.exec(name)?.[1] ?? '');
      const entity = ENTITIES[aggregate];
      return entity && message[localName] ? [`${entity}:${message[localName]}`] : [];
    });
  } catch {
    return [];
  }
}
