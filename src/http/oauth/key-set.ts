/** The key set that verifies what this service signs (RFC 7517). */
import { createRoute, z } from "@hono/zod-openapi";
import { signingKeysOf } from "../../open-context";
import { URI_TOO_LONG } from "../route";
import { createRouter } from "../router";
import { anyOrigin } from "./any-origin";

const JwkSet = z.object({
  keys: z.array(z.object({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), alg: z.string(), use: z.string() })),
});

const JWKS_EXAMPLE = {
  keys: [
    {
      kty: "OKP",
      crv: "Ed25519",
      x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
      alg: "EdDSA",
      use: "sig",
    },
  ],
};

const jwks = createRoute({
  method: "get",
  path: "/.well-known/jwks.json",
  operationId: "getKeySet",
  tags: ["Credentials"],
  summary: "Get the key set that verifies access tokens",
  description: "A JWK Set (RFC 7517). Keep it for as long as Cache-Control says.",
  security: [],
  responses: {
    200: { description: "JWK set", content: { "application/json": { schema: JwkSet, example: JWKS_EXAMPLE } } },
    414: URI_TOO_LONG,
  },
});

export const keySet = createRouter();
keySet.use(jwks.path, anyOrigin);
keySet.openapi(jwks, async (c) => {
  c.header("Cache-Control", "public, max-age=300");
  return c.json({ keys: (await signingKeysOf(c.env)).map(({ publicJwk }) => publicJwk) }, 200);
});
