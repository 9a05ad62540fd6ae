/** What one org unit may use. The operator may set each quota; the defaults are values that no honest unit reaches. */
import { AppError } from "./errors";

export const QUOTA_NAMES = [
  "requests_per_second",
  "events_per_day",
  "leads",
  "stored_bytes",
  "rulesets",
  "rules",
  "triggers",
  "channels",
  "levels",
  "profile_fields",
  "event_types",
  "deliveries_per_event",
] as const;
export type QuotaName = (typeof QUOTA_NAMES)[number];

export type Quotas = Readonly<Record<QuotaName, number>>;
/** The quotas that the operator has set; the others have their default. */
export type QuotaSettings = Readonly<Partial<Record<QuotaName, number>>>;

export const QUOTA_DEFAULTS: Quotas = {
  // one D1 database runs about 1,000 queries a second, whoever sends them
  requests_per_second: 5_000,
  // 58 a second all day; a 10 GB database is full after about a week of it
  events_per_day: 5_000_000,
  // at 1.5 KB with aliases and search words, most of a 10 GB database
  leads: 5_000_000,
  // a D1 database holds 10 GB; indexes take the rest
  stored_bytes: 6_000_000_000,
  // every event is matched against every active rule and trigger
  rulesets: 100,
  rules: 500,
  triggers: 200,
  channels: 500,
  levels: 100,
  profile_fields: 1_000,
  // types are kept, and counted by day, as long as an event has them: metadata is the place for what varies
  event_types: 5_000,
  // 25 triggers with 20 channels each, all fired by one event
  deliveries_per_event: 500,
};

export const quotasOf = (settings: QuotaSettings): Quotas => ({ ...QUOTA_DEFAULTS, ...settings });

export const quotaOf = ({ limits }: { limits: QuotaSettings }, name: QuotaName): number => limits[name] ?? QUOTA_DEFAULTS[name];

/** For what is counted: there is no room for more until something is deleted or the operator raises the quota. */
export const quotaReached = (name: QuotaName, max: number): AppError =>
  new AppError("conflict", `The quota ${name} of this org unit is used up: at most ${max}`);

/** For what is measured over time: there is room again after `retryAfterSeconds`. */
export class RateLimited extends AppError {
  constructor(
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super("rate_limited", message);
  }
}

export const rateQuotaReached = (name: "requests_per_second" | "events_per_day", max: number, retryAfterSeconds: number): RateLimited =>
  new RateLimited(`The quota ${name} of this org unit is used up: at most ${max}`, Math.max(1, Math.ceil(retryAfterSeconds)));
