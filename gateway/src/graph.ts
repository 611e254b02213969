import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Dispatcher } from 'undici';
import { answerPlugin } from './answer.js';
import type { GatewayContext } from './context.js';
import type { Contract } from './contracts.js';
import { tellNobody } from './env.js';
import { maskError } from './errors.js';
import { limitsPlugin } from './limits.js';
import type { GatewayOptions } from './server.js';
import { subgraph } from './subgraphs.js';

/** Apollo Server over a contract's supergraph, started. It asks nobody at start and reports to nobody later. */
export async function openGraph(
  options: GatewayOptions,
  contract: Contract,
  connections: Dispatcher,
): Promise<ApolloServer<GatewayContext>> {
  const apollo = new ApolloServer<GatewayContext>({
    gateway: openGateway(options, contract, connections),
    introspection: contract.introspection,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    maxRecursiveSelections: true,
    parseOptions: { maxTokens: contract.limits.tokens },
    stopOnTerminationSignals: false,
    logger: quiet(options),
    formatError: (error) => maskError(error),
    plugins: [
      answerPlugin(options.log),
      limitsPlugin(contract),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}

function openGateway(options: GatewayOptions, { supergraph }: Contract, connections: Dispatcher): ApolloGateway {
  tellNobody();
  return new ApolloGateway({
    supergraphSdl: supergraph,
    logger: quiet(options),
    buildService: ({ name }) => {
      const url = options.subgraphs[name];
      if (!url) throw new Error(`The supergraph has a subgraph "${name}", but nothing says where it answers.`);
      return subgraph({ name, url, connections, timeoutMs: options.subgraphTimeoutMs, log: options.log });
    },
  });
}

/** Apollo's remarks on its own start are for us; it logs no requests. */
const quiet = ({ log }: GatewayOptions) => ({
  debug: (message: unknown) => log.debug(String(message)),
  info: (message: unknown) => log.debug(String(message)),
  warn: (message: unknown) => log.warn(String(message)),
  error: (message: unknown) => log.error(String(message)),
});
