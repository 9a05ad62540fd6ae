CREATE TABLE `segments` (
	`unit` integer NOT NULL,
	`segment_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`rules` text NOT NULL,
	`active` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `segment_id`)
) WITHOUT ROWID;
