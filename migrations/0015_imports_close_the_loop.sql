CREATE TABLE `import_mappings` (
	`unit` integer NOT NULL,
	`mapping_id` text NOT NULL,
	`name` text NOT NULL,
	`headers` text NOT NULL,
	`mapping` text NOT NULL,
	`used_count` integer NOT NULL,
	`created_at` integer NOT NULL,
	`used_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `mapping_id`)
);
--> statement-breakpoint
CREATE TABLE `import_placeholders` (
	`unit` integer PRIMARY KEY NOT NULL,
	`added` text NOT NULL,
	`disabled` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `import_chunks` ADD `mended` text;--> statement-breakpoint
ALTER TABLE `import_jobs` ADD `mended_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `events` text;