CREATE TABLE `import_mappings_next` (
	`unit` integer NOT NULL,
	`mapping_id` text NOT NULL,
	`name` text NOT NULL,
	`headers` text NOT NULL,
	`mapping` text NOT NULL,
	`used_count` integer NOT NULL,
	`created_at` integer NOT NULL,
	`used_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `mapping_id`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `import_mappings_next` (unit, mapping_id, name, headers, mapping, used_count, created_at, used_at)
SELECT unit, mapping_id, name, headers, mapping, used_count, created_at, used_at FROM `import_mappings`;
--> statement-breakpoint
DROP TABLE `import_mappings`;
--> statement-breakpoint
ALTER TABLE `import_mappings_next` RENAME TO `import_mappings`;
--> statement-breakpoint
-- nothing has written to it yet
DROP TABLE `import_placeholders`;
--> statement-breakpoint
CREATE TABLE `import_placeholders` (
	`unit` integer PRIMARY KEY NOT NULL,
	`added` text NOT NULL,
	`disabled` text NOT NULL,
	`updated_at` integer NOT NULL
) WITHOUT ROWID;
