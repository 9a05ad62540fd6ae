/**
 * The closed lists of the domain, each written once. Schemas of tables, inputs and responses are built from them; code that treats each
 * member differently does so by an exhaustive `switch` or a `Record`, so that a new member is a compile error wherever it matters.
 */

/** From least to most: a role includes the ones before it. */
export const ROLES = ["viewer", "editor", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Those that the operator creates; a write key is created in its org unit, an OAuth grant by whoever allows a client in. */
export const OPERATOR_CREDENTIAL_KINDS = ["service_account", "personal_token", "workspace_key", "partner_key"] as const;
export const CREDENTIAL_KINDS = [...OPERATOR_CREDENTIAL_KINDS, "write_key", "oauth_grant"] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export const ALIAS_KINDS = ["email", "phone", "external_id", "cookie", "social"] as const;
export type AliasKind = (typeof ALIAS_KINDS)[number];

/** Any status may follow any other. */
export const LEAD_STATUSES = ["new", "contacted", "qualified", "converted", "lost", "follow_up"] as const;
export type LeadStatus = (typeof LEAD_STATUSES)[number];

/** What became of a lead, for the log of changes. */
export const CHANGE_TYPES = ["created", "changed", "merged", "unmerged", "deleted", "erased"] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** What leads are changed by: a request of a dialect, a file, an event, a verb that writes in the name of earlier changes. */
export const CHANGE_DIALECTS = [
  "engagement",
  "workspace",
  "partner",
  "console",
  "mcp",
  "admin",
  "import",
  "event",
  "merge",
  "undo",
  "system",
] as const;
export type ChangeDialect = (typeof CHANGE_DIALECTS)[number];

/** What the rows of an import become. */
export const JOB_KINDS = ["leads", "events"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** What an upload may be; imports read it as CSV from then on. */
export const FILE_FORMATS = ["csv", "xlsx", "ods", "json", "ndjson", "vcard"] as const;
export type UploadFormat = (typeof FILE_FORMATS)[number];

export const JOB_STATUSES = ["queued", "in_progress", "completed", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What an operation over many leads did to those of one row of the undo journal. */
export const BULK_ACTIONS = ["change", "delete"] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

export const BULK_STATUSES = ["queued", "in_progress", "completed"] as const;
export type BulkStatus = (typeof BULK_STATUSES)[number];

export const JOURNAL_KINDS = ["created", "changed", "conflicts", "deleted"] as const;
export type JournalKind = (typeof JOURNAL_KINDS)[number];

export const UNDO_STATUSES = ["queued", "in_progress", "completed", "failed"] as const;
export type UndoStatus = (typeof UNDO_STATUSES)[number];
/** Why an alias is kept from leads; `allowed`: a default that is switched off. */
export const WITHHOLDING_REASONS = ["blocked", "allowed", "suppressed"] as const;
export type WithholdingReason = (typeof WITHHOLDING_REASONS)[number];

/** Of the erasure of a lead. */
export const ERASURE_STATUSES = ["running", "erased"] as const;
export type ErasureStatus = (typeof ERASURE_STATUSES)[number];

/** `running`, `undoing`: events are still moving. */
export const MERGE_STATUSES = ["running", "done", "undoing", "undone"] as const;
export type MergeStatus = (typeof MERGE_STATUSES)[number];

/** `failed`: it cannot be completed, for a reason of its own. */
export const PLAN_STATUSES = ["in_progress", "completed", "failed"] as const;
export type PlanStatus = (typeof PLAN_STATUSES)[number];

/** What an import does with a row. */
export const ROW_OUTCOMES = ["created", "changed", "unchanged", "skipped", "failed"] as const;
export type RowOutcome = (typeof ROW_OUTCOMES)[number];

/** Why an event is kept but neither scores nor fires: one too many of a burst, without and with its first event kept. */
export const SUPPRESSION_REASONS = ["inorganic", "inorganic_grouped"] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

/** Independent surfaces of scoring, each with levels of its own. */
export const LEVEL_DIMENSIONS = ["engagement", "profile", "account"] as const;
export type LevelDimension = (typeof LEVEL_DIMENSIONS)[number];

/** Calls that say something of a lead and are on no timeline. */
export const FACT_CALLS = ["identify", "group", "alias"] as const;
export type FactCall = (typeof FACT_CALLS)[number];

export const TRIGGER_KINDS = ["milestone", "sequence", "surge", "segment"] as const;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/** What a segment is one of. */
export const SEGMENT_SUBJECTS = ["leads", "accounts"] as const;
export type SegmentSubject = (typeof SEGMENT_SUBJECTS)[number];

/** What a lead does with a segment. */
export const SEGMENT_MOVES = ["entered", "left"] as const;
export type SegmentMove = (typeof SEGMENT_MOVES)[number];

export const FIRE_MODES = ["once", "always"] as const;

export const NOTIFICATION_TYPES = ["slack", "teams", "webhook", "email"] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

export const DELIVERY_STATUSES = ["pending", "delivered", "failed", "discarded"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export const SOURCE_SCHEDULES = ["hourly", "daily", "weekly"] as const;
export type SourceSchedule = (typeof SOURCE_SCHEDULES)[number];

/** Who sends submissions to an inbound source. */
export const INBOUND_TYPES = ["typeform", "tally", "google_ads", "calendly", "hubspot", "stripe", "generic"] as const;
export type InboundType = (typeof INBOUND_TYPES)[number];

/** What became of what a source was sent: `test`: the sender's own test; `unusable`: kept for whoever mends the mapping. */
export const PAYLOAD_OUTCOMES = ["accepted", "test", "unusable"] as const;
export type PayloadOutcome = (typeof PAYLOAD_OUTCOMES)[number];

/** A change of a lead, by its type. */
export const LEAD_EVENTS = ["lead.created", "lead.changed", "lead.merged", "lead.unmerged", "lead.deleted", "lead.erased"] as const;
export type LeadEvent = (typeof LEAD_EVENTS)[number];

/** `completed`: the unit is served from its new database; the old copy is removed later. */
export const MOVE_STATUSES = ["running", "completed", "failed"] as const;
/** In this order; a move that fails goes from any step before `sweep` to `undo`, and from there to `close`. */
export const MOVE_STEPS = ["prepare", "copy", "catch_up", "verify", "switch", "sweep", "undo", "close"] as const;
export type MoveStep = (typeof MOVE_STEPS)[number];

/** What a notification channel can be notified of by itself. */
export const NOTIFICATION_EVENTS = [...LEAD_EVENTS, "import.completed", "import.failed", "import.stopped"] as const;
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

export const REWARD_KINDS = ["new_lead", "status_change", "purchase"] as const;
export type RewardKind = (typeof REWARD_KINDS)[number];

export const AMOUNT_TYPES = ["fixed", "percentage"] as const;
export type AmountType = (typeof AMOUNT_TYPES)[number];

export const CHANNEL_EVENT_CATEGORIES = ["status", "purchase"] as const;
export type ChannelEventCategory = (typeof CHANNEL_EVENT_CATEGORIES)[number];

/** For `z.enum(LIST, oneOf(LIST))`. */
export const oneOf = (list: readonly string[]): { error: string } => ({ error: `must be one of: ${list.join(", ")}` });

/** Whether a text is a member of a list. */
export const isOneOf = <const Member extends string>(list: readonly Member[], text: string): text is Member =>
  (list as readonly string[]).includes(text);
