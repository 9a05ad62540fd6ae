CREATE TABLE `deliveries` (
	`unit` integer NOT NULL,
	`delivery_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`event_type` text NOT NULL,
	`payload` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`attempts_before` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`claimed_at` integer,
	`last_error` text,
	`created_at` integer NOT NULL,
	`finished_at` integer,
	PRIMARY KEY(`unit`, `delivery_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_by_time` ON `deliveries` (`unit`,`created_at`);--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`next_attempt_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX `deliveries_pending` ON `deliveries` (`unit`,`channel_id`) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX `deliveries_finished` ON `deliveries` (`finished_at`) WHERE finished_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `delivery_attempts` (
	`unit` integer NOT NULL,
	`delivery_id` text NOT NULL,
	`attempt_no` integer NOT NULL,
	`at` integer NOT NULL,
	`status_code` integer,
	`error` text,
	`duration_ms` integer,
	`response` text,
	PRIMARY KEY(`unit`, `delivery_id`, `attempt_no`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `notification_channels` (
	`unit` integer NOT NULL,
	`channel_id` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`config` text NOT NULL,
	`secret` text,
	`previous_secret` text,
	`previous_until` integer,
	`owner` text,
	`disabled_at` integer,
	`disabled_reason` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `channel_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `notification_channels_by_owner` ON `notification_channels` (`unit`,`owner`);