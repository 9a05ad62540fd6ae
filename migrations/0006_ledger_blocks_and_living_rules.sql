CREATE TABLE `score_blocks` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`at` integer NOT NULL,
	`event_id` text NOT NULL,
	`terms` text NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`, `at`, `event_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `rules_living` ON `rules` (`unit`,`ruleset_id`,`active`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX `rulesets_living` ON `rulesets` (`unit`,`active`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX `triggers_living` ON `triggers` (`unit`,`active`) WHERE deleted_at IS NULL;