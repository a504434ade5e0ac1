// The configuration of Hive Gateway: whoever has a token signed with JWT_SECRET is forwarded, and what is forwarded is signed
// with HMAC_SECRET.
import { createInlineSigningKeyProvider, defineConfig, extractFromHeader } from "@graphql-hive/gateway";

export const gatewayConfig = defineConfig({
  supergraph: process.env.SUPERGRAPH,
  jwt: {
    signingKeyProviders: [createInlineSigningKeyProvider(process.env.JWT_SECRET)],
    tokenLookupLocations: [extractFromHeader({ name: "authorization", prefix: "Bearer" })],
    tokenVerification: { algorithms: ["HS256"] },
    reject: { missingToken: false, invalidToken: true },
    forward: { payload: true, token: true },
  },
  hmacSignature: { secret: process.env.HMAC_SECRET },
  maskedErrors: false,
});

// It ends with whoever started it.
process.stdin.resume().on("end", () => process.exit());
