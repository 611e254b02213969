/** A stock `@apollo/gateway` on a supergraph: the library as its manual sets it up, with the token passed on. */
import { readFileSync } from 'node:fs';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { contenderEnv } from './contender.env.js';

interface Context {
  readonly authorization?: string | undefined;
}

const { port, host, supergraph, subgraphs } = contenderEnv();

class WithToken extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({ request, context }: { request: { http?: unknown }; context: Context }): void {
    const http = request.http as { headers: { set(name: string, value: string): void } };
    if (context.authorization) http.headers.set('authorization', context.authorization);
  }
}

const server = new ApolloServer<Context>({
  gateway: new ApolloGateway({
    supergraphSdl: readFileSync(supergraph, 'utf8'),
    buildService: ({ name }) => new WithToken({ url: subgraphs[name]! }),
  }),
  introspection: false,
});
await startStandaloneServer(server, {
  listen: { port, host },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
});
