CREATE TABLE `fact_calls` (
	`unit` integer NOT NULL,
	`event_id` text NOT NULL,
	`call` text NOT NULL,
	`lead_id` text NOT NULL,
	`received_at` integer NOT NULL,
	`processed_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `event_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `fact_calls_by_lead` ON `fact_calls` (`unit`,`lead_id`);--> statement-breakpoint
CREATE TABLE `account_groups` (
	`unit` integer NOT NULL,
	`group_id` text NOT NULL,
	`account_id` text NOT NULL,
	`written` text NOT NULL,
	PRIMARY KEY(`unit`, `group_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `credentials` ADD `origins` text;