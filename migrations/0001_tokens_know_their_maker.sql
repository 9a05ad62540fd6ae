ALTER TABLE `credentials` ADD `created_by` text;--> statement-breakpoint
CREATE INDEX `credentials_by_creator` ON `credentials` (`created_by`) WHERE created_by IS NOT NULL;