ALTER TABLE `leads` ADD `consent` text;--> statement-breakpoint
ALTER TABLE `org_units` ADD `link_accounts_by_domain` integer DEFAULT false NOT NULL;