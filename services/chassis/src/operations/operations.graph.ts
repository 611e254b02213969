/** What people see of a service's events and do about them: its fields in the graph, all for ADMIN. */
import type { Registry } from '@bufbuild/protobuf';
import type { ServiceContext } from '../api/context.js';
import { mergeResolvers } from '../api/graph.js';
import { connection, type Key, type PageArguments, parsePage, seek } from '../api/page.js';
import { asOf, type Subscription } from '../in/consumer.js';
import { discardDeadLetter, retryDeadLetter } from '../in/deadletter.js';
import type { ReadModel } from '../in/readmodel.js';
import type { Logger } from '../log.js';
import { backlogOf } from '../out/outbox.table.js';
import { within } from '../pause.js';
import type { EventTransport } from '../transport/transport.js';
import type { AuditEntry } from './audit.js';
import { findDeadLetter, letterResolvers, settling } from './operations.letters.js';
import { publishingFields, publishingMutations } from './operations.publishing.js';
import { rebuildFields, rebuildMutations } from './operations.rebuilds.js';
import { operationsTypeDefs } from './operations.sdl.js';
import {
  AUDIT_ORDER,
  countAudit,
  countLetters,
  countParked,
  heardOf,
  LETTER_ORDER,
  nowOf,
  PARKED_ORDER,
  type Placed,
  pageOfAudit,
  pageOfLetters,
  pageOfParked,
} from './operations.table.js';

/** A service's events, as far as its part of the graph must know of them. */
export interface Operations {
  /** `performance`: its fields are performanceEvents, retryPerformanceDeadLetter and so on. */
  readonly name: string;
  /** `/merit/performance`. */
  readonly source: string;
  /** `merit.performance.v1`. */
  readonly topic: string;
  readonly transport: EventTransport;
  /** Under which name it reads. */
  readonly group: string;
  /** What it reads; none when it reads nothing. */
  readonly subscriptions: readonly Subscription[];
  /** Read models that it keeps beside those of its subscriptions: of what it publishes itself. */
  readonly models?: readonly ReadModel[];
  /** The contracts by which payloads are shown. */
  readonly contracts: Registry;
  readonly log: Logger;
}

interface Part {
  readonly typeDefs: string;
  readonly resolvers: object;
}

/** A service's part of the graph together with the fields of its events. */
export const withOperations = ({ typeDefs, resolvers }: Part, operations: Operations): Part => ({
  typeDefs: `${typeDefs}\n${operationsTypeDefs(operations.name)}`,
  resolvers: mergeResolvers([resolvers as Record<string, object>, operationsResolvers(operations)]),
});

type Root = Record<string, never>;

function operationsResolvers(operations: Operations): Record<string, object> {
  const { name, source, topic, contracts } = operations;
  const Name = name[0]!.toUpperCase() + name.slice(1);
  return {
    Query: { [`${name}Events`]: () => ({ source, topic }) },
    Mutation: {
      [`retry${Name}DeadLetter`]: settling(operations.subscriptions, 'retryDeadLetter', retryDeadLetter),
      [`discard${Name}DeadLetter`]: settling(operations.subscriptions, 'discardDeadLetter', discardDeadLetter),
      ...publishingMutations(operations, Name),
      ...rebuildMutations(operations, Name),
    },
    EventOperations: {
      ...publishingFields,
      ...rebuildFields(operations),
      now: (_: Root, __: unknown, { db }: ServiceContext) => nowOf(db),
      relay: async (_: Root, __: unknown, { db }: ServiceContext) => {
        const { waiting, oldestSeconds, parked } = await backlogOf(db);
        return { backlog: waiting, oldestSeconds, parked };
      },
      asOf: (_: Root, __: unknown, { db }: ServiceContext) => (operations.subscriptions.length > 0 ? asOf(db) : null),
      lag: (_: Root, __: unknown, { db }: ServiceContext) => lagOf(operations, db),
      deadLetters: (_: Root, args: PageArguments & { state?: string | null }, { db }: ServiceContext) => {
        const state = args.state ?? 'WAITING';
        return list(args, {
          order: LETTER_ORDER,
          read: (page) => pageOfLetters(db, state, page),
          total: () => countLetters(db, state),
          firstParameter: 2,
        });
      },
      deadLetter: (_: Root, { id }: { id: string }, { db }: ServiceContext) => findDeadLetter(db, id),
      parkedEvents: (_: Root, args: PageArguments, { db }: ServiceContext) =>
        list(args, { order: PARKED_ORDER, read: (page) => pageOfParked(db, page), total: () => countParked(db) }),
      audit: (_: Root, args: PageArguments, { db }: ServiceContext) =>
        list(args, {
          order: AUDIT_ORDER,
          read: (page) => pageOfAudit(db, page),
          total: () => countAudit(db),
          descending: true,
        }),
    },
    DeadLetter: letterResolvers(contracts),
    OperationAudit: {
      detail: ({ detail }: AuditEntry) => (detail === null ? null : JSON.stringify(detail)),
    },
  };
}

/** Shorter than the gateway's patience, which would take the rest of the answer away too. Milliseconds. */
const LAG_WITHIN_MS = 5_000;

/** Null while the transport cannot be asked: the rest of the answer is wanted most then. */
async function lagOf({ transport, group, subscriptions, log }: Operations, db: ServiceContext['db']) {
  const topics = [...new Set(subscriptions.map(({ topic }) => topic))];
  if (topics.length === 0) return [];
  const silent = new Set(subscriptions.filter(({ heartbeats }) => heartbeats === false).map(({ topic }) => topic));
  const lags = await within(LAG_WITHIN_MS, transport.lag(group, topics)).catch((err) => {
    log.warn({ err, group }, 'the lag cannot be told');
    return null;
  });
  if (lags === null) return null;
  const heard = await heardOf(db);
  return [...lags]
    .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    .map((each) => ({
      ...each,
      asOf: heard.get(`${each.topic}/${each.partition}`) ?? null,
      heartbeats: !silent.has(each.topic),
    }));
}

/** A list as a connection, whose `total` is counted when it is asked for. */
async function list<Row>(
  args: PageArguments,
  { order, read, total, firstParameter = 1, descending = false }: List<Row>,
) {
  const page = parsePage(args, { keys: order.length });
  const rows = await read(seek(page, order, { descending, firstParameter }));
  return { ...connection(rows, page, ({ place }) => place), total };
}

interface List<Row> {
  readonly order: readonly Key[];
  readonly read: (page: ReturnType<typeof seek>) => Promise<Placed<Row>[]>;
  readonly total: () => Promise<number>;
  /** Of the page: those before it are the reader's own. */
  readonly firstParameter?: number;
  readonly descending?: boolean;
}
