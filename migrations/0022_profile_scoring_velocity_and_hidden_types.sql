CREATE TABLE `velocity_filters` (
	`unit` integer NOT NULL,
	`filter_id` text NOT NULL,
	`event_type` text NOT NULL,
	`type_key` text NOT NULL,
	`threshold` integer NOT NULL,
	`window_ms` integer NOT NULL,
	`keep_first` integer NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `filter_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `profile_mappings` (
	`unit` integer NOT NULL,
	`mapping_id` text NOT NULL,
	`metadata_key` text NOT NULL,
	`profile_field` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `mapping_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `profile_mappings_by_key` ON `profile_mappings` (`unit`,`metadata_key`);--> statement-breakpoint
CREATE TABLE `profile_rules` (
	`unit` integer NOT NULL,
	`ruleset_id` text NOT NULL,
	`rule_id` text NOT NULL,
	`profile_field` text NOT NULL,
	`operator` text NOT NULL,
	`value` text NOT NULL,
	`weight` integer NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `ruleset_id`, `rule_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `profile_rulesets` (
	`unit` integer NOT NULL,
	`ruleset_id` text NOT NULL,
	`name` text NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `ruleset_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `event_types` ADD `hidden` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `events` ADD `suppression_reason` text;--> statement-breakpoint
ALTER TABLE `engagement_levels` ADD `dimension` text DEFAULT 'engagement' NOT NULL;