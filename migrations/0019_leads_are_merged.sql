CREATE TABLE `merge_journal` (
	`unit` integer NOT NULL,
	`merge_id` text NOT NULL,
	`part` text NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`unit`, `merge_id`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `merged_leads` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`merged_into` text NOT NULL,
	`merge_id` text NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `merged_leads_by_target` ON `merged_leads` (`unit`,`merged_into`);--> statement-breakpoint
CREATE TABLE `merges` (
	`unit` integer NOT NULL,
	`merge_id` text NOT NULL,
	`target_id` text NOT NULL,
	`source_ids` text NOT NULL,
	`status` text NOT NULL,
	`merged_at` integer NOT NULL,
	`merged_by` text NOT NULL,
	`events_total` integer NOT NULL,
	`events_moved` integer NOT NULL,
	`position` text,
	`run_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `merge_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `merges_by_target` ON `merges` (`unit`,`target_id`);--> statement-breakpoint
CREATE INDEX `merges_running` ON `merges` (`status`) WHERE status IN ('running', 'undoing');--> statement-breakpoint
CREATE INDEX `merges_by_time` ON `merges` (`merged_at`);--> statement-breakpoint
ALTER TABLE `events` ADD `original_lead_id` text;--> statement-breakpoint
ALTER TABLE `aliases` ADD `moved_from` text;