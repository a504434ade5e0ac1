// Reads {key, verify: [message], sign: message} and writes {verified: [bool or text], signed: headers}. Keys are base64, a
// message is {method, url, headers}. What it knows of signatures comes from npm's http-message-signatures.
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import lib from 'http-message-signatures';

const { httpbis, createSigner, createVerifier } = lib;
const input = JSON.parse(readFileSync(0, 'utf8'));
const key = Buffer.from(input.key, 'base64');

async function verify(message) {
  try {
    const digest = 'sha-256=:' + createHash('sha256').update(message.body).digest('base64') + ':';
    if (digest !== message.headers['Content-Digest']) return 'digest';
    return await httpbis.verifyMessage({
      requiredParams: ['created', 'expires', 'nonce', 'keyid', 'tag'],
      requiredFields: ['@method', '@query', 'content-type', 'content-digest', 'graphql-subgraph'],
      keyLookup: async ({ keyid }) => (keyid === '2026-11' ? { id: keyid, algs: ['hmac-sha256'], verify: createVerifier(key, 'hmac-sha256') } : null),
    }, message);
  } catch (error) {
    return error.name;
  }
}

const now = Math.floor(Date.now() / 1000);
const signed = await httpbis.signMessage({
  key: createSigner(key, 'hmac-sha256', '2026-11'),
  name: 'node',
  fields: ['@query', '@method', 'content-type', 'content-digest', 'graphql-subgraph', 'x-hasura-role'],
  params: ['tag', 'nonce', 'keyid', 'created', 'expires', 'alg'],
  paramValues: { created: new Date(now * 1000), expires: new Date((now + 30) * 1000), nonce: 'MDEyMzQ1Njc4OWFiY2RlZg==', tag: 'gatehouse' },
}, input.sign);
process.stdout.write(JSON.stringify({ verified: await Promise.all(input.verify.map(verify)), signed: signed.headers }));
