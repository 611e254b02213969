/** The three faces of the graph: which part of it, at which address, for whom. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { type KnownDocument, readDocuments } from './documents.js';
import { LIMITS, type Limits } from './limits.js';

export const CONTRACT_NAMES = ['staff', 'partner', 'public'] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

export interface Contract {
  readonly name: ContractName;
  /** Its graph is at `<prefix>/graphql`. */
  readonly prefix: string;
  /** The supergraph composed for it. */
  readonly supergraph: string;
  /** The documents that it answers by name, and the schema that they are read by. */
  readonly known: { readonly schema: GraphQLSchema; readonly documents: ReadonlyMap<string, KnownDocument> } | null;
  /** The texts of documents whose plans are made before anyone asks; none unless told. */
  readonly planned?: readonly string[];
  /** Whether tokens are judged and passed on. Where not, everyone is the public, whatever they send. */
  readonly identified: boolean;
  /** Whether who brings no token may ask. */
  readonly anonymous: boolean;
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean;
  /** What one operation, and one caller, may ask for. */
  readonly limits: Limits;
  /** The sites whose pages may ask: all, or these origins. */
  readonly origins: '*' | readonly string[];
}

const PLACES: Readonly<Record<ContractName, Pick<Contract, 'prefix' | 'identified'> & { readonly file: URL }>> = {
  staff: { prefix: '', identified: true, file: new URL('../supergraph.graphql', import.meta.url) },
  partner: { prefix: '/partner', identified: true, file: new URL('../supergraph.partner.graphql', import.meta.url) },
  public: { prefix: '/public', identified: false, file: new URL('../supergraph.public.graphql', import.meta.url) },
};

/**
 * The contracts to serve. What the public contract has is no secret, so it tells its schema to anyone and answers the
 * pages of any site. The others do so in development, where they answer without a token too, and answer pages of the
 * sites named.
 */
export const readContracts = (
  names: readonly ContractName[],
  { development, origins }: { development: boolean; origins: readonly string[] },
): Promise<Contract[]> =>
  Promise.all(
    names.map(async (name) => {
      const { file, ...place } = PLACES[name];
      return {
        name,
        ...place,
        supergraph: await readFile(file, 'utf8'),
        known: name === 'public' ? await readKnown() : null,
        planned: await readPlanned(name),
        anonymous: development || name === 'public',
        introspection: development || name === 'public',
        limits: LIMITS[name],
        origins: name === 'public' ? '*' : origins,
      };
    }),
  );

async function readKnown(): Promise<Contract['known']> {
  const schema = buildSchema(await readFile(new URL('../contracts/public.graphql', import.meta.url), 'utf8'));
  return { schema, documents: await readDocuments(new URL('../documents/public/', import.meta.url), schema) };
}

/** What is asked again and again: a contract's documents, and of staff the ready queries too. */
async function readPlanned(name: ContractName): Promise<string[]> {
  const own = new URL(`../documents/${name}/`, import.meta.url);
  const folders = name === 'staff' ? [own, new URL('../graphiql/examples/', import.meta.url)] : [own];
  const found = folders
    .filter((folder) => existsSync(folder))
    .map(async (folder) => {
      const files = (await readdir(folder)).filter((file) => file.endsWith('.graphql')).sort();
      return Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')));
    });
  return (await Promise.all(found)).flat();
}
