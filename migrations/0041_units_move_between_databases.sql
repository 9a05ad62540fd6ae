CREATE TABLE `move_changes` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`move_id` text NOT NULL,
	`name` text NOT NULL,
	`key` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `move_sides` (
	`move_id` text NOT NULL,
	`side` text NOT NULL,
	`unit` integer NOT NULL,
	`state` text NOT NULL,
	`open` text DEFAULT '' NOT NULL,
	`turn` integer NOT NULL,
	PRIMARY KEY(`move_id`, `side`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `unit_moves` (
	`move_id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`unit` integer NOT NULL,
	`unit_id` text NOT NULL,
	`from_shard` integer NOT NULL,
	`to_shard` integer NOT NULL,
	`status` text NOT NULL,
	`step` text NOT NULL,
	`position` text,
	`rows_copied` integer DEFAULT 0 NOT NULL,
	`differing_rounds` integer DEFAULT 0 NOT NULL,
	`turn` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`switched_at` integer,
	`removed_at` integer,
	`closed_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `unit_moves_active` ON `unit_moves` (`unit`) WHERE removed_at IS NULL;--> statement-breakpoint
CREATE INDEX `unit_moves_due` ON `unit_moves` (`due_at`) WHERE closed_at IS NULL;--> statement-breakpoint
ALTER TABLE `org_units` ADD `moving` integer DEFAULT false NOT NULL;