CREATE TABLE `bulk_plans` (
	`unit` integer NOT NULL,
	`plan_id` text NOT NULL,
	`target` text NOT NULL,
	`change` text NOT NULL,
	`fingerprint` text NOT NULL,
	`matched` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`job_id` text,
	PRIMARY KEY(`unit`, `plan_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `bulk_jobs` ADD `client` text;--> statement-breakpoint
ALTER TABLE `import_jobs` ADD `client` text;--> statement-breakpoint
ALTER TABLE `undos` ADD `client` text;