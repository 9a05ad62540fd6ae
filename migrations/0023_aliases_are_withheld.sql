CREATE TABLE `withheld_aliases` (
	`unit` integer NOT NULL,
	`bucket` integer NOT NULL,
	`digest` text NOT NULL,
	`salt` text NOT NULL,
	`reason` text NOT NULL,
	`kind` text,
	`value` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `bucket`, `digest`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `alias_conflicts` ADD `kept_apart_at` integer;