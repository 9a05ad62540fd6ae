CREATE TABLE `segment_account_scores` (
	`unit` integer NOT NULL,
	`account_id` text NOT NULL,
	`score` real,
	`due_at` integer,
	`marks` integer NOT NULL,
	PRIMARY KEY(`unit`, `account_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `segment_account_scores_due` ON `segment_account_scores` (`unit`,`due_at`) WHERE due_at IS NOT NULL;--> statement-breakpoint
ALTER TABLE `segment_watches` ADD `sums_accounts` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
-- In the commit that changes a lead's score or account, its account is marked to be added up again; in a unit without such rules nothing is written.
CREATE TRIGGER `segment_account_of_new_score` AFTER INSERT ON `lead_scores`
WHEN EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1 AND sums_accounts = 1)
BEGIN
  INSERT INTO segment_account_scores (unit, account_id, score, due_at, marks)
  SELECT NEW.unit, l.account_id, NULL, 0, 1 FROM leads l WHERE l.unit = NEW.unit AND l.lead_id = NEW.lead_id AND l.account_id IS NOT NULL
  ON CONFLICT (unit, account_id) DO UPDATE SET due_at = 0, marks = marks + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_account_of_score` AFTER UPDATE OF `version` ON `lead_scores`
WHEN EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1 AND sums_accounts = 1)
BEGIN
  INSERT INTO segment_account_scores (unit, account_id, score, due_at, marks)
  SELECT NEW.unit, l.account_id, NULL, 0, 1 FROM leads l WHERE l.unit = NEW.unit AND l.lead_id = NEW.lead_id AND l.account_id IS NOT NULL
  ON CONFLICT (unit, account_id) DO UPDATE SET due_at = 0, marks = marks + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_account_of_new_lead` AFTER INSERT ON `leads`
WHEN NEW.account_id IS NOT NULL AND EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1 AND sums_accounts = 1)
BEGIN
  INSERT INTO segment_account_scores (unit, account_id, score, due_at, marks)
  SELECT NEW.unit, NEW.account_id, NULL, 0, 1 WHERE true
  ON CONFLICT (unit, account_id) DO UPDATE SET due_at = 0, marks = marks + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_account_of_lead` AFTER UPDATE OF `account_id` ON `leads`
WHEN OLD.account_id IS NOT NEW.account_id AND EXISTS (SELECT 1 FROM segment_watches WHERE unit = NEW.unit AND active = 1 AND sums_accounts = 1)
BEGIN
  INSERT INTO segment_account_scores (unit, account_id, score, due_at, marks)
  SELECT NEW.unit, a.value, NULL, 0, 1 FROM json_each(json_array(OLD.account_id, NEW.account_id)) a WHERE a.value IS NOT NULL
  ON CONFLICT (unit, account_id) DO UPDATE SET due_at = 0, marks = marks + 1;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_account_of_deleted_lead` AFTER DELETE ON `leads`
WHEN OLD.account_id IS NOT NULL AND EXISTS (SELECT 1 FROM segment_watches WHERE unit = OLD.unit AND active = 1 AND sums_accounts = 1)
BEGIN
  INSERT INTO segment_account_scores (unit, account_id, score, due_at, marks)
  SELECT OLD.unit, OLD.account_id, NULL, 0, 1 WHERE true
  ON CONFLICT (unit, account_id) DO UPDATE SET due_at = 0, marks = marks + 1;
END;
--> statement-breakpoint
-- Other rules or levels have other bounds: every account's next due time is found again.
CREATE TRIGGER `segment_accounts_of_new_watch` AFTER INSERT ON `segment_watches`
WHEN NEW.sums_accounts = 1
BEGIN
  UPDATE segment_account_scores SET due_at = 0, marks = marks + 1 WHERE unit = NEW.unit;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_accounts_of_watch` AFTER UPDATE OF `since` ON `segment_watches`
WHEN NEW.sums_accounts = 1
BEGIN
  UPDATE segment_account_scores SET due_at = 0, marks = marks + 1 WHERE unit = NEW.unit;
END;
--> statement-breakpoint
CREATE TRIGGER `segment_accounts_of_ended_watch` AFTER DELETE ON `segment_watches`
WHEN OLD.sums_accounts = 1 AND NOT EXISTS (SELECT 1 FROM segment_watches WHERE unit = OLD.unit AND sums_accounts = 1)
BEGIN
  DELETE FROM segment_account_scores WHERE unit = OLD.unit;
END;
