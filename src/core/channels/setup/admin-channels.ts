/** Channels as the operator sets them up. The verbs that write run in the context of the channel's home unit. */

import type { z } from "zod";
import type { CallerCtx, Ctx, Directory } from "../../../context";
import { CommitConflict } from "../../../db/commit";
import { d1Failure } from "../../../db/failure";
import { AppError, type FieldProblem } from "../../../errors";
import { invalidRequest, parseInput } from "../../../validation";
import { requireOperator } from "../../auth";
import { type RememberInDirectory, rememberNothing } from "../../idempotency";
import { type Channel, noSuchChannel, ROLES, type WebhookKind } from "../channel";
import { type ChannelAtHome, type ChannelHome, plannedChannel } from "../channel-row";
import { ChannelChange, type ChannelSettings, NewChannel } from "../schemas";
import { findChannel, findCompanies, insertChannel, listChannelPage, updateChannel } from "../store";
import { planDefinitions, planStatuses } from "./channel-input";
import { planWebhooks } from "./plan-webhooks";

/** `secrets`: signing secrets of the webhooks that are new, shown this once. */
export type SavedChannel = { channel: Channel; secrets: Partial<Record<WebhookKind, string>> };

type OperatorCtx = Pick<CallerCtx, "actor" | "directory">;

/** For the operator alone. One D1 round trip. Throws forbidden, not_found. */
export async function requireChannelAtHome(ctx: OperatorCtx, channelId: string): Promise<ChannelAtHome> {
  requireOperator(ctx);
  const found = await findChannel(ctx.directory, channelId.toLowerCase(), null);
  if (!found) throw noSuchChannel();
  return found;
}

/**
 * For the operator alone. Newest first, archived ones included; with `home`, those of an organization or of one unit of it. One D1 round
 * trip, two after the last page. Throws forbidden.
 */
export async function listChannels(
  ctx: OperatorCtx,
  page: number,
  limit: number,
  home: ChannelHome = {},
): Promise<{ found: ChannelAtHome[]; total: number }> {
  requireOperator(ctx);
  return listChannelPage(ctx.directory, home, limit, (page - 1) * limit);
}

/** For the operator alone. Throws forbidden, invalid_request with each invalid field. */
export async function createChannel(
  ctx: Ctx,
  given: z.input<typeof NewChannel>,
  remember: RememberInDirectory<Channel> = rememberNothing,
): Promise<SavedChannel> {
  requireOperator(ctx);
  const input = parseInput(NewChannel, given);
  const channel_id = crypto.randomUUID();
  const blank: Channel = {
    channel_id,
    public_id: crypto.randomUUID(),
    title: input.title,
    roles: { creator: "", partner: null, referring: null, receiving: null },
    currency: "USD",
    no_auth_api: false,
    webhooks: { webhook_new_lead: null, webhook_status_update: null },
    created_at: ctx.now(),
    archived_at: null,
    definitions: [],
    statuses: [],
    triggers: [],
  };
  return save(ctx, blank, input, remember);
}

/**
 * What is left out stays; definitions and statuses with an id are changed, those without are added. For the operator alone. Throws forbidden,
 * invalid_request, conflict.
 */
export async function changeChannel(ctx: Ctx, channel: Channel, given: z.input<typeof ChannelChange>): Promise<SavedChannel> {
  requireOperator(ctx);
  return save(ctx, channel, parseInput(ChannelChange, given), null);
}

/** `remember`: null for a channel that exists. */
async function save(
  ctx: Ctx,
  before: Channel,
  input: ChannelSettings,
  remember: RememberInDirectory<Channel> | null,
): Promise<SavedChannel> {
  const definitions = planDefinitions(before.definitions, input.property_definitions ?? []);
  const statuses = planStatuses(before.statuses, input.lead_status ?? []);
  const roles = await resolveRoles(ctx.directory, input);
  const webhooks = planWebhooks(ctx, { ...before, title: input.title ?? before.title }, input);
  const problems = [...roles.problems, ...definitions.problems, ...statuses.problems];
  if (problems.length > 0) throw invalidRequest(problems);

  // only the columns that were sent: those that somebody else changes meanwhile stay
  const settings = {
    ...(input.title === undefined ? {} : { title: input.title }),
    ...roles.resolved,
    ...(input.currency === undefined ? {} : { currency: input.currency }),
    ...(input.no_auth_api === undefined ? {} : { no_auth_api: input.no_auth_api }),
    ...webhooks.columns,
    ...(input.archived === undefined ? {} : { archived_at: input.archived ? (before.archived_at ?? ctx.now()) : null }),
  };
  // webhooks first: a channel without its webhook would notify nobody, a webhook without its channel does no harm
  if (webhooks.before.length > 0) await ctx.db.batch(webhooks.before);
  const parts = { definitions: definitions.changed, statuses: statuses.changed };
  await refuseTakenName(() => {
    if (!remember) return updateChannel(ctx.directory, before.channel_id, settings, parts);
    const row = { ...newRow(ctx, before), ...settings };
    return insertChannel(ctx.directory, row, parts, remember(plannedChannel(row, parts)));
  });
  if (webhooks.after.length > 0) await ctx.db.batch(webhooks.after);
  const { channel } = await requireChannelAtHome(ctx, before.channel_id);
  return { channel, secrets: webhooks.secrets };
}

const newRow = ({ unit }: Ctx, { channel_id, public_id, title, roles, currency, no_auth_api, created_at }: Channel) => ({
  channel_id,
  public_id,
  title,
  unit: unit.unit,
  ...roles,
  currency,
  no_auth_api,
  created_at,
});

/** The roles that are given, as company ids. */
async function resolveRoles(directory: Directory, wanted: ChannelSettings) {
  const given = ROLES.filter((role) => typeof wanted[role] === "string");
  const companies = await findCompanies(
    directory,
    given.map((role) => normalId(wanted[role])),
  );
  const resolved: Partial<Channel["roles"]> = {};
  const problems: FieldProblem[] = [];
  for (const role of ROLES) {
    const id = wanted[role];
    if (id === undefined) continue;
    const company = id === null ? null : companies.get(normalId(id));
    if (company === undefined) problems.push({ path: role, message: "is neither a company id nor an organization id" });
    else if (role !== "creator") resolved[role] = company;
    else if (company !== null) resolved.creator = company;
    else problems.push({ path: role, message: "must not be null" });
  }
  return { resolved, problems };
}

const normalId = (id: string | null | undefined): string => (id ?? "").trim().toLowerCase();

/** Throws conflict when somebody else has just taken a name. */
async function refuseTakenName(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const failure = d1Failure(error);
    if (!(failure instanceof CommitConflict)) throw failure;
    throw new AppError("conflict", "A name is taken already in this channel: read it and try again");
  }
}
