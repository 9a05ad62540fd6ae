/** /openapi.json passes the rules that API tools judge documents by: Spectral's `spectral:oas` and Redocly's `recommended`. */
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { type RulesetDefinition, Spectral } from "@stoplight/spectral-core";
import { oas } from "@stoplight/spectral-rulesets";
import { expect, it } from "vitest";
import { documentText } from "./document";

it("Spectral's spectral:oas finds nothing", async () => {
  const spectral = new Spectral();
  spectral.setRuleset({ extends: [oas as RulesetDefinition] });
  const findings = await spectral.run(await documentText());
  expect(findings.map(({ code, path, message }) => `${code} ${path.join(".")}: ${message}`)).toEqual([]);
});

/** Where people are sent to let a program in, every success is a redirect (RFC 6749, section 4.1.2). */
const REDIRECTS = "operation-2xx-response #/paths/~1oauth~1authorize/get/responses";

it("Redocly's recommended rules find nothing, the licence aside, which is the owner's to choose", async () => {
  const config = await createConfig({ extends: ["recommended"], rules: { "info-license": "off" } });
  const findings = await lintFromString({ source: await documentText(), config });
  const texts = findings.map(({ ruleId, location, message }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
  expect(texts.filter((text) => !text.startsWith(REDIRECTS))).toEqual([]);
});
