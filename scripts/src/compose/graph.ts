import * as apollo from '@apollo/composition';
import { DomainError } from '@merit/chassis/errors';
import { composeServices } from '@theguild/federation-composition';
import {
  buildASTSchema,
  concatAST,
  type DefinitionNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  Source,
  visit,
} from 'graphql';
import { accessRules, differingRules, withoutAccess } from './access.js';
import { type Contract, deadEnds, hideAllBut, reachable } from './contract.js';

/** The services whose schemas make the graph. */
export const SUBGRAPHS = ['competency', 'feedback', 'performance', 'personnel'] as const;

/** A service's part of the graph: its name and the text of its schema.graphql. */
export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
}

/** The Guild's composition refuses 2.10 to 2.12, and other routers do too. */
const HIGHEST_MINOR = 9;

/** What the subgraphs are together. */
export interface Graph {
  /** The supergraph's SDL, for gateways and routers; it names what is hidden, so it never leaves. */
  readonly supergraph: string;
  /** The schema as clients may know it. */
  readonly api: string;
}

/**
 * Composes the supergraph of these subgraphs, whole or for one contract.
 *
 * `shared` is the SDL that every service adds to its own (scalars, PageInfo). Two composers do the work, one of
 * them independent of Apollo, and must agree on the API schema: what clients see then hangs on neither's whims.
 * @returns definitions by name, so that both texts change only where the graph does
 * @throws COMPOSITION_FAILED: everything that keeps the subgraphs from being one graph, a line each, with the subgraph's name
 */
export function composeGraph(subgraphs: readonly Subgraph[], shared: string, contract?: Contract): Graph {
  const parsed = subgraphs.map(({ name, sdl }) => ({ name, document: read(name, sdl, shared) }));
  refuse(parsed.flatMap(({ name, document }) => tooNew(name, document)));
  refuse(differingRules(parsed));
  const documents = parsed.map(({ document }) => document);
  if (contract) refuse(deadEnds(documents, contract));
  const visible = contract && reachable(documents, contract);
  const services = parsed.map(({ name, document }) => ({
    name,
    url: `http://${name}/graphql`,
    typeDefs: withoutAccess(visible ? hideAllBut(document, visible) : document),
  }));
  const guild = composeServices(services);
  refuse((guild.errors ?? []).map(sentence));
  const other = apollo.composeServices(services);
  refuse((other.errors ?? []).map(sentence));
  const api = buildASTSchema(guild.publicDocumentNode!);
  refuse(disagreement(api, other.schema!.toAPISchema().toGraphQLJSSchema()));
  return {
    supergraph: inOrder(guild.supergraphDocumentNode!),
    api: `${printSchema(lexicographicSortSchema(api))}\n`,
  };
}

/** The coordinates of a contract as a list to read, a line each, in order. */
export const coordinatesOf = (subgraphs: readonly Subgraph[], shared: string, contract: Contract): string[] =>
  [
    ...reachable(
      subgraphs.map(({ name, sdl }) => read(name, sdl, shared)),
      contract,
    ),
  ].sort();

/** Every coordinate with the rule that it is judged by. */
export function rulesOf(subgraphs: readonly Subgraph[], shared: string): Map<string, string> {
  const rules = subgraphs.flatMap(({ name, sdl }) => [...accessRules(read(name, sdl, shared))]);
  // An argument, input field or enum value without a rule of its own has that of the field it is used at.
  return new Map(rules.filter(([, rule]) => rule !== 'no rule'));
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new DomainError('COMPOSITION_FAILED', problems.join('\n'));
}

function read(name: string, sdl: string, shared: string): DocumentNode {
  try {
    return concatAST([parse(new Source(sdl, `services/${name}/schema.graphql`)), parse(shared)]);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const at = error.locations?.[0];
    refuse([`[${name}] services/${name}/schema.graphql:${at?.line}:${at?.column} ${error.message}`]);
    throw error;
  }
}

/** What `@link`s to a later federation than we may use, or to none. */
function tooNew(name: string, document: DocumentNode): string[] {
  const minor = /specs\.apollo\.dev\/federation\/v2\.(\d+)/.exec(print(document))?.[1];
  if (minor === undefined)
    return [`[${name}] has no @link to https://specs.apollo.dev/federation/v2.${HIGHEST_MINOR}.`];
  if (Number(minor) <= HIGHEST_MINOR) return [];
  return [`[${name}] links federation v2.${minor}; v2.${HIGHEST_MINOR} is the highest that all routers take.`];
}

const sentence = (error: GraphQLError) => `${error.message} (${error.extensions['code'] ?? 'no code'})`;

/**
 * The first lines in which two API schemas differ; empty when they are equal. Descriptions are left out: where two
 * subgraphs describe a type differently, each composer has its own way to choose one.
 */
function disagreement(guild: GraphQLSchema, other: GraphQLSchema): string[] {
  const [ours, theirs] = [guild, other].map((schema) =>
    print(undescribed(parse(printSchema(lexicographicSortSchema(schema))))).split('\n'),
  );
  const at = ours!.findIndex((line, index) => line !== theirs![index]);
  if (at < 0 && ours!.length === theirs!.length) return [];
  const around = (lines: readonly string[]) => lines.slice(Math.max(0, at - 3), at + 2).join('\n    ');
  return [
    `The two composers give different API schemas.\n  Guild:\n    ${around(ours!)}\n  Apollo:\n    ${around(theirs!)}`,
  ];
}

const undescribed = (document: DocumentNode): DocumentNode =>
  visit(document, {
    enter: (node) => ('description' in node && node.description ? { ...node, description: undefined } : undefined),
  });

/** The schema first, then every definition by its name, fields as their services wrote them. */
function inOrder(supergraph: DocumentNode): string {
  const nameOf = (node: DefinitionNode) => ('name' in node && node.name ? node.name.value : '');
  const definitions = [...supergraph.definitions].sort(
    (a, b) => Number(nameOf(a) > nameOf(b)) - Number(nameOf(a) < nameOf(b)),
  );
  return `${print({ ...supergraph, definitions })}\n`;
}
