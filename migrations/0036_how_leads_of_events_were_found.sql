ALTER TABLE `events` ADD `resolved` text;--> statement-breakpoint
ALTER TABLE `fact_calls` ADD `resolved` text;