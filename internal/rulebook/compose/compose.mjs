// Composes federations. Each line of standard input is one of them, {"name": "keys", "subgraphs": [{"name", "sdl"}]}; for each
// there is a line of standard output for each composer, {"name", "composer", "supergraph"}, or "errors" instead of the supergraph.

import { createInterface } from "node:readline";
import { composeServices as apollo } from "@apollo/composition";
import { composeServices as guild } from "@theguild/federation-composition";
import { parse } from "graphql";

const composers = { apollo, guild };

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  for (const composer of Object.keys(composers)) process.stdout.write(JSON.stringify(compose(composer, JSON.parse(line))) + "\n");
}

function compose(composer, { name, subgraphs }) {
  try {
    const services = subgraphs.map((s) => ({ name: s.name, url: `http://${s.name.replace(/[^a-z0-9]+/gi, "-")}.test/graphql`, typeDefs: parse(s.sdl, { noLocation: true }) }));
    const { supergraphSdl, errors } = composers[composer](services);
    if (!supergraphSdl) return { name, composer, errors: errors.map((error) => `${error.extensions?.code ?? "ERROR"}: ${error.message}`) };
    return { name, composer, supergraph: supergraphSdl.trim() + "\n" };
  } catch (error) {
    return { name, composer, errors: [`THROWN: ${error.message}`] };
  }
}
