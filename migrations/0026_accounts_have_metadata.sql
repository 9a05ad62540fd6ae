ALTER TABLE `accounts` ADD `metadata` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX `accounts_by_name` ON `accounts` (`unit`,`name`);