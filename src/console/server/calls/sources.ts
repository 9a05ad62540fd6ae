/** Inbound sources: addresses that forms and other services send to. An address is in the one response that creates its source. */
import { z } from "zod";
import {
  type CreatedInboundSource,
  changeInboundSource,
  createInboundSource,
  deleteInboundSource,
  type InboundPayload,
  type InboundSource,
  listInboundPayloads,
  listInboundSources,
  NewInboundSource,
  replayInboundPayload,
  requireInboundSource,
} from "../../../core/inbound";
import { read, write } from "../call";
import { shownJson } from "../shown-json";

const VALUE_CHARS_MAX = 200;

const source_id = z.string();
const OneSource = z.strictObject({ source_id });
const { name, secret, mapping } = NewInboundSource.shape;
const SourceChange = z.strictObject({
  source_id,
  name: name.optional(),
  secret: secret.unwrap().optional(),
  mapping: mapping.unwrap().optional(),
  active: z.boolean().optional(),
});

export const sourceCalls = {
  "sources.list": read(z.strictObject({}), async (ctx) => (await listInboundSources(ctx)).map(sourceView)),
  "sources.get": read(OneSource, async (ctx, { source_id }) => sourceView(await requireInboundSource(ctx, source_id))),
  "sources.create": write(NewInboundSource, async (ctx, given, { remembering }) => {
    const view = ({ source }: CreatedInboundSource, token: string | null) => ({
      source: sourceView(source),
      path: token === null ? null : `/in/${token}`,
    });
    const created = await createInboundSource(
      ctx,
      given,
      remembering((kept) => view(kept, null)),
    );
    return view(created, created.token);
  }),
  "sources.change": write(SourceChange, async (ctx, { source_id, ...changes }) =>
    sourceView(await changeInboundSource(ctx, source_id, changes)),
  ),
  "sources.delete": write(OneSource, async (ctx, { source_id }) => {
    await deleteInboundSource(ctx, source_id);
    return {};
  }),
  "sources.payloads": read(OneSource, async (ctx, { source_id }) => (await listInboundPayloads(ctx, source_id)).map(payloadView)),
  "sources.replay": write(z.strictObject({ source_id, payload_id: z.string() }), async (ctx, { source_id, payload_id }) =>
    payloadView(await replayInboundPayload(ctx, source_id, payload_id)),
  ),
};

const sourceView = ({ secret, source_id, name, type, mapping, active, updated_at }: InboundSource) => ({
  source_id,
  name,
  type,
  mapping,
  active,
  updated_at,
  has_secret: secret !== null,
});

const payloadView = ({ payload_id, received_at, deliveries, outcome, reason, event_ids, payload, fields }: InboundPayload) => ({
  payload_id,
  received_at,
  deliveries,
  outcome,
  reason,
  event_ids,
  payload: shownJson(payload),
  fields: fields.map(({ pointer, label, value, target }) => ({
    pointer,
    label,
    value: (typeof value === "string" ? value : JSON.stringify(value)).slice(0, VALUE_CHARS_MAX),
    target,
  })),
});
