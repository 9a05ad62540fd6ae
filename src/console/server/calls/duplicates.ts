/** Leads that may be one person: a queue of likely pairs, and those of one lead. */
import { z } from "zod";
import { type Duplicate, duplicatesOfLead, listDuplicates } from "../../../core/identity";
import { namedLead, publicLeadId } from "../../../core/leads";
import { read } from "../call";
import { sideView } from "../side-view";

const LEADS_COMPARED = 50;
/** Most leads have no duplicate: one request looks at several pages until one has some. */
const PAGES_MAX = 4;

export const duplicateCalls = {
  /** `compared`: leads that were looked at for this page. */
  "duplicates.list": read(z.strictObject({ cursor: z.string().optional() }), async (ctx, { cursor }) => {
    let found: Awaited<ReturnType<typeof listDuplicates>> = { duplicates: [], next_cursor: cursor ?? null };
    let pages = 0;
    do {
      const next = found.next_cursor;
      found = await listDuplicates(ctx, { limit: LEADS_COMPARED, ...(next === null ? {} : { cursor: next }) });
      pages += 1;
    } while (found.duplicates.length === 0 && found.next_cursor !== null && pages < PAGES_MAX);
    return { pairs: found.duplicates.map(pairView), next_cursor: found.next_cursor, compared: pages * LEADS_COMPARED };
  }),
  "duplicates.ofLead": read(z.strictObject({ lead_id: z.string() }), async (ctx, { lead_id }) => ({
    pairs: (await duplicatesOfLead(ctx, namedLead(lead_id))).map(pairView),
  })),
};

const pairView = ({ lead, other, score, reasons }: Duplicate) => ({
  /** the same whichever of the two it was found from */
  pair_id: [lead, other]
    .map(({ lead_id }) => publicLeadId(lead_id))
    .sort()
    .join("-"),
  lead: sideView(lead),
  other: sideView(other),
  score,
  reasons,
});
