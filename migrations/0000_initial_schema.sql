CREATE TABLE `commit_guards` (
	`stale` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`message_id` text PRIMARY KEY NOT NULL,
	`queue` text NOT NULL,
	`body` text NOT NULL,
	`received_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `import_chunks` (
	`unit` integer NOT NULL,
	`job_id` text NOT NULL,
	`chunk_no` integer NOT NULL,
	`created` integer NOT NULL,
	`changed` integer NOT NULL,
	`unchanged` integer NOT NULL,
	`failed` integer NOT NULL,
	`errors` text,
	`conflicts` text,
	`committed_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `job_id`, `chunk_no`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `import_files` (
	`unit` integer NOT NULL,
	`file_id` text NOT NULL,
	`object_key` text NOT NULL,
	`file_name` text NOT NULL,
	`headers` text NOT NULL,
	`delimiter` text NOT NULL,
	`guarded` integer NOT NULL,
	`row_count` integer NOT NULL,
	`chunks` text NOT NULL,
	`default_region` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`keep_until` integer NOT NULL,
	PRIMARY KEY(`unit`, `file_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `import_files_by_keep_until` ON `import_files` (`keep_until`);--> statement-breakpoint
CREATE TABLE `import_jobs` (
	`unit` integer NOT NULL,
	`job_id` text NOT NULL,
	`file_id` text NOT NULL,
	`file_name` text NOT NULL,
	`status` text NOT NULL,
	`mapping` text NOT NULL,
	`mapping_hash` text NOT NULL,
	`total_rows` integer NOT NULL,
	`chunk_count` integer NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`completed_at` integer,
	`tried_chunk` integer DEFAULT 0 NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`run_at` integer,
	`created_count` integer,
	`changed_count` integer,
	`unchanged_count` integer,
	`failed_count` integer,
	PRIMARY KEY(`unit`, `job_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `import_jobs_running` ON `import_jobs` (`unit`,`mapping_hash`) WHERE status IN ('queued', 'in_progress');--> statement-breakpoint
CREATE INDEX `import_jobs_active` ON `import_jobs` (`status`) WHERE status IN ('queued', 'in_progress');--> statement-breakpoint
CREATE TABLE `accounts` (
	`unit` integer NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`domain` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `account_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `accounts_by_domain` ON `accounts` (`unit`,`domain`);--> statement-breakpoint
CREATE TABLE `alias_conflicts` (
	`unit` integer NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`lead_id` text NOT NULL,
	`owner_lead_id` text NOT NULL,
	`source` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `kind`, `value`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `aliases` (
	`unit` integer NOT NULL,
	`kind` text NOT NULL,
	`value` text NOT NULL,
	`lead_id` text NOT NULL,
	PRIMARY KEY(`unit`, `kind`, `value`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `leads` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`profile` text NOT NULL,
	`aliases` text NOT NULL,
	`account_id` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `profile_fields` (
	`unit` integer NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`unit`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `credentials` (
	`credential_id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`organization_id` text NOT NULL,
	`unit` integer,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`client_id` text,
	`secret_hash` text NOT NULL,
	`rate_limit_per_hour` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`unit`) REFERENCES `org_units`(`unit`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `credentials_by_client_id` ON `credentials` (`client_id`) WHERE client_id IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `credentials_by_secret_hash` ON `credentials` (`secret_hash`);--> statement-breakpoint
CREATE TABLE `org_units` (
	`unit` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`organization_id` text NOT NULL,
	`unit_id` text NOT NULL,
	`workspace_id` text NOT NULL,
	`name` text NOT NULL,
	`slug` text NOT NULL,
	`external_ref` text,
	`is_default` integer NOT NULL,
	`default_region` text,
	`shard` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`organization_id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `org_units_workspace_id_unique` ON `org_units` (`workspace_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `org_units_by_id` ON `org_units` (`organization_id`,`unit_id`);--> statement-breakpoint
CREATE TABLE `organizations` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`company_id` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_company_id_unique` ON `organizations` (`company_id`);