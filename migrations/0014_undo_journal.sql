CREATE TABLE `undo_chunks` (
	`unit` integer NOT NULL,
	`operation_id` text NOT NULL,
	`chunk_no` integer NOT NULL,
	`part` integer NOT NULL,
	`removed` integer NOT NULL,
	`restored` integer NOT NULL,
	`committed_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `operation_id`, `chunk_no`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `undo_journal` (
	`unit` integer NOT NULL,
	`operation_id` text NOT NULL,
	`chunk_no` integer NOT NULL,
	`part` integer NOT NULL,
	`written_at` integer NOT NULL,
	`kind` text NOT NULL,
	`first_lead_id` text NOT NULL,
	`last_lead_id` text NOT NULL,
	`entries` text NOT NULL,
	PRIMARY KEY(`unit`, `operation_id`, `chunk_no`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `undo_kept` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`operation_id` text NOT NULL,
	`fields` integer NOT NULL,
	`items` text NOT NULL,
	`kept_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`, `operation_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `undo_kept_by_operation` ON `undo_kept` (`unit`,`operation_id`);--> statement-breakpoint
CREATE TABLE `undos` (
	`unit` integer NOT NULL,
	`operation_id` text NOT NULL,
	`status` text NOT NULL,
	`requested_by` text NOT NULL,
	`requested_at` integer NOT NULL,
	`completed_at` integer,
	`run_at` integer,
	`rows_left` integer,
	`tries` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`unit`, `operation_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `undos_active` ON `undos` (`status`) WHERE status IN ('queued', 'in_progress');