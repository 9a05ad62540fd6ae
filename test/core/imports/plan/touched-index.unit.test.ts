/** A plan finds the chunks that touch a lead or an alias again, in its own run and in the runs after it. */

import { expect, it } from "vitest";
import { aliasHash, findSorted, leadHash, readSortedIndex, TouchedIndex } from "../../../../src/core/imports/plan/touched-index";
import { fc } from "../../../support/fast-check";

const LEADS = 300;
const touched = fc.array(fc.tuple(fc.nat(40), fc.array(fc.nat(LEADS - 1), { maxLength: 60 })), { maxLength: 60 });

it("finds every chunk that touches one, before and after it was kept", () => {
  fc.assert(
    fc.property(touched, (chunks) => {
      const index = new TouchedIndex();
      const expected = new Map<number, Set<number>>();
      for (const [no, leads] of chunks) {
        index.add(
          no,
          leads.map((lead) => ({
            row: 1,
            outcome: "changed" as const,
            lead_id: `lead${lead}`,
            changes: [{ field: "_alias_email", before: null, after: `p${lead}@x.example` }],
            conflicts: [],
          })),
        );
        for (const lead of leads) expected.set(lead, new Set([...(expected.get(lead) ?? []), no]));
      }
      const kept = readSortedIndex(index.bytes());
      for (let lead = 0; lead < LEADS; lead++) {
        for (const hash of [leadHash(`lead${lead}`), aliasHash(`email:p${lead}@x.example`)]) {
          const [own, sorted] = [new Set<number>(), new Set<number>()];
          index.find(hash, own);
          findSorted(kept, hash, sorted);
          expect([...own].sort()).toEqual([...(expected.get(lead) ?? [])].sort());
          expect([...sorted].sort()).toEqual([...own].sort());
        }
      }
    }),
    { numRuns: 50 },
  );
});

it("leaves out rows that no later row can see", () => {
  const index = new TouchedIndex();
  index.add(1, [
    { row: 1, outcome: "unchanged", lead_id: "a", changes: [], conflicts: [] },
    { row: 2, outcome: "skipped", lead_id: "b", changes: [], conflicts: [] },
    { row: 3, outcome: "failed", lead_id: null, changes: [], conflicts: [] },
  ]);
  expect(index.bytes()).toHaveLength(0);
});

it("grows with what it holds", () => {
  const index = new TouchedIndex();
  const changes = (lead: number) => [{ field: "_alias_email", before: null, after: `p${lead}@x.example` }];
  for (let no = 0; no < 60; no++) {
    const rows = Array.from({ length: 1_000 }, (_, at) => no * 1_000 + at);
    index.add(
      no,
      rows.map((lead) => ({ row: lead, outcome: "created" as const, lead_id: `lead${lead}`, changes: changes(lead), conflicts: [] })),
    );
  }
  const kept = readSortedIndex(index.bytes());
  const found = new Set<number>();
  findSorted(kept, leadHash("lead59999"), found);
  expect(found).toContain(59);
  expect(kept.hashes).toHaveLength(120_000);
});
