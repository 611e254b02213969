/** Draws GraphiQL with the ready queries as tabs; everything comes from this gateway, nothing from the network. */
const { GraphiQL, React, ReactDOM } = window;

const NO_TOKEN = JSON.stringify({ authorization: 'Bearer paste-a-token-here' }, null, 2);

/** The preset header is no token: sent as it stands it would be refused, so the query goes out as the public. */
async function send(params, options) {
  const headers = Object.fromEntries(
    Object.entries(options?.headers ?? {}).filter(([, value]) => !String(value).includes('paste-a-token-here')),
  );
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(params),
  });
  return answer.json();
}

async function draw() {
  const examples = await (await fetch('/graphiql/examples.json')).json();
  const tabs = examples.map(({ query, variables }) => ({
    query,
    variables: JSON.stringify(variables, null, 2),
    headers: NO_TOKEN,
  }));
  const visitedBefore = localStorage.getItem('graphiql:tabState') !== null;
  const page = React.createElement(GraphiQL, {
    fetcher: send,
    defaultTabs: tabs,
    // GraphiQL shows the first tab's variables and headers only when they are given once more.
    ...(visitedBefore ? {} : tabs[0]),
    defaultHeaders: NO_TOKEN,
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: true,
  });
  ReactDOM.createRoot(document.getElementById('graphiql')).render(page);
}

draw();
