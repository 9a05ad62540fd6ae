CREATE TABLE `event_counts` (
	`unit` integer NOT NULL,
	`day` integer NOT NULL,
	`type_key` text NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`unit`, `day`, `type_key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `event_keys` (
	`unit` integer NOT NULL,
	`idempotency_key` text NOT NULL,
	`event_id` text NOT NULL,
	PRIMARY KEY(`unit`, `idempotency_key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `event_keys_by_event` ON `event_keys` (`unit`,`event_id`);--> statement-breakpoint
CREATE TABLE `event_types` (
	`unit` integer NOT NULL,
	`type_key` text NOT NULL,
	`name` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `type_key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `events` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`occurred_at` integer NOT NULL,
	`event_id` text NOT NULL,
	`event_type` text NOT NULL,
	`type_key` text NOT NULL,
	`metadata` text,
	`received_at` integer NOT NULL,
	`processed_at` integer NOT NULL,
	`silent` integer NOT NULL,
	`score_before` real NOT NULL,
	`score_after` real NOT NULL,
	`fired` text,
	PRIMARY KEY(`unit`, `lead_id`, `occurred_at`, `event_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `events_by_id` ON `events` (`unit`,`event_id`);--> statement-breakpoint
CREATE INDEX `events_by_time` ON `events` (`unit`,`occurred_at`,`event_id`,`type_key`);--> statement-breakpoint
CREATE TABLE `refused_events` (
	`unit` integer NOT NULL,
	`event_id` text NOT NULL,
	`status` text NOT NULL,
	`duplicate_of` text,
	`reason` text NOT NULL,
	`event` text NOT NULL,
	`received_at` integer NOT NULL,
	`refused_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `event_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `refused_events_by_time` ON `refused_events` (`unit`,`status`,`refused_at`);--> statement-breakpoint
CREATE INDEX `refused_events_by_original` ON `refused_events` (`unit`,`duplicate_of`) WHERE duplicate_of IS NOT NULL;--> statement-breakpoint
CREATE TABLE `contributions` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`at` integer NOT NULL,
	`event_id` text NOT NULL,
	`rule_id` text NOT NULL,
	`ruleset_id` text NOT NULL,
	`weight` integer NOT NULL,
	`half_life_ms` integer,
	PRIMARY KEY(`unit`, `lead_id`, `at`, `event_id`, `rule_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `engagement_levels` (
	`unit` integer NOT NULL,
	`level_id` text NOT NULL,
	`name` text NOT NULL,
	`min_score` integer NOT NULL,
	`max_score` integer,
	`color` text NOT NULL,
	`position` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `level_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lead_scores` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`groups` text NOT NULL,
	`at` integer NOT NULL,
	`event_id` text NOT NULL,
	`last_event_at` integer NOT NULL,
	`event_count` integer NOT NULL,
	`version` integer NOT NULL,
	`bound` real NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `lead_scores_by_bound` ON `lead_scores` (`unit`,`bound`);--> statement-breakpoint
CREATE TABLE `rules` (
	`unit` integer NOT NULL,
	`rule_id` text NOT NULL,
	`ruleset_id` text NOT NULL,
	`event_type` text NOT NULL,
	`type_key` text NOT NULL,
	`weight` integer NOT NULL,
	`active` integer NOT NULL,
	`starts_at` integer,
	`ends_at` integer,
	`half_life_days` real,
	`attribute_filters` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`unit`, `rule_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rulesets` (
	`unit` integer NOT NULL,
	`ruleset_id` text NOT NULL,
	`name` text NOT NULL,
	`active` integer NOT NULL,
	`starts_at` integer,
	`ends_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`unit`, `ruleset_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `firings` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`trigger_id` text NOT NULL,
	`n` integer NOT NULL,
	`kind` text NOT NULL,
	`event_id` text NOT NULL,
	`event_type` text NOT NULL,
	`fired_at` integer NOT NULL,
	`score` real NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`, `trigger_id`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `firings_by_time` ON `firings` (`unit`,`fired_at`);--> statement-breakpoint
CREATE TABLE `triggers` (
	`unit` integer NOT NULL,
	`trigger_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`active` integer NOT NULL,
	`active_since` integer NOT NULL,
	`condition` text NOT NULL,
	`destination` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`unit`, `trigger_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `import_jobs` ADD `kind` text DEFAULT 'leads' NOT NULL;