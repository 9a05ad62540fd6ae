/** The service's keys are imported once, and no request waits for what another one began. */
import { generateKeyPairSync } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import { importSigningKeys } from "../../../src/core/auth";

const newKey = () => JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));

afterEach(() => void vi.restoreAllMocks());

it("an import that never ends keeps no other request waiting", async () => {
  const key = newKey();
  vi.spyOn(crypto.subtle, "importKey").mockImplementationOnce(() => new Promise<never>(() => {}));
  void importSigningKeys([key]);
  const [first] = await importSigningKeys([key]);
  expect(first.publicJwk.x).toBe((JSON.parse(key) as { x: string }).x);
});

it("the same keys are imported once", async () => {
  const key = newKey();
  const keys = await importSigningKeys([key]);
  const importKey = vi.spyOn(crypto.subtle, "importKey");
  expect(await importSigningKeys([key])).toBe(keys);
  expect(importKey).not.toHaveBeenCalled();
});
