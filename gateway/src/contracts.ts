/** The three faces of the graph: which part of it, at which address, for whom. */
import { readFile } from 'node:fs/promises';
import { LIMITS, type Limits } from './limits.js';

export const CONTRACT_NAMES = ['staff', 'partner', 'public'] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

export interface Contract {
  readonly name: ContractName;
  /** Its graph is at `<prefix>/graphql`. */
  readonly prefix: string;
  /** The supergraph composed for it. */
  readonly supergraph: string;
  /** Whether tokens are judged and passed on. Where not, everyone is the public, whatever they send. */
  readonly identified: boolean;
  /** Whether clients may ask for the schema. */
  readonly introspection: boolean;
  /** What one operation, and one caller, may ask for. */
  readonly limits: Limits;
  /** The sites whose pages may ask: all, or these origins. */
  readonly origins: '*' | readonly string[];
}

const PLACES: Readonly<Record<ContractName, Pick<Contract, 'prefix' | 'identified'> & { readonly file: string }>> = {
  staff: { prefix: '', identified: true, file: 'supergraph.graphql' },
  partner: { prefix: '/partner', identified: true, file: 'supergraph.partner.graphql' },
  public: { prefix: '/public', identified: false, file: 'supergraph.public.graphql' },
};

/**
 * The contracts to serve. What the public contract has is no secret, so it tells its schema to anyone and answers the
 * pages of any site; the others do so in development, and answer pages of the sites named.
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
        supergraph: await readFile(new URL(`../${file}`, import.meta.url), 'utf8'),
        introspection: development || name === 'public',
        limits: LIMITS[name],
        origins: name === 'public' ? '*' : origins,
      };
    }),
  );
