CREATE TABLE `import_upload_parts` (
	`unit` integer NOT NULL,
	`upload_id` text NOT NULL,
	`part_no` integer NOT NULL,
	`etag` text NOT NULL,
	`size` integer NOT NULL,
	PRIMARY KEY(`unit`, `upload_id`, `part_no`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `import_uploads` (
	`unit` integer NOT NULL,
	`upload_id` text NOT NULL,
	`raw_key` text NOT NULL,
	`r2_upload_id` text NOT NULL,
	`object_key` text NOT NULL,
	`file_name` text NOT NULL,
	`size` integer NOT NULL,
	`part_size` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`file_id` text,
	PRIMARY KEY(`unit`, `upload_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `import_uploads_by_expires_at` ON `import_uploads` (`expires_at`);