/** What a change of a contract takes away from its clients, and what it announces that it will. */
import {
  buildSchema,
  findBreakingChanges,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** From the announcement to the day until which a coordinate stays. */
const DAYS_OF_NOTICE = 90;

/** A coordinate that is marked `@deprecated`, and the words by which a later check would say that it went. */
interface Announced {
  readonly coordinate: string;
  readonly removed: string;
  readonly reason: string;
}

/**
 * Everything that a client of the earlier schema may depend on and that the later one does not keep, a sentence each.
 * What the earlier schema had marked `@deprecated` may go once the day that its reason names is over, and with the last
 * of what led to it a type.
 * @param today `YYYY-MM-DD`
 */
export function breaksClients(before: string, after: string, today: string): string[] {
  const earlier = buildSchema(before);
  const until = new Map(announcedIn(earlier).map(({ removed, reason }) => [removed, dayIn(reason)]));
  const over = (removed: string) => (until.get(removed) ?? '9999') < today;
  return findBreakingChanges(earlier, buildSchema(after))
    .map(({ description }) => description)
    .filter((sentence) => !sentence.startsWith('Standard scalar '))
    .filter((sentence) => !over(sentence) && !leadsNowhere(earlier, sentence, over))
    .map((sentence) => (until.get(sentence) ? `${sentence} It is promised until ${until.get(sentence)}.` : sentence));
}

/** Whether this says that a type went to which only led what may go. */
function leadsNowhere(schema: GraphQLSchema, sentence: string, over: (removed: string) => boolean): boolean {
  const name = /^(\w+) was removed\.$/.exec(sentence)?.[1];
  if (name === undefined) return false;
  const ways = Object.values(schema.getTypeMap()).flatMap((type) =>
    fieldsOf(type).flatMap((field) => {
      return [field, ...argsOf(field)]
        .filter((place) => getNamedType(place.type).name === name)
        .map(
          (place) => over(removedField(type.name, field.name)) || over(removedArg(type.name, field.name, place.name)),
        );
    }),
  );
  return ways.length > 0 && ways.every(Boolean);
}

/**
 * What is wrong with the announcements of a contract, a sentence each: a reason says what to use instead, by a coordinate
 * that is there, and until which day this stays: `Use Unit.members until 2027-03-31.`, or `Nothing takes its place. Until
 * 2027-03-31.` One that the earlier schema did not have gives clients 90 days.
 * @param day of the announcement, `YYYY-MM-DD`
 */
export function poorAnnouncements(before: string | null, after: string, day: string): string[] {
  const schema = buildSchema(after);
  const known = coordinatesOf(schema);
  const earlier = new Set(before === null ? [] : announcedIn(buildSchema(before)).map(({ coordinate }) => coordinate));
  const notice = new Date(Date.parse(day) + DAYS_OF_NOTICE * 86_400_000).toISOString().slice(0, 10);
  return announcedIn(schema).flatMap(({ coordinate, reason }) => {
    const until = dayIn(reason);
    const instead = /\b[Uu]se `?([A-Za-z_][\w.]*(?:\(\w+:\))?)/.exec(reason)?.[1]?.replace(/\.$/, '');
    const named = instead === undefined ? /nothing takes its place/i.test(reason) : known.has(instead);
    return [
      ...(named
        ? []
        : [`${coordinate} is deprecated without a coordinate of this contract to use instead: “${reason}”.`]),
      ...(until === undefined ? [`${coordinate} is deprecated without a day: “until YYYY-MM-DD”.`] : []),
      ...(until !== undefined && !earlier.has(coordinate) && until < notice
        ? [`${coordinate} is deprecated until ${until}; its clients have ${DAYS_OF_NOTICE} days, until ${notice}.`]
        : []),
    ];
  });
}

/** The day in a reason, where it is one that the calendar has. */
function dayIn(reason: string): string | undefined {
  const day = /\b[Uu]ntil (\d{4}-\d{2}-\d{2})\b/.exec(reason)?.[1];
  return day && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) ? day : undefined;
}

const removedField = (type: string, field: string) => `${type}.${field} was removed.`;
const removedArg = (type: string, field: string, arg: string) => `${type}.${field} arg ${arg} was removed.`;

const fieldsOf = (type: unknown): (GraphQLField<unknown, unknown> | GraphQLInputField)[] =>
  isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [];

const argsOf = (field: GraphQLField<unknown, unknown> | GraphQLInputField): readonly GraphQLArgument[] =>
  'args' in field ? field.args : [];

function announcedIn(schema: GraphQLSchema): Announced[] {
  const found: { coordinate: string; removed: string; reason: string | null | undefined }[] = [];
  for (const type of Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))) {
    for (const { name, deprecationReason: reason } of isEnumType(type) ? type.getValues() : [])
      found.push({
        coordinate: `${type.name}.${name}`,
        removed: `${name} was removed from enum type ${type.name}.`,
        reason,
      });
    for (const field of fieldsOf(type)) {
      const coordinate = `${type.name}.${field.name}`;
      found.push({ coordinate, removed: removedField(type.name, field.name), reason: field.deprecationReason });
      for (const { name, deprecationReason: reason } of argsOf(field))
        found.push({ coordinate: `${coordinate}(${name}:)`, removed: removedArg(type.name, field.name, name), reason });
    }
  }
  return found.flatMap(({ reason, ...rest }) => (reason ? [{ ...rest, reason }] : []));
}

function coordinatesOf(schema: GraphQLSchema): Set<string> {
  const all = Object.values(schema.getTypeMap()).flatMap((type) => [
    type.name,
    ...(isEnumType(type) ? type.getValues().map(({ name }) => `${type.name}.${name}`) : []),
    ...fieldsOf(type).flatMap((field) => [
      `${type.name}.${field.name}`,
      ...argsOf(field).map(({ name }) => `${type.name}.${field.name}(${name}:)`),
    ]),
  ]);
  return new Set(all);
}
