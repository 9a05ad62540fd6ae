/** An account as this dialect shows it. */
import { z } from "@hono/zod-openapi";
import type { AccountOverview } from "../../core/account-overview";
import { isoTime, isoTimeOrNull } from "../../time";
import { Timestamp } from "./schemas";

export const AccountView = z
  .object({
    account_id: z.string(),
    domain: z.string().nullable(),
    name: z.string(),
    account_score: z.number().openapi({ description: "The sum of its leads' scores at this moment" }),
    account_level: z.string().nullable().openapi({ description: "Name of the account level of that sum" }),
    total_leads: z.number().int().openapi({ description: "Counted up to 20,000" }),
    engagement_score: z.number(),
    last_activity_at: Timestamp.nullable(),
    surge_active: z.boolean().openapi({ description: "Reserved: surges of accounts are not measured" }),
    surge_window_start: Timestamp.nullable(),
    surge_event_count: z.number().int(),
    metadata: z.record(z.string(), z.unknown()),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .openapi("Account");

export const ACCOUNT_EXAMPLE = {
  account_id: "acct_0193f3a2c7b07aa18000c0ffee123456",
  domain: "acme.com",
  name: "Acme Corp",
  account_score: 84.5,
  account_level: "Very Hot",
  total_leads: 2,
  engagement_score: 84.5,
  last_activity_at: "2026-01-15T10:00:00.000Z",
  surge_active: false,
  surge_window_start: null,
  surge_event_count: 0,
  metadata: { segment: "enterprise" },
  created_at: "2026-01-15T10:00:00.000Z",
  updated_at: "2026-01-15T10:00:00.000Z",
};

export const accountView = ({ account, stats, metadata }: AccountOverview): z.input<typeof AccountView> => ({
  account_id: account.account_id,
  domain: account.domain,
  name: account.name,
  account_score: stats.score,
  account_level: stats.level?.name ?? null,
  total_leads: stats.leads,
  engagement_score: stats.score,
  last_activity_at: isoTimeOrNull(stats.last_activity_at),
  surge_active: false,
  surge_window_start: null,
  surge_event_count: 0,
  metadata,
  created_at: isoTime(account.created_at),
  updated_at: isoTime(account.updated_at),
});
