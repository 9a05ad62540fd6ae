CREATE TABLE `idempotency_keys` (
	`unit` integer NOT NULL,
	`scope` text NOT NULL,
	`key` text NOT NULL,
	`created_at` integer NOT NULL,
	`request_hash` text NOT NULL,
	`status` integer NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`unit`, `scope`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sweep_positions` (
	`job` text PRIMARY KEY NOT NULL,
	`position` text NOT NULL
) WITHOUT ROWID;
