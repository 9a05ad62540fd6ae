/** Triggers of every kind: what they wait for, whom they notify, what they would have fired on, and what they fired. */
import { z } from "zod";
import { namesOfLeads, publicLeadId } from "../../../core/leads";
import { listNotificationChannels } from "../../../core/notifications";
import { listLevels, TrialPeriods } from "../../../core/scoring";
import { listSegments } from "../../../core/segments";
import {
  changeTrigger,
  createTrigger,
  DESTINATION_FIELDS,
  deleteTrigger,
  listFirings,
  listTriggers,
  NewCondition,
  NewTrigger,
  requireTrigger,
  restoreTrigger,
  type SavedTrigger,
  simulateCondition,
  TRIGGER_FIELDS,
  type Trigger,
  type TriggerChanges,
} from "../../../core/triggers";
import { oneOf, TRIGGER_KINDS } from "../../../vocabulary";
import { read, write, writeOnce } from "../call";

const NOTHING = z.strictObject({});
const kind = z.enum(TRIGGER_KINDS, oneOf(TRIGGER_KINDS));
const trigger_id = z.string();
const OneTrigger = z.strictObject({ kind, trigger_id });
const PAGE_ROWS = 25;
const PAGES_MAX = 1_000;
const page = z.int().min(1).max(PAGES_MAX);

/** The verb knows which fields the condition of each kind has. */
const Changes = z.strictObject({
  kind,
  trigger_id,
  /** `updated_at` as the page shows it: the change is refused when it is another one by then */
  seen: z.number(),
  name: TRIGGER_FIELDS.name.optional(),
  active: TRIGGER_FIELDS.active.optional(),
  condition: z.record(z.string(), z.unknown()).optional(),
  destination: z.object(DESTINATION_FIELDS).partial().optional(),
});

export const triggerCalls = {
  "triggers.list": read(NOTHING, async (ctx) => (await listTriggers(ctx)).map(triggerView)),
  "triggers.get": read(OneTrigger, async (ctx, { kind, trigger_id }) => triggerView(await requireTrigger(ctx, kind, trigger_id))),
  /** What the form offers. */
  "triggers.choices": read(NOTHING, async (ctx) => {
    const [channels, segments, levels] = await Promise.all([listNotificationChannels(ctx), listSegments(ctx), listLevels(ctx)]);
    return {
      channels: channels.map(({ channel_id, name, type, active }) => ({ channel_id, name, type, active })),
      segments: segments.filter(({ subject }) => subject === "leads").map(({ segment_id, name, active }) => ({ segment_id, name, active })),
      levels: levels.map(({ name }) => name),
    };
  }),
  /** The signing secret of a new webhook is in the one response of the call that creates it. */
  "triggers.create": write(z.strictObject(NewTrigger.shape), async (ctx, given, { remembering }) =>
    savedView(await createTrigger(ctx, given, remembering(keptView))),
  ),
  "triggers.change": write(Changes, async (ctx, { kind, trigger_id, seen, ...changes }, { remembering }) =>
    savedView(await changeTrigger(ctx, kind, trigger_id, changes as TriggerChanges, seen, remembering(keptView))),
  ),
  "triggers.delete": writeOnce(OneTrigger, async (ctx, { kind, trigger_id }) => {
    await deleteTrigger(ctx, kind, trigger_id);
    return {};
  }),
  "triggers.restore": write(OneTrigger.extend({ active: z.boolean() }), async (ctx, { kind, trigger_id, active }, { remembering }) =>
    savedView(await restoreTrigger(ctx, kind, trigger_id, active, remembering(keptView))),
  ),
  /** `starts`: where each day of the reader begins. */
  "triggers.try": read(z.strictObject({ condition: NewCondition, starts: TrialPeriods }), async (ctx, { condition, starts }) => {
    const { samples, ...found } = await simulateCondition(ctx, condition, starts);
    const names = await namesOfLeads(
      ctx,
      samples.map(({ lead_id }) => lead_id),
    );
    return {
      ...found,
      samples: samples.map(({ lead_id, at, event_type, score }) => ({
        lead_id: publicLeadId(lead_id),
        name: names.get(lead_id) ?? null,
        at,
        event_type,
        score,
      })),
    };
  }),
  "firings.list": read(z.strictObject({ trigger_id: trigger_id.optional(), page }), async (ctx, { page, ...filter }) => {
    const { firings, total, at_least } = await listFirings(ctx, filter, page, PAGE_ROWS);
    const names = await namesOfLeads(
      ctx,
      firings.map(({ lead_id }) => lead_id),
    );
    return {
      firings: firings.map(({ lead_id, ...firing }) => ({
        ...firing,
        lead_id: publicLeadId(lead_id),
        lead_name: names.get(lead_id) ?? null,
      })),
      total,
      at_least,
      pages: Math.min(PAGES_MAX, Math.max(1, Math.ceil(total / PAGE_ROWS))),
    };
  }),
};

const triggerView = ({
  destination: { webhook_channel_id: _, email_channel_id: __, ...destination },
  active_since: ___,
  ...trigger
}: Trigger) => ({
  ...trigger,
  kind: trigger.condition.kind,
  destination,
});

const savedView = ({ trigger, signing_secret }: SavedTrigger) => ({ trigger: triggerView(trigger), signing_secret });
/** A secret is never stored: the response to a repeated call has none. */
const keptView = ({ trigger }: SavedTrigger) => ({ trigger: triggerView(trigger), signing_secret: null });
