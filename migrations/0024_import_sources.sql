CREATE TABLE `import_sources` (
	`unit` integer NOT NULL,
	`source_id` text NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`schedule` text NOT NULL,
	`mapping` text NOT NULL,
	`stops` text NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`next_poll_at` integer NOT NULL,
	`claimed_at` integer,
	`last_polled_at` integer,
	`failures` integer DEFAULT 0 NOT NULL,
	`last_error` text,
	`etag` text,
	`last_modified` text,
	`content_hash` text,
	`headers` text,
	`last_job_id` text,
	`pending` text,
	PRIMARY KEY(`unit`, `source_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `import_sources_due` ON `import_sources` (`next_poll_at`) WHERE active = 1;