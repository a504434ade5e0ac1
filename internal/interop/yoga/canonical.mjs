// Reads a JSON array of request bodies and writes the JSON array of the texts that GraphQL Yoga verifies for them.
import { readFileSync } from "node:fs";
import { defaultParamsSerializer } from "@graphql-mesh/hmac-upstream-signature";

const bodies = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(bodies.map((body) => defaultParamsSerializer(JSON.parse(body)))));
