// Starts GraphiQL. It is a file of its own, since the page's policy forbids scripts inside the page.
"use strict";

const root = document.getElementById("graphiql");
const fetcher = GraphiQL.createFetcher({ url: new URL(root.dataset.endpoint, location.href).href });

ReactDOM.createRoot(root).render(
  React.createElement(GraphiQL, { fetcher, defaultEditorToolsVisibility: true, shouldPersistHeaders: false }),
);
