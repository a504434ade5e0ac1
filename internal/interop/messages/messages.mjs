// What this knows of signatures comes from npm's http-message-signatures. As JSON, on standard input and output:
//
//   verify  {key, at, messages: [{method, url, headers, body}]} becomes, for each message, true or why it is refused at that time (ms)
//   send    {key, url, requests: [change]} sends a signed request for each change, and becomes [{status, body}]
//
// Keys are base64. A change is {params, fields, omit, headers, body, after: {headers, body}}: what differs from a good request before
// it is signed, and what is changed after that.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import lib from "http-message-signatures";

const { httpbis, createSigner, createVerifier } = lib;
const input = JSON.parse(readFileSync(0, "utf8"));
const key = Buffer.from(input.key, "base64");
const digest = (body) => `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
const required = ["@method", "@query", "content-type", "content-digest", "graphql-subgraph"];

// The clock stands still, so that nothing expires because the machine is busy.
const { Date: Clock } = globalThis;
if (input.at) {
  globalThis.Date = class extends Clock {
    constructor(...of) { super(...(of.length ? of : [input.at])); }
    static now() { return input.at; }
  };
}

async function verify(message) {
  if (digest(message.body) !== message.headers["Content-Digest"]) return "the digest differs";
  try {
    return (await httpbis.verifyMessage({
      requiredParams: ["created", "expires", "nonce", "keyid", "tag"],
      requiredFields: required,
      all: true,
      keyLookup: async ({ keyid }) =>
        keyid === "2026-11" ? { id: keyid, algs: ["hmac-sha256"], verify: createVerifier(key, "hmac-sha256") } : null,
    }, message)) || "the signature differs";
  } catch (error) {
    return error.constructor.name;
  }
}

async function send(change, i) {
  const now = Math.floor(Date.now() / 1000);
  const body = change.body ?? '{"query":"{__typename}"}';
  const params = {
    created: new Date(now * 1000), expires: new Date((now + 60) * 1000), tag: "gatehouse", keyid: "2026-11", alg: "hmac-sha256",
    nonce: Buffer.from(String(i).padStart(16, "n")).toString("base64"),
    ...change.params,
  };
  for (const name of ["created", "expires"]) if (typeof params[name] === "number") params[name] = new Date((now + params[name]) * 1000);
  const signed = await httpbis.signMessage({
    key: createSigner(key, "hmac-sha256", "2026-11"),
    name: change.label ?? "node",
    fields: change.fields ?? required,
    params: Object.keys(params).filter((name) => !change.omit?.includes(name)),
    paramValues: params,
  }, {
    method: "POST",
    url: input.url + (change.query ?? ""),
    headers: { "content-type": "application/json", "content-digest": digest(body), "graphql-subgraph": "people", ...change.headers },
  });
  const response = await fetch(input.url + (change.after?.query ?? change.query ?? ""), {
    method: "POST", body: change.after?.body ?? body, headers: { ...signed.headers, ...change.after?.headers },
  });
  return { status: response.status, body: await response.text() };
}

const commands = {
  verify: () => Promise.all(input.messages.map(verify)),
  send: () => Promise.all(input.requests.map(send)),
};
process.stdout.write(JSON.stringify(await commands[process.argv[2]]()));
