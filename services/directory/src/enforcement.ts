/** `@access` on a schema: every field of it is wrapped in the judgement of its rule, or the service does not start. */
import type { ServiceContext } from '@merit/chassis/context';
import { isId, requireId } from '@merit/chassis/errors';
import type { Protect } from '@merit/chassis/graph';
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { About } from './audience.js';
import { accessTypeDefs } from './audience.js';
import { refusal, type Verdict, verdict } from './judgement.js';
import { narrowedInputs, narrowedOutputs } from './narrowing.js';
import { checkRule, type FieldRules, fieldRules, isAlwaysAllowed, type Rule } from './rules.js';

/** The fields that federation itself adds to Query: entities are judged field by field, the SDL is no data. */
const FEDERATION_FIELDS = new Set(['_entities', '_service']);

/**
 * Wraps each field in its rule: denied is null and FORBIDDEN with its path. Changes the schema that it is given.
 * @throws, naming the coordinate, for a field without a rule or with one that cannot be judged
 */
export const enforceAccess: Protect = Object.assign(
  (schema: GraphQLSchema): GraphQLSchema => {
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith('_') || !(isObjectType(type) || isInterfaceType(type))) continue;
      const rules = fieldRules(schema, type);
      for (const field of Object.values(type.getFields())) {
        if (type === schema.getQueryType() && FEDERATION_FIELDS.has(field.name)) continue;
        const found = rules(field);
        checkRule(schema, type, field, found);
        if (isObjectType(type)) protectField(schema, type, field, found);
      }
    }
    return schema;
  },
  { typeDefs: accessTypeDefs },
);

type Field = GraphQLField<unknown, ServiceContext>;
type Resolve = GraphQLFieldResolver<unknown, ServiceContext>;

function protectField(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  field: Field,
  { rules, isKey }: FieldRules,
): void {
  const isRoot = type === schema.getQueryType() || type === schema.getMutationType();
  const where = { isRoot, coordinate: `${type.name}.${field.name}`, isKey };
  const places = (rule: Rule, source: unknown, args: unknown): About => ({
    ...aboutOf(rule, isRoot ? args : source, where),
    year: yearAt(rule.year, { source, args }, where),
    orToday: rule.orToday,
  });
  const resolve = field.resolve ?? defaultFieldResolver;
  const afterwards = narrowedOutputs(schema, field, rules[0]!);
  const beforehand = narrowedInputs(schema, field, rules[0]!);

  let guarded: Resolve = resolve;
  if (afterwards) {
    guarded = async (source, args, context, info) => {
      const result = await resolve(source, args, context, info);
      for (const rule of afterwards(result)) refuse(await verdict(context, rule.to, places(rule, source, args)));
      return result;
    };
  }
  if (beforehand) guarded = judgedByInputs(guarded, beforehand, places);
  if (!isAlwaysAllowed(rules)) guarded = judged(guarded, rules, places);
  if (guarded !== resolve) field.resolve = guarded;
}

type Places = (rule: Rule, source: unknown, args: unknown) => About;

/** Without a promise where the verdict is known already: most fields of an object share one. */
const judged =
  (resolve: Resolve, rules: readonly Rule[], places: Places): Resolve =>
  (source, args, context, info) => {
    const found = anyOf(rules.map((rule) => verdict(context, rule.to, places(rule, source, args))));
    const goOn = (found: Verdict) => {
      refuse(found);
      return resolve(source, args, context, info);
    };
    return found instanceof Promise ? found.then(goOn) : goOn(found);
  };

const judgedByInputs =
  (resolve: Resolve, used: (args: Record<string, unknown>) => Rule[], places: Places): Resolve =>
  async (source, args, context, info) => {
    for (const rule of used(args)) refuse(await verdict(context, rule.to, places(rule, source, args)));
    return resolve(source, args, context, info);
  };

/** The best of the verdicts. Keys have several rules; everything else has one. */
function anyOf(found: readonly (Verdict | Promise<Verdict>)[]): Verdict | Promise<Verdict> {
  if (found.includes('ALLOWED')) return 'ALLOWED';
  if (found.length === 1) return found[0]!;
  return Promise.all(found).then((all) =>
    all.includes('ALLOWED') ? 'ALLOWED' : all.includes('STALE') ? 'STALE' : 'DENIED',
  );
}

function refuse(found: Verdict): void {
  if (found !== 'ALLOWED') throw refusal(found);
}

interface Where {
  readonly isRoot: boolean;
  readonly coordinate: string;
  readonly isKey: boolean;
}

/** The ids that a rule is judged by, read from the parent, or from the arguments of a root field. */
function aboutOf(rule: Rule, source: unknown, where: Where): About {
  return {
    employee: idAt(rule.employee, source, where),
    unit: idAt(rule.unit, source, where),
    agency: idAt(rule.agency, source, where),
  };
}

/** The year is an argument of the field; of a field without one, a property of the parent. */
function yearAt(name: string | undefined, { source, args }: { source: unknown; args: unknown }, where: Where) {
  if (name === undefined) return null;
  const year =
    (args as Record<string, unknown>)[name] ?? (source as Record<string, unknown> | null | undefined)?.[name];
  if (Number.isInteger(year)) return year as number;
  if (where.isKey) return null;
  throw new Error(`${where.coordinate} is judged by the year ${name}, which is neither an argument nor of its parent.`);
}

function idAt(path: string | undefined, source: unknown, { isRoot, coordinate, isKey }: Where): string | null {
  if (path === undefined) return null;
  const value = path
    .split('.')
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | null)?.[name], source);
  if (value === null) return null;
  if (isRoot) return value === undefined ? null : requireId(value, path.split('.').at(-1)!);
  if (isId(value)) return value;
  // A reference to an entity holds its key alone; the rules that are judged by more do not help to see it.
  if (isKey) return null;
  // A parent without the property would be denied to all but the public, which nobody would notice in time.
  throw new Error(`${coordinate} is judged by the property ${path} of its parent, which holds no id.`);
}
