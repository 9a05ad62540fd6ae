CREATE TABLE `change_log` (
	`unit` integer NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`source` text NOT NULL,
	`actor` text NOT NULL,
	`request_id` text NOT NULL,
	`kinds` text NOT NULL,
	`changes` text NOT NULL,
	PRIMARY KEY(`unit`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `leads` ADD `last_change` integer;--> statement-breakpoint
ALTER TABLE `leads` ADD `sources` text;