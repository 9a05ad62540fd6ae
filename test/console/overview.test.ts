/** What the page "Overview" calls. */
import { describe, expect, it } from "vitest";
import { mintMember } from "../support/console";
import { asEmail, ingest } from "../support/events";

type Answer = { leads: { total: number }; events: { types: { event_type: string }[] } };

describe("the overview in the console", () => {
  it("is a viewer's, too, and shows the caller's own org unit alone", async () => {
    const admin = await mintMember({ unit_id: "unit_default" });
    const viewer = await mintMember({ organization_id: admin.organization_id, unit_id: "unit_default", role: "viewer" });
    const stranger = await mintMember({ unit_id: "unit_default" });
    await ingest(admin.client, asEmail("a@example.com", "Signed Up"));
    const seen = (await (await viewer.call("overview.read", { days: 7 })).json()) as Answer;
    expect([seen.leads.total, seen.events.types]).toEqual([1, [{ event_type: "Signed Up", count: 1 }]]);
    const foreign = (await (await stranger.call("overview.read", { days: 7 })).json()) as Answer;
    expect([foreign.leads.total, foreign.events.types]).toEqual([0, []]);
  });

  it("refuses another number of days by its field", async () => {
    const answer = await (await mintMember({ unit_id: "unit_default" })).call("overview.read", { days: 8 });
    expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ path: "days" }] }]);
  });
});
