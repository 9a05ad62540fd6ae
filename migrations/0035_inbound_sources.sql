CREATE TABLE `inbound_payloads` (
	`unit` integer NOT NULL,
	`source_id` text NOT NULL,
	`payload_id` text NOT NULL,
	`received_at` integer NOT NULL,
	`deliveries` integer NOT NULL,
	`given_id` text,
	`payload` text NOT NULL,
	`outcome` text NOT NULL,
	`reason` text,
	`event_ids` text NOT NULL,
	PRIMARY KEY(`unit`, `source_id`, `payload_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `inbound_sources` (
	`unit` integer NOT NULL,
	`source_id` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`token_hash` text NOT NULL,
	`secret` text,
	`mapping` text NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `source_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `inbound_sources_by_token` ON `inbound_sources` (`unit`,`token_hash`);