// Serves the subgraph people, of which there is one field, caller, for requests whose message signature http-message-signatures verifies with
// MESSAGE_KEY. A caller is what was forwarded, and the session headers. The first argument is the port at 127.0.0.1.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import lib from "http-message-signatures";

const { httpbis, createVerifier } = lib;
const verify = createVerifier(Buffer.from(process.env.MESSAGE_KEY, "base64"), "hmac-sha256");
const isSession = (name) => name.startsWith("x-session-");

createServer(async (request, response) => {
  const answer = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  if (request.url === "/health") return answer(200, {});
  try {
    const chunks = await request.toArray();
    const body = Buffer.concat(chunks);
    const headers = {};
    for (const [name, values] of Object.entries(request.headersDistinct)) {
      // Node takes the bytes of a value for ISO 8859-1. They are UTF-8, and signed as such.
      headers[name] = Buffer.from(values.join(", "), "latin1").toString();
    }
    let fields;
    const verified = await httpbis.verifyMessage({
      requiredParams: ["created", "expires", "nonce", "keyid", "tag"],
      requiredFields: ["@method", "@query", "content-type", "content-digest", "graphql-subgraph", ...Object.keys(headers).filter(isSession)],
      all: true,
      keyLookup: async ({ keyid, tag }) => (keyid === "2026-11" && tag === "gatehouse" ? { id: keyid, algs: ["hmac-sha256"], verify } : null),
    }, { method: request.method, url: `http://${headers.host}${request.url}`, headers });
    const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
    if (!verified || digest !== headers["content-digest"] || headers["graphql-subgraph"] !== "people") throw new Error("not signed for us");
    const session = Object.fromEntries(Object.entries(headers).filter(([name]) => isSession(name)));
    answer(200, { data: { caller: { session, jwt: JSON.parse(body).extensions?.jwt ?? null } } });
  } catch (error) {
    answer(401, { errors: [{ message: `${error.constructor.name}: ${error.message}` }] });
  }
}).listen(Number(process.argv[2]), "127.0.0.1");

// It ends with whoever started it.
process.stdin.resume().on("end", () => process.exit());
