CREATE TABLE `bulk_jobs` (
	`unit` integer NOT NULL,
	`job_id` text NOT NULL,
	`action` text NOT NULL,
	`status` text NOT NULL,
	`target` text NOT NULL,
	`change` text,
	`requested_by` text NOT NULL,
	`total` integer,
	`processed` integer NOT NULL,
	`written` integer NOT NULL,
	`refused` integer NOT NULL,
	`slices` integer NOT NULL,
	`after` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`completed_at` integer,
	PRIMARY KEY(`unit`, `job_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `bulk_jobs_active` ON `bulk_jobs` (`updated_at`) WHERE completed_at IS NULL;