ALTER TABLE `org_units` ADD `former_regions` text;--> statement-breakpoint
ALTER TABLE `org_units` ADD `rekeyed_to` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `org_units` ADD `rekey_at` integer;--> statement-breakpoint
CREATE INDEX `org_units_to_rekey` ON `org_units` (`rekey_at`) WHERE rekey_at IS NOT NULL;