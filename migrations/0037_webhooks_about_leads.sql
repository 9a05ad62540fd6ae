CREATE TABLE `change_feeds` (
	`unit` integer NOT NULL,
	`channel_id` text NOT NULL,
	`seq` integer NOT NULL,
	`done` integer NOT NULL,
	PRIMARY KEY(`unit`, `channel_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `inbound_payloads` ADD `replays` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `sequence_key` text;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `sequence_no` integer;--> statement-breakpoint
CREATE INDEX `deliveries_in_sequence` ON `deliveries` (`unit`,`channel_id`,`sequence_key`,`sequence_no`) WHERE status = 'pending' AND sequence_key IS NOT NULL;