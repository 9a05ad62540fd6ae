CREATE TABLE `segment_accounts` (
	`unit` integer NOT NULL,
	`account_id` text NOT NULL,
	`marks` integer NOT NULL,
	`after` text NOT NULL,
	PRIMARY KEY(`unit`, `account_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `segment_lanes` (
	`unit` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `segment_members` (
	`unit` integer NOT NULL,
	`segment_id` text NOT NULL,
	`lead_id` text NOT NULL,
	`member` integer NOT NULL,
	`due_at` integer,
	PRIMARY KEY(`unit`, `segment_id`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `segment_members_due` ON `segment_members` (`unit`,`due_at`) WHERE due_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `segment_queue` (
	`unit` integer NOT NULL,
	`lead_id` text NOT NULL,
	`marks` integer NOT NULL,
	`silent` integer NOT NULL,
	PRIMARY KEY(`unit`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `segment_watches` (
	`unit` integer NOT NULL,
	`segment_id` text NOT NULL,
	`active` integer NOT NULL,
	`since` integer NOT NULL,
	`scan_after` text,
	PRIMARY KEY(`unit`, `segment_id`)
) WITHOUT ROWID;
--> statement-breakpoint
-- In the commit that changes a lead, the lead is queued for the segments that are watched. What is deleted needs no check.
CREATE TRIGGER `segment_queue_of_change` AFTER INSERT ON `change_log`
WHEN EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1)
BEGIN
  INSERT INTO segment_queue (unit, lead_id, marks, silent)
  SELECT NEW.unit, e.key, 1, 0 FROM json_each(NEW.changes) e WHERE NEW.kinds -> (e.value ->> 0) ->> 0 NOT IN ('deleted', 'erased')
  ON CONFLICT (unit, lead_id) DO UPDATE SET marks = marks + 1, silent = min(silent, 0);
END;
--> statement-breakpoint
CREATE TRIGGER `segment_queue_of_new_score` AFTER INSERT ON `lead_scores`
WHEN EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1)
BEGIN
  INSERT INTO segment_queue (unit, lead_id, marks, silent) VALUES (NEW.unit, NEW.lead_id, 1, 0)
  ON CONFLICT (unit, lead_id) DO UPDATE SET marks = marks + 1, silent = min(silent, 0);
END;
--> statement-breakpoint
CREATE TRIGGER `segment_queue_of_score` AFTER UPDATE OF `version` ON `lead_scores`
WHEN EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1)
BEGIN
  INSERT INTO segment_queue (unit, lead_id, marks, silent) VALUES (NEW.unit, NEW.lead_id, 1, 0)
  ON CONFLICT (unit, lead_id) DO UPDATE SET marks = marks + 1, silent = min(silent, 0);
END;
--> statement-breakpoint
CREATE TRIGGER `segment_queue_of_account` AFTER UPDATE OF `name`, `domain`, `metadata` ON `accounts`
WHEN EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1)
BEGIN
  INSERT INTO segment_accounts (unit, account_id, marks, after) VALUES (NEW.unit, NEW.account_id, 1, '')
  ON CONFLICT (unit, account_id) DO UPDATE SET marks = marks + 1, after = '';
END;
--> statement-breakpoint
-- A level or a rule on profiles changes who matches: the members are recorded anew, and nobody is notified of that.
CREATE TRIGGER `segment_scan_after_insert_of_engagement_levels` AFTER INSERT ON `engagement_levels`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = NEW.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_update_of_engagement_levels` AFTER UPDATE ON `engagement_levels`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = NEW.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_delete_of_engagement_levels` AFTER DELETE ON `engagement_levels`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = OLD.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_update_of_profile_rulesets` AFTER UPDATE ON `profile_rulesets`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = NEW.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_delete_of_profile_rulesets` AFTER DELETE ON `profile_rulesets`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = OLD.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_insert_of_profile_rules` AFTER INSERT ON `profile_rules`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = NEW.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_update_of_profile_rules` AFTER UPDATE ON `profile_rules`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = NEW.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_delete_of_profile_rules` AFTER DELETE ON `profile_rules`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = OLD.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_insert_of_profile_mappings` AFTER INSERT ON `profile_mappings`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = NEW.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_update_of_profile_mappings` AFTER UPDATE ON `profile_mappings`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = NEW.unit AND active = 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_scan_after_delete_of_profile_mappings` AFTER DELETE ON `profile_mappings`
BEGIN
  UPDATE segment_watches SET scan_after = '', since = max(since, CAST(unixepoch('subsec') * 1000 AS INTEGER)) WHERE unit = OLD.unit AND active = 1;
END;
--> statement-breakpoint
-- A check that was planned before a segment was watched, or before its rules changed, is planned again.
CREATE TRIGGER `segment_lane_of_new_watch` AFTER INSERT ON `segment_watches`
BEGIN
  INSERT INTO segment_lanes (unit, version) VALUES (NEW.unit, 0) ON CONFLICT (unit) DO UPDATE SET version = version + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_lane_of_watch` AFTER UPDATE OF `since` ON `segment_watches`
BEGIN
  UPDATE segment_lanes SET version = version + 1 WHERE unit = NEW.unit;
END;
