ALTER TABLE `import_chunks` ADD `skipped` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `import_chunks` ADD `warned` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `import_chunks` ADD `warnings` text;--> statement-breakpoint
ALTER TABLE `import_files` ADD `format` text DEFAULT 'csv' NOT NULL;--> statement-breakpoint
ALTER TABLE `import_jobs` ADD `skipped_count` integer;--> statement-breakpoint
ALTER TABLE `import_jobs` ADD `warned_count` integer;