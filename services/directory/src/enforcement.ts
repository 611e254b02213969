/** `@access` on a schema: every field of it is wrapped in the judgement of its rule, or the service does not start. */
import type { ServiceContext } from '@merit/chassis/api/context';
import type { Protect } from '@merit/chassis/api/graph';
import { isId, requireId } from '@merit/chassis/errors';
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { recordReads, removeOldReads } from './access-log.js';
import type { About } from './audience.js';
import { accessTypeDefs } from './audience.js';
import { isRefused, type Refused, refusal, type Verdict, verdict } from './judgement.js';
import { narrowedInputs, narrowedOutputs } from './narrowing.js';
import { isLogged, noteRead } from './reads.js';
import { checkRule, type FieldRules, fieldRules, isAlwaysAllowed, type Rule } from './rules.js';

/** The fields that federation itself adds to Query: entities are judged field by field, the SDL is no data. */
const FEDERATION_FIELDS = new Set(['_entities', '_service']);

/**
 * Wraps each field in its rule: denied is null and FORBIDDEN with its path. What is granted of other people's is written
 * down before the answer leaves. Changes the schema that it is given.
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
  { typeDefs: accessTypeDefs, record: recordReads, tidy: removeOldReads },
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
  const admit: Admit = (context, found, { employee }) => {
    if (isRefused(found)) throw refusal(found);
    if (employee && isLogged(found)) noteRead(context, { type: type.name, field: field.name, role: found, employee });
  };
  const afterwards = narrowedOutputs(schema, field, rules[0]!);
  const beforehand = narrowedInputs(schema, field, rules[0]!);

  let guarded: Resolve = resolve;
  if (afterwards) {
    guarded = async (source, args, context, info) => {
      const result = await resolve(source, args, context, info);
      for (const rule of afterwards(result)) {
        const about = places(rule, source, args);
        admit(context, await verdict(context, rule.to, about), about);
      }
      return result;
    };
  }
  if (beforehand) guarded = judgedByInputs(guarded, beforehand, places, admit);
  if (!isAlwaysAllowed(rules)) guarded = judged(guarded, rules, places, admit);
  if (guarded !== resolve) field.resolve = guarded;
}

type Places = (rule: Rule, source: unknown, args: unknown) => About;

/** Lets a viewer in, and notes whose data is shown to whom; or throws the refusal. */
type Admit = (context: ServiceContext, found: Verdict, about: About) => void;

/** Without a promise where the verdict is known already: most fields of an object share one. */
const judged =
  (resolve: Resolve, rules: readonly Rule[], places: Places, admit: Admit): Resolve =>
  (source, args, context, info) => {
    const about = rules.map((rule) => places(rule, source, args));
    const found = bestOf(rules.map((rule, n) => verdict(context, rule.to, about[n]!)));
    const goOn = ({ best, at }: Best) => {
      admit(context, best, about[at]!);
      return resolve(source, args, context, info);
    };
    return found instanceof Promise ? found.then(goOn) : goOn(found);
  };

const judgedByInputs =
  (resolve: Resolve, used: (args: Record<string, unknown>) => Rule[], places: Places, admit: Admit): Resolve =>
  async (source, args, context, info) => {
    for (const rule of used(args)) {
      const about = places(rule, source, args);
      admit(context, await verdict(context, rule.to, about), about);
    }
    return resolve(source, args, context, info);
  };

interface Best {
  readonly best: Verdict;
  /** By which of the rules. */
  readonly at: number;
}

/**
 * The best of the verdicts: first one that need not be written down. Keys have several rules; everything else has one.
 */
function bestOf(found: readonly (Verdict | Promise<Verdict>)[]): Best | Promise<Best> {
  const ready = found.findIndex((each) => typeof each === 'string' && isFree(each));
  if (ready >= 0) return { best: found[ready] as Verdict, at: ready };
  return found.some((each) => each instanceof Promise)
    ? Promise.all(found).then(bestKnown)
    : bestKnown(found as readonly Verdict[]);
}

const isFree = (found: Verdict): boolean => !isRefused(found) && !isLogged(found);

function bestKnown(found: readonly Verdict[]): Best {
  for (const isBest of [isFree, isLogged, isStale]) {
    const at = found.findIndex(isBest);
    if (at >= 0) return { best: found[at]!, at };
  }
  return { best: 'DENIED', at: 0 };
}

const isStale = (found: Verdict): found is Refused => found === 'STALE';

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
