// Serves the subgraphs people and notes at /people and /notes, for requests with an extension signature made with HMAC_SECRET.
// The first argument is the port at 127.0.0.1. A caller is what was forwarded, and no more is known of how it came to be.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { useHmacSignatureValidation } from "@graphql-mesh/hmac-upstream-signature";
import { useForwardedJWT } from "@graphql-mesh/plugin-jwt-auth";
import { createSchema, createYoga } from "graphql-yoga";

const federation = `
  scalar _Any
  scalar federation__FieldSet
  scalar link__Import
  type _Service { sdl: String! }
  union _Entity = Person
  directive @key(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @external on FIELD_DEFINITION | OBJECT
  directive @requires(fields: federation__FieldSet!) on FIELD_DEFINITION
  directive @link(url: String!, import: [link__Import!]) repeatable on SCHEMA
  extend type Query { _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }
`;
const caller = (context) => context.jwt ?? null;
const notesOf = (id) => [`the first of ${id}`, "Grüße & <Küsse> 😀"];

const resolvers = {
  people: {
    Query: {
      caller: (_, __, context) => caller(context),
      echo: (_, { value }) => value,
      person: (_, { id }) => ({ id }),
    },
    Person: { name: ({ id }) => `Person ${id}`, extra: ({ id }) => parsed(id) },
  },
  notes: {
    Person: {
      notes: ({ id }, { containing }) => notesOf(id).filter((note) => note.includes(containing)),
      repeated: ({ extra }) => extra,
      seenBy: (_, __, context) => caller(context),
    },
  },
};

// parsed is the value that a text is the base64 of, when that is JSON.
function parsed(text) {
  try {
    return JSON.parse(Buffer.from(text, "base64").toString());
  } catch {
    return null;
  }
}

function subgraph(name) {
  const sdl = readFileSync(new URL(`../testdata/${name}.graphql`, import.meta.url), "utf8");
  const query = name === "notes" ? "type Query" : "";
  return createYoga({
    graphqlEndpoint: `/${name}`,
    logging: "error",
    schema: createSchema({
      typeDefs: [sdl, query, federation],
      resolvers: {
        ...resolvers[name],
        Query: {
          ...resolvers[name].Query,
          _entities: (_, { representations }) => representations,
          _service: () => ({ sdl }),
        },
        _Entity: { __resolveType: ({ __typename }) => __typename },
      },
    }),
    plugins: [useHmacSignatureValidation({ secret: process.env.HMAC_SECRET }), useForwardedJWT({})],
  });
}

const subgraphs = { "/people": subgraph("people"), "/notes": subgraph("notes") };
createServer((request, response) => {
  const yoga = subgraphs[request.url.split("?")[0]];
  if (yoga) return yoga(request, response);
  response.statusCode = request.url === "/health" ? 200 : 404;
  response.end();
}).listen(Number(process.argv[2]), "127.0.0.1");

// It ends with whoever started it.
process.stdin.resume().on("end", () => process.exit());
