CREATE TABLE `quota_guards` (
	`definitions` integer DEFAULT 0 NOT NULL,
	`leads` integer DEFAULT 0 NOT NULL,
	`stored_bytes` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE `org_units` ADD `limits` text DEFAULT '{}' NOT NULL;