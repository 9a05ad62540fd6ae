/** Ids that we give to events: which of them a receipt believes to be queued. */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { TagKey } from "../../../src/context";
import { identified, mintedAt, newEventId } from "../../../src/core/events/event-id";

const KEY: TagKey = { key_id: "new", key: "a".repeat(64) };
const OLD: TagKey = { key_id: "old", key: "b".repeat(64) };
const at = (keys: [TagKey, ...TagKey[]], workspace_id = "ws_1") => ({ tagKeys: keys, unit: { workspace_id } });
const NOW = Date.parse("2027-01-15T10:00:00Z");

/** As ids were minted when the tag had no key: anybody who knows the workspace's id can do it. */
function unkeyed(time: number): string {
  const uuid = `${time.toString(16).padStart(12, "0")}${"7abc8def01234567890f"}`;
  return `evt_${uuid}${createHash("sha256").update(`${uuid}:ws_1`).digest("hex").slice(0, 8)}`;
}

it("an id of ours says when it was minted, in its own unit only", () => {
  const id = newEventId(at([KEY]), NOW);
  expect(id).toMatch(/^evt_[0-9a-f]{40}$/);
  expect(mintedAt(at([KEY]), id)).toBe(NOW);
  expect(mintedAt(at([KEY], "ws_2"), id)).toBeNull();
});

it("after the signing key has changed, ids by the one before it still verify; by any other they do not", () => {
  const id = newEventId(at([OLD]), NOW);
  expect(mintedAt(at([KEY, OLD]), id)).toBe(NOW);
  expect(mintedAt(at([KEY]), id)).toBeNull();
});

it("an id that somebody made from the workspace's id is not ours; one from before tags had a key is", () => {
  expect(mintedAt(at([KEY]), unkeyed(NOW))).toBeNull();
  const before = Date.parse("2026-11-20T10:00:00Z");
  expect(mintedAt(at([KEY]), unkeyed(before))).toBe(before);
});

it("only an event without an id and a key gets an id of ours", () => {
  const event = { event_type: "Page View", aliases: [] };
  expect(identified(at([KEY]), event, NOW).event_id).toMatch(/^evt_/);
  expect(identified(at([KEY]), { ...event, idempotency_key: "key-1" }, NOW).event_id).toBeUndefined();
  expect(identified(at([KEY]), { ...event, event_id: "own-1" }, NOW).event_id).toBe("own-1");
});
