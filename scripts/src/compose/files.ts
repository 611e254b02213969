/** What composition leaves in the repository: for gateways, for clients, and for whoever reviews a change. */
import { CONTRACTS } from './contract.js';
import { composeGraph, coordinatesOf, rulesOf, type Subgraph } from './graph.js';

/**
 * The files by their path:
 * the supergraph of each contract, which never leaves; its API schema, which clients may have; the rule of every
 * coordinate; and what the public can reach, a line each, so that nothing becomes public unseen.
 * @throws COMPOSITION_FAILED
 */
export function composedFiles(subgraphs: readonly Subgraph[], shared: string): Map<string, string> {
  const files = new Map<string, string>();
  const staff = composeGraph(subgraphs, shared);
  files.set('gateway/supergraph.graphql', staff.supergraph);
  files.set('gateway/contracts/staff.graphql', staff.api);
  for (const contract of CONTRACTS) {
    const { supergraph, api } = composeGraph(subgraphs, shared, contract);
    files.set(`gateway/supergraph.${contract.name}.graphql`, supergraph);
    files.set(`gateway/contracts/${contract.name}.graphql`, api);
    files.set(`gateway/contracts/${contract.name}.txt`, lines(coordinatesOf(subgraphs, shared, contract)));
  }
  const rules = [...rulesOf(subgraphs, shared)].map(([coordinate, rule]) => `${coordinate} — ${rule}`);
  files.set('gateway/contracts/access.txt', lines(rules.sort()));
  return files;
}

const lines = (texts: readonly string[]) => `${texts.join('\n')}\n`;
