CREATE TABLE `saved_filters` (
	`unit` integer NOT NULL,
	`filter_id` text NOT NULL,
	`name` text NOT NULL,
	`criteria` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `filter_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `watched_leads` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`watcher` text NOT NULL,
	`watch_id` text NOT NULL,
	`prediction` text,
	`prediction_notes` text,
	`score` real NOT NULL,
	`watched_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`, `watcher`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `watched_leads_by_watcher` ON `watched_leads` (`unit`,`watcher`,`watched_at`);