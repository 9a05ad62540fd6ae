CREATE TABLE `lead_erasures` (
	`unit` integer NOT NULL,
	`receipt_id` text NOT NULL,
	`erased_id` text NOT NULL,
	`status` text NOT NULL,
	`requested_by` text NOT NULL,
	`requested_at` integer NOT NULL,
	`erased` text NOT NULL,
	`suppressed` integer NOT NULL,
	`position` text,
	`steps` integer NOT NULL,
	`run_at` integer NOT NULL,
	`receipt` text,
	PRIMARY KEY(`unit`, `receipt_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `lead_erasures_running` ON `lead_erasures` (`unit`,`erased_id`) WHERE status = 'running';--> statement-breakpoint
CREATE INDEX `lead_erasures_active` ON `lead_erasures` (`run_at`) WHERE status = 'running';