// Composes the <subgraph>.subgraph.graphql files of each case into its supergraph.graphql.
//
//   node planner/testdata/compose.mjs [case...]
//
// The composer is that of examples/subgraphs/compose: run npm install there first. A supergraph.graphql that begins with a
// comment was written by hand, since the composer refuses the case, and stays as it is.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, "../../examples/subgraphs/compose/package.json"));
const { composeServices, compositionHasErrors } = require("@theguild/federation-composition");
const { parse } = require("graphql");
const suffix = ".subgraph.graphql";

const cases = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(here).sort();
for (const name of cases) compose(join(here, name), name);

function compose(folder, name) {
  if (!existsSync(folder) || !folder.startsWith(here) || name.includes(".")) return;
  const files = readdirSync(folder).filter((file) => file.endsWith(suffix)).sort();
  const target = join(folder, "supergraph.graphql");
  if (files.length === 0 || (existsSync(target) && readFileSync(target, "utf8").startsWith("#"))) return;
  const result = composeServices(
    files.map((file) => {
      const subgraph = file.slice(0, -suffix.length);
      return { name: subgraph, url: `http://${subgraph}.test/graphql`, typeDefs: parse(readFileSync(join(folder, file), "utf8")) };
    }),
  );
  if (compositionHasErrors(result)) {
    for (const error of result.errors) console.error(`${name}: ${error.extensions?.code ?? "ERROR"}: ${error.message}`);
    process.exitCode = 1;
    return;
  }
  writeFileSync(target, result.supergraphSdl.trim() + "\n");
}
