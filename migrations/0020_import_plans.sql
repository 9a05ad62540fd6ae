CREATE TABLE `import_plans` (
	`unit` integer NOT NULL,
	`plan_id` text NOT NULL,
	`file_id` text NOT NULL,
	`status` text NOT NULL,
	`mapping` text NOT NULL,
	`created_fields` text NOT NULL,
	`identity` text NOT NULL,
	`seed` text NOT NULL,
	`planned_chunks` integer NOT NULL,
	`progress` text NOT NULL,
	`problem` text,
	`signature` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`run_at` integer,
	`tries` integer DEFAULT 0 NOT NULL,
	`job_id` text,
	PRIMARY KEY(`unit`, `plan_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `import_plans_by_expires_at` ON `import_plans` (`expires_at`);--> statement-breakpoint
CREATE INDEX `import_plans_active` ON `import_plans` (`status`) WHERE status = 'in_progress';