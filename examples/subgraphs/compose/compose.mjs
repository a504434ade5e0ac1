// Composes ../shop/*.graphql into ../supergraph.graphql, and, without the auth directives, into
// ../supergraph-open.graphql.
//
//   npm install && npm run compose
//
// With a folder as argument the two files are written there instead.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { composeServices, compositionHasErrors } from "@theguild/federation-composition";
import { parse, visit } from "graphql";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "..");
const ports = { accounts: 4101, products: 4102, reviews: 4103, inventory: 4104 };
const auth = ["authenticated", "requiresScopes", "policy"];

const services = Object.entries(ports).map(([name, port]) => ({
  name,
  url: `http://127.0.0.1:${port}/graphql`,
  typeDefs: parse(readFileSync(join(here, "..", "shop", `${name}.graphql`), "utf8")),
}));

write("supergraph.graphql", services);
write("supergraph-open.graphql", services.map((service) => ({ ...service, typeDefs: withoutAuth(service.typeDefs) })));

function write(file, composed) {
  const result = composeServices(composed);
  if (compositionHasErrors(result)) {
    for (const error of result.errors) console.error(`${error.extensions?.code ?? "ERROR"}: ${error.message}`);
    process.exit(1);
  }
  writeFileSync(join(target, file), result.supergraphSdl.trim() + "\n");
}

// withoutAuth removes the directives where they are applied and where @link imports them.
function withoutAuth(document) {
  return visit(document, {
    Directive: (node) => (auth.includes(node.name.value) ? null : undefined),
    StringValue: (node) => (auth.includes(node.value.slice(1)) && node.value[0] === "@" ? null : undefined),
  });
}
