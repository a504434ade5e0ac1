// Plans operations with Hive Router's planner. Each line of standard input is one supergraph with operations,
// {"supergraph": "...", "operations": ["..."]}. There is a line of standard output for each operation, as soon as it is planned
// (the process can die of the next): the requests of the plan, how many of them are made one after the other, and its text,
// {"fetches": [{"subgraph": "a", "document": "..."}], "waves": 1, "text": "..."}, or {"error": "..."}.

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { QueryPlanner } from "@graphql-hive/router-query-planner";

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  const { supergraph, operations } = JSON.parse(line);
  const plan = operations.length > 0 && open(supergraph);
  for (const operation of operations) writeSync(1, JSON.stringify(plan(operation)) + "\n");
}

function open(supergraph) {
  try {
    const planner = new QueryPlanner(supergraph);
    return (operation) => {
      try {
        const lines = [];
        const { node } = planner.plan(operation, null, new Set(), 100);
        const { fetches, waves } = measure(node, "", "", lines);
        return { fetches, waves, text: lines.join("\n") };
      } catch (error) {
        return { error: String(error.message ?? error) };
      }
    };
  } catch (error) {
    return () => ({ error: String(error.message ?? error) });
  }
}

// measure lists the requests of a node, and counts how many of them have to be made one after the other.
function measure(node, indent, at, lines) {
  if (node === undefined || node === null) return { fetches: [], waves: 0 };
  const note = (text) => lines.push(indent + text);
  const below = (list) => list.map((n) => measure(n, indent + "  ", "", lines));
  switch (node.kind) {
    case "Fetch":
      note(`${node.serviceName} ${at} ${node.operation}${node.requires ? " by " + requires(node.requires) : ""}`);
      return { fetches: [{ subgraph: node.serviceName, document: node.operation }], waves: 1 };
    case "BatchFetch":
      for (const a of node.entityBatch.aliases) note(`${a.alias} at ${a.paths.map(path).join(", ")} by ${requires(a.requires)}`);
      note(`${node.serviceName} ${node.operation}`);
      return { fetches: [{ subgraph: node.serviceName, document: node.operation }], waves: 1 };
    case "Flatten":
      return measure(node.node, indent, path(node.path), lines);
    case "Subscription":
      return measure(node.primary, indent, at, lines);
    case "Sequence": {
      note("sequence");
      const all = below(node.nodes);
      return { fetches: all.flatMap((n) => n.fetches), waves: all.reduce((total, n) => total + n.waves, 0) };
    }
    case "Parallel": {
      note("parallel");
      const all = below(node.nodes);
      return { fetches: all.flatMap((n) => n.fetches), waves: Math.max(0, ...all.map((n) => n.waves)) };
    }
    default:
      throw new Error("a node of kind " + node.kind);
  }
}

function path(segments) {
  return segments.map((s) => (s === "@" ? s : s.Field ?? `|[${s.TypeCondition.join("|")}]`)).join(".");
}

function requires(selections) {
  const one = (s) => (s.kind === "Field" ? s.name : "..." + (s.typeCondition ?? s.value)) + (s.selections ? requires(s.selections) : "");
  return "{" + selections.map(one).join(" ") + "}";
}
