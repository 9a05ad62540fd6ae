CREATE TABLE `channel_events` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`event_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`category` text NOT NULL,
	`data` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`, `event_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `channel_events_by_channel` ON `channel_events` (`unit`,`channel_id`,`event_id`);--> statement-breakpoint
CREATE TABLE `channel_leads` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`status_id` text NOT NULL,
	`properties` text NOT NULL,
	`legacy_id` integer,
	PRIMARY KEY(`unit`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `channel_leads_by_channel` ON `channel_leads` (`unit`,`channel_id`,`lead_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `channel_leads_by_legacy_id` ON `channel_leads` (`unit`,`legacy_id`) WHERE legacy_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `channel_statuses` (
	`channel_id` text NOT NULL,
	`status_id` text NOT NULL,
	`status` text NOT NULL,
	`order` integer NOT NULL,
	`color` text NOT NULL,
	`visible` integer NOT NULL,
	PRIMARY KEY(`channel_id`, `status_id`),
	FOREIGN KEY (`channel_id`) REFERENCES `channels`(`channel_id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `channel_statuses_by_name` ON `channel_statuses` (`channel_id`,`status`);--> statement-breakpoint
CREATE TABLE `channels` (
	`channel_id` text PRIMARY KEY NOT NULL,
	`public_id` text NOT NULL,
	`title` text NOT NULL,
	`unit` integer NOT NULL,
	`creator` text NOT NULL,
	`partner` text,
	`referring` text,
	`receiving` text,
	`currency` text NOT NULL,
	`no_auth_api` integer NOT NULL,
	`webhook_new_lead` text,
	`webhook_new_lead_id` text,
	`webhook_status_update` text,
	`webhook_status_update_id` text,
	`created_at` integer NOT NULL,
	`archived_at` integer,
	FOREIGN KEY (`unit`) REFERENCES `org_units`(`unit`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `channels_public_id_unique` ON `channels` (`public_id`);--> statement-breakpoint
CREATE INDEX `channels_by_creator` ON `channels` (`creator`);--> statement-breakpoint
CREATE INDEX `channels_by_partner` ON `channels` (`partner`) WHERE partner IS NOT NULL;--> statement-breakpoint
CREATE INDEX `channels_by_referring` ON `channels` (`referring`) WHERE referring IS NOT NULL;--> statement-breakpoint
CREATE INDEX `channels_by_receiving` ON `channels` (`receiving`) WHERE receiving IS NOT NULL;--> statement-breakpoint
CREATE TABLE `lead_directory` (
	`lead_id` text PRIMARY KEY NOT NULL,
	`channel_id` text NOT NULL,
	`legacy_id` integer,
	FOREIGN KEY (`channel_id`) REFERENCES `channels`(`channel_id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `lead_directory_by_legacy_id` ON `lead_directory` (`legacy_id`) WHERE legacy_id IS NOT NULL;--> statement-breakpoint
CREATE TABLE `property_definitions` (
	`channel_id` text NOT NULL,
	`definition_id` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`order` integer NOT NULL,
	`visible` integer NOT NULL,
	`active` integer NOT NULL,
	PRIMARY KEY(`channel_id`, `definition_id`),
	FOREIGN KEY (`channel_id`) REFERENCES `channels`(`channel_id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `property_definitions_by_name` ON `property_definitions` (`channel_id`,`name`);--> statement-breakpoint
CREATE TABLE `purchases` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`purchase_id` text NOT NULL,
	`name` text,
	`description` text,
	`amount` real,
	`date` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`, `purchase_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `reward_events` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`reward_event_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`trigger_id` text NOT NULL,
	`kind` text NOT NULL,
	`amount` real NOT NULL,
	`currency` text NOT NULL,
	`purchase_id` text,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`, `reward_event_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `reward_events_by_channel` ON `reward_events` (`unit`,`channel_id`,`reward_event_id`);--> statement-breakpoint
CREATE TABLE `reward_triggers` (
	`channel_id` text NOT NULL,
	`trigger_id` text NOT NULL,
	`kind` text NOT NULL,
	`amount_type` text NOT NULL,
	`amount` real NOT NULL,
	`status_id` text,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`channel_id`, `trigger_id`),
	FOREIGN KEY (`channel_id`) REFERENCES `channels`(`channel_id`) ON UPDATE no action ON DELETE no action
) WITHOUT ROWID;
