import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { Dispatcher } from 'undici';
import type { Spend } from './account.js';
import { answerPlugin } from './answer.js';
import type { GatewayContext } from './context.js';
import type { Contract } from './contracts.js';
import { tellNobody } from './env.js';
import { maskError } from './errors.js';
import { limitsPlugin } from './limits.js';
import { makePlans } from './plans.js';
import type { GatewayOptions } from './server.js';
import { sharingReads } from './sharing.js';
import { subgraph } from './subgraphs.js';

/**
 * Apollo Server over a contract's supergraph, started, with the plans of the documents that are known. It asks nobody at
 * start and reports to nobody later.
 */
export async function openGraph(
  options: GatewayOptions,
  contract: Contract,
  connections: Dispatcher,
  spend: Spend,
): Promise<ApolloServer<GatewayContext>> {
  let schema: GraphQLSchema;
  const seeSchema: ApolloServerPlugin<GatewayContext> = {
    async serverWillStart(service) {
      schema = service.schema;
    },
  };
  const apollo = new ApolloServer<GatewayContext>({
    gateway: sharingReads(openGateway(options, contract, connections)),
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
      seeSchema,
      answerPlugin(options.log),
      limitsPlugin(contract, spend),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  await apollo.start();
  await makePlans(apollo, schema!, contract.planned ?? [], options.log);
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
