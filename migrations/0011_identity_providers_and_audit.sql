CREATE TABLE `audit_entries` (
	`entry_id` text PRIMARY KEY NOT NULL,
	`organization_id` text,
	`at` integer NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text NOT NULL,
	`action` text NOT NULL,
	`target_id` text NOT NULL,
	`request_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_entries_by_organization` ON `audit_entries` (`organization_id`,`entry_id`);--> statement-breakpoint
CREATE TABLE `identity_providers` (
	`identity_provider_id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`issuer` text NOT NULL,
	`jwks_url` text NOT NULL,
	`audience` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `identity_providers_issuer_unique` ON `identity_providers` (`issuer`);--> statement-breakpoint
CREATE INDEX `identity_providers_by_organization` ON `identity_providers` (`organization_id`);--> statement-breakpoint
ALTER TABLE `credentials` ADD `subject` text;--> statement-breakpoint
ALTER TABLE `credentials` ADD `identity_provider_id` text;--> statement-breakpoint
ALTER TABLE `credentials` ADD `tag_key_id` text;--> statement-breakpoint
CREATE INDEX `credentials_by_identity_provider` ON `credentials` (`identity_provider_id`) WHERE identity_provider_id IS NOT NULL;