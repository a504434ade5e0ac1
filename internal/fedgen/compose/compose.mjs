// Composes federations. Each line of standard input is one of them, {"seed": 7, "subgraphs": [{"name", "sdl"}]}; each
// line of standard output is its supergraph, {"seed": 7, "supergraph": "..."}, or {"seed": 7, "errors": ["..."]}. COMPOSER=apollo
// takes Apollo's composition in place of The Guild's. It works on some federations for minutes: one that takes longer than 20 s
// counts as refused.

import { createInterface } from "node:readline";
import { runInThisContext } from "node:vm";
import { parse } from "graphql";

const { composeServices } = await import(process.env.COMPOSER === "apollo" ? "@apollo/composition" : "@theguild/federation-composition");

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() !== "") process.stdout.write(JSON.stringify(compose(JSON.parse(line))) + "\n");
}

function compose({ seed, subgraphs }) {
  try {
    const services = subgraphs.map(({ name, sdl }) => ({ name, url: `http://${name}`, typeDefs: parse(sdl, { noLocation: true }) }));
    globalThis.run = () => composeServices(services);
    const result = runInThisContext("run()", { timeout: 20_000 });
    if (!result.supergraphSdl) {
      return { seed, errors: result.errors.map((error) => `${error.extensions?.code ?? "ERROR"}: ${error.message}`) };
    }
    return { seed, supergraph: result.supergraphSdl.trim() + "\n" };
  } catch (error) {
    return { seed, errors: [`THROWN: ${error.message}\n${error.stack}`] };
  }
}
