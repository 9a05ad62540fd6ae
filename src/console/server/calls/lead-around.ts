/** What other parts know of a lead: firings, deliveries, segments, its partner channel; and erasing the person. */
import { z } from "zod";
import { signReceipt } from "../../../core/auth";
import { channelRecordOf } from "../../../core/channels";
import { eraseLead, type LargeErasure, type LeadErasureReceipt, requireErasure } from "../../../core/erasure";
import { namedLead, publicLeadId } from "../../../core/leads";
import { listSegments, segmentsOfLead } from "../../../core/segments";
import { firingsOfLead } from "../../../core/triggers";
import { isoTime } from "../../../time";
import { read, write } from "../call";
import { deliveryView } from "./live";

const OneLead = z.strictObject({ lead_id: z.string() });

export const leadAroundCalls = {
  "leads.firings": read(OneLead, async (ctx, { lead_id }) => {
    const { firings, more, deliveries, truncated } = await firingsOfLead(ctx, lead_id);
    return {
      firings: firings.map(({ firing_id, kind, trigger_name, event_type, score, fired_at }) => ({
        firing_id,
        kind,
        trigger_name,
        event_type,
        score,
        fired_at,
      })),
      more,
      deliveries: deliveries.map((delivery) => ({ ...deliveryView(delivery), channel_name: delivery.channel_name })),
      truncated,
    };
  }),
  "leads.channel": read(OneLead, async (ctx, { lead_id }) => {
    const record = await channelRecordOf(ctx, lead_id);
    return {
      record: record && {
        ...record,
        status: record.status && { status: record.status.status },
        purchases: record.purchases.map(({ lead_id: _, ...purchase }) => purchase),
      },
    };
  }),
  "leads.segments": read(OneLead, async (ctx, { lead_id }) => ({
    segments: (await segmentsOfLead(ctx, namedLead(lead_id))).map(({ segment_id, name }) => ({ segment_id, name })),
  })),
  /** Segments that the list of leads can be narrowed to. */
  "segments.ofLeads": read(z.strictObject({}), async (ctx) => ({
    segments: (await listSegments(ctx)).filter(({ subject }) => subject === "leads").map(({ segment_id, name }) => ({ segment_id, name })),
  })),
  /** The receipt is in this one response, and stored nowhere; that of a lead with many events comes later: see `erasures.get`. */
  "leads.erase": write(OneLead, async (ctx, { lead_id }, { signingKeys, remembering }) => {
    const keys = await signingKeys();
    const erased = await eraseLead(ctx, namedLead(lead_id), {
      sign: (content) => signReceipt(keys, content),
      remember: remembering(receiptView),
      rememberRunning: remembering(runningView),
    });
    return "receipt_id" in erased ? runningView(erased) : receiptView(erased);
  }),
  /** How far an erasure is, and its receipt when it is done. */
  "erasures.get": read(z.strictObject({ receipt_id: z.string() }), async (ctx, { receipt_id }) => {
    const erasure = await requireErasure(ctx, receipt_id);
    return erasure.receipt ? receiptView(erasure.receipt) : runningView(erasure);
  }),
};

const runningView = ({ receipt_id, lead_id, erased, suppressed }: LargeErasure) => ({
  receipt_id,
  lead_id: publicLeadId(lead_id),
  status: "running" as const,
  ...erased,
  suppressed,
});

const receiptView = ({ lead_id, erased_at, ...receipt }: LeadErasureReceipt) => ({
  lead_id: publicLeadId(lead_id),
  status: "erased" as const,
  erased_at: isoTime(erased_at),
  ...receipt,
});
