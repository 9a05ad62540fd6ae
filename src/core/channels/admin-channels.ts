/** Channels as the operator sets them up, in the context of the home unit. */

import type { Ctx, Directory, Statement } from "../../context";
import { CommitConflict } from "../../db/commit";
import { d1Failure } from "../../db/failure";
import { AppError, type FieldProblem } from "../../errors";
import { sha256Hex } from "../../hash";
import { deleteOwnedWebhooks, insertOwnedWebhook, newSigningSecret, requireDeliverableUrl, updateOwnedWebhook } from "../notifications";
import { type Channel, type ChannelRole, noSuchChannel, ROLES, WEBHOOKS, type Webhook, type WebhookKind } from "./channel";
import { type DefinitionInput, planDefinitions, planStatuses, type StatusInput } from "./channel-input";
import type { ChannelAtHome } from "./channel-row";
import { findChannel, findCompanies, insertChannel, listChannelPage, updateChannel } from "./store";

export type ChannelInput = {
  title?: string | undefined;
  /** each a company id or an organization id */
  roles: Partial<Record<ChannelRole, string | null | undefined>>;
  currency?: string | undefined;
  no_auth_api?: boolean | undefined;
  archived?: boolean | undefined;
  property_definitions?: readonly DefinitionInput[] | undefined;
  lead_status?: readonly StatusInput[] | undefined;
  /** URLs; null takes one away */
  webhooks: Partial<Record<WebhookKind, string | null | undefined>>;
};

/** Signing secrets of the webhooks that are new: not to be seen again. */
export type SavedChannel = { channel: Channel; secrets: Partial<Record<WebhookKind, string>> };

/** One D1 round trip. Throws not_found. */
export async function requireChannelAtHome(directory: Directory, channelId: string): Promise<ChannelAtHome> {
  const found = await findChannel(directory, channelId.toLowerCase(), null);
  if (!found) throw noSuchChannel();
  return found;
}

/** Newest first; archived ones, too. One D1 round trip, two behind the last page. */
export async function listChannels(directory: Directory, page: number, limit: number): Promise<{ found: ChannelAtHome[]; total: number }> {
  return listChannelPage(directory, limit, (page - 1) * limit);
}

/** Throws invalid_request, naming what is wrong. */
export async function createChannel(ctx: Ctx, input: ChannelInput & { title: string }): Promise<SavedChannel> {
  const channel_id = crypto.randomUUID();
  const nothing: Channel = {
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
  return save(ctx, nothing, input, true);
}

/** What is left out stays; definitions and statuses with an id are changed, those without are added. Throws invalid_request, conflict. */
export const changeChannel = (ctx: Ctx, channel: Channel, input: ChannelInput): Promise<SavedChannel> => save(ctx, channel, input, false);

async function save(ctx: Ctx, before: Channel, input: ChannelInput, isNew: boolean): Promise<SavedChannel> {
  const definitions = planDefinitions(before.definitions, input.property_definitions ?? []);
  const statuses = planStatuses(before.statuses, input.lead_status ?? []);
  const roles = await resolveRoles(ctx.directory, input.roles);
  const webhooks = planWebhooks(ctx, { ...before, title: input.title ?? before.title }, input.webhooks);
  requireNoProblems([...roles.problems, ...definitions.problems, ...statuses.problems]);

  // only what was sent: what somebody else changes meanwhile stays, too
  const settings = {
    ...(input.title === undefined ? {} : { title: input.title }),
    ...roles.resolved,
    ...(input.currency === undefined ? {} : { currency: input.currency }),
    ...(input.no_auth_api === undefined ? {} : { no_auth_api: input.no_auth_api }),
    ...webhooks.columns,
    ...(input.archived === undefined ? {} : { archived_at: input.archived ? (before.archived_at ?? ctx.now()) : null }),
  };
  // a channel whose webhook is not there would stay silent, a webhook without its channel does no harm
  if (webhooks.before.length > 0) await ctx.db.batch(webhooks.before);
  const parts = { definitions: definitions.changed, statuses: statuses.changed };
  await named(() =>
    isNew
      ? insertChannel(ctx.directory, { ...newRow(ctx, before), ...settings }, parts)
      : updateChannel(ctx.directory, before.channel_id, settings, parts),
  );
  if (webhooks.after.length > 0) await ctx.db.batch(webhooks.after);
  const { channel } = await requireChannelAtHome(ctx.directory, before.channel_id);
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
async function resolveRoles(directory: Directory, wanted: ChannelInput["roles"]) {
  const given = ROLES.filter((role) => typeof wanted[role] === "string");
  const companies = await findCompanies(
    directory,
    given.map((role) => asAsked(wanted[role])),
  );
  const resolved: Partial<Channel["roles"]> = {};
  const problems: FieldProblem[] = [];
  for (const role of ROLES) {
    const id = wanted[role];
    if (id === undefined) continue;
    const company = id === null ? null : companies.get(asAsked(id));
    if (company === undefined) problems.push({ path: role, message: "is neither a company id nor an organization id" });
    else if (role !== "creator") resolved[role] = company;
    else if (company !== null) resolved.creator = company;
    else problems.push({ path: role, message: "must not be null" });
  }
  return { resolved, problems };
}

const asAsked = (id: string | null | undefined): string => (id ?? "").trim().toLowerCase();

type PlannedWebhooks = {
  /** of the channel's row */
  columns: Partial<Record<WebhookKind | `${WebhookKind}_id`, string | null>>;
  /** for the home unit, before and after the channel says so */
  before: Statement[];
  after: Statement[];
  secrets: SavedChannel["secrets"];
};

function planWebhooks(ctx: Ctx, channel: Channel, wanted: ChannelInput["webhooks"]): PlannedWebhooks {
  const plan: PlannedWebhooks = { columns: {}, before: [], after: [], secrets: {} };
  for (const kind of WEBHOOKS) {
    const url = wanted[kind];
    if (url === undefined) continue;
    const owner = `${channel.channel_id} ${kind}`;
    const before: Webhook | null = channel.webhooks[kind];
    if (url === null) {
      plan.columns = { ...plan.columns, [kind]: null, [`${kind}_id`]: null };
      plan.after.push(deleteOwnedWebhooks(ctx.db, owner));
      continue;
    }
    requireDeliverableUrl(url, { allowLoopback: ctx.settings.allowLoopbackWebhooks, path: kind });
    const now = ctx.now();
    const channel_id = before?.notification_channel_id ?? webhookId(owner);
    const owned = { channel_id, owner, name: channel.title, url };
    plan.columns = { ...plan.columns, [kind]: url, [`${kind}_id`]: channel_id };
    if (before) plan.before.push(updateOwnedWebhook(ctx.db, owned, now));
    else {
      const secret = newSigningSecret();
      plan.secrets[kind] = secret;
      plan.before.push(deleteOwnedWebhooks(ctx.db, owner), insertOwnedWebhook(ctx.db, { ...owned, secret }, now));
    }
  }
  return plan;
}

/** The same whoever makes it: of two who do at once, neither leaves the channel with a webhook that the other has replaced. */
const webhookId = (owner: string): string => `nch_${sha256Hex(owner).slice(0, 32)}`;

function requireNoProblems(problems: readonly FieldProblem[]): void {
  if (problems.length === 0) return;
  throw new AppError("invalid_request", problems.map(({ path, message }) => `${path}: ${message}`).join("; "), problems);
}

/** A name that somebody else has taken meanwhile. */
async function named(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const failure = d1Failure(error);
    if (!(failure instanceof CommitConflict)) throw failure;
    throw new AppError("conflict", "A name is taken already in this channel: read it and try again");
  }
}
