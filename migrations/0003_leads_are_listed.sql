CREATE TABLE `lead_counts` (
	`unit` integer NOT NULL,
	`status` text NOT NULL,
	`leads` integer NOT NULL,
	PRIMARY KEY(`unit`, `status`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `lead_terms` (
	`unit` integer NOT NULL,
	`field` text NOT NULL,
	`term` text NOT NULL,
	`lead_id` text NOT NULL,
	PRIMARY KEY(`unit`, `field`, `term`, `lead_id`)
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `leads` ADD `status` text DEFAULT 'new' NOT NULL;--> statement-breakpoint
ALTER TABLE `leads` ADD `shown_email` text;--> statement-breakpoint
ALTER TABLE `leads` ADD `shown_phone` text;--> statement-breakpoint
ALTER TABLE `leads` ADD `owned_email` text GENERATED ALWAYS AS (iif(aliases->>'$[0][0]' = 'email', aliases->>'$[0][1]', iif(aliases->>'$[1][0]' = 'email', aliases->>'$[1][1]', iif(aliases->>'$[2][0]' = 'email', aliases->>'$[2][1]', '')))) VIRTUAL;--> statement-breakpoint
ALTER TABLE `leads` ADD `searched_email` text GENERATED ALWAYS AS (coalesce(lower(shown_email), owned_email)) VIRTUAL;--> statement-breakpoint
ALTER TABLE `leads` ADD `searched_name` text GENERATED ALWAYS AS (lower(substr(iif(json_type(profile, '$.name') = 'text', profile->>'$.name', coalesce(profile->>'$.first_name', '') || ' ' || coalesce(profile->>'$.last_name', '')), 1, 256))) VIRTUAL;--> statement-breakpoint
ALTER TABLE `leads` ADD `words` text GENERATED ALWAYS AS ('[' || replace(json_quote(searched_name || ' ' || replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(searched_name || ' ' || substr(searched_email, 1, instr(searched_email, '@') - 1), '-', ' '), '.', ' '), '_', ' '), '+', ' '), '''', ' '), '(', ' '), ')', ' '), '"', ' '), ',', ' '), '/', ' '), char(9), ' '), char(10), ' '), char(160), ' ') || ' ' || substr(searched_email, instr(searched_email, '@') + 1) || ' ' || coalesce(lower(shown_email), '')), ' ', '","') || ']') VIRTUAL;--> statement-breakpoint
CREATE INDEX `alias_conflicts_by_lead` ON `alias_conflicts` (`unit`,`lead_id`);
--> statement-breakpoint
-- What lists find leads by, see src/db/schema/leads.ts. A word is cut at 64 characters, a lead has 12 of them at most.
CREATE TRIGGER `lead_terms_of_new_lead` AFTER INSERT ON `leads` BEGIN
  INSERT INTO lead_terms (unit, field, term, lead_id)
    SELECT NEW.unit, 'word', word, NEW.lead_id FROM (SELECT DISTINCT substr(value, 1, 64) AS word FROM json_each(NEW.words)
      WHERE value <> '' AND substr(NEW.owned_email, 1, length(value)) <> value
        AND (value GLOB '*[^0-9]*' OR instr(NEW.searched_name, value)) LIMIT 12) WHERE true ON CONFLICT DO NOTHING;
  INSERT INTO lead_terms (unit, field, term, lead_id)
    SELECT NEW.unit, 'source', term, NEW.lead_id FROM (SELECT iif(json_type(NEW.profile, '$.source') = 'text', substr(NEW.profile->>'$.source', 1, 512), NULL) AS term) WHERE term IS NOT NULL ON CONFLICT DO NOTHING;
  INSERT INTO lead_terms (unit, field, term, lead_id)
    SELECT NEW.unit, 'status', NEW.status, NEW.lead_id WHERE NEW.status <> 'new' ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER `lead_terms_of_changed_words` AFTER UPDATE OF `profile`, `aliases`, `shown_email` ON `leads`
WHEN NEW.words IS NOT OLD.words OR NEW.owned_email IS NOT OLD.owned_email
BEGIN
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'word' AND lead_id = OLD.lead_id
    AND term IN (SELECT substr(value, 1, 64) FROM json_each(OLD.words))
    AND term NOT IN (SELECT word FROM (SELECT DISTINCT substr(value, 1, 64) AS word FROM json_each(NEW.words)
      WHERE value <> '' AND substr(NEW.owned_email, 1, length(value)) <> value
        AND (value GLOB '*[^0-9]*' OR instr(NEW.searched_name, value)) LIMIT 12));
  INSERT INTO lead_terms (unit, field, term, lead_id)
    SELECT NEW.unit, 'word', word, NEW.lead_id FROM (SELECT DISTINCT substr(value, 1, 64) AS word FROM json_each(NEW.words)
      WHERE value <> '' AND substr(NEW.owned_email, 1, length(value)) <> value
        AND (value GLOB '*[^0-9]*' OR instr(NEW.searched_name, value)) LIMIT 12) WHERE true ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER `lead_terms_of_changed_source` AFTER UPDATE OF `profile` ON `leads`
WHEN iif(json_type(NEW.profile, '$.source') = 'text', substr(NEW.profile->>'$.source', 1, 512), NULL) IS NOT iif(json_type(OLD.profile, '$.source') = 'text', substr(OLD.profile->>'$.source', 1, 512), NULL)
BEGIN
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'source' AND term = iif(json_type(OLD.profile, '$.source') = 'text', substr(OLD.profile->>'$.source', 1, 512), NULL) AND lead_id = OLD.lead_id;
  INSERT INTO lead_terms (unit, field, term, lead_id)
    SELECT NEW.unit, 'source', term, NEW.lead_id FROM (SELECT iif(json_type(NEW.profile, '$.source') = 'text', substr(NEW.profile->>'$.source', 1, 512), NULL) AS term) WHERE term IS NOT NULL ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER `lead_terms_of_changed_status` AFTER UPDATE OF `status` ON `leads` WHEN NEW.status IS NOT OLD.status BEGIN
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'status' AND term = OLD.status AND lead_id = OLD.lead_id;
  INSERT INTO lead_terms (unit, field, term, lead_id)
    SELECT NEW.unit, 'status', NEW.status, NEW.lead_id WHERE NEW.status <> 'new' ON CONFLICT DO NOTHING;
END;
--> statement-breakpoint
CREATE TRIGGER `lead_terms_of_deleted_lead` AFTER DELETE ON `leads` BEGIN
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'word' AND lead_id = OLD.lead_id
    AND term IN (SELECT substr(value, 1, 64) FROM json_each(OLD.words));
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'source' AND term = iif(json_type(OLD.profile, '$.source') = 'text', substr(OLD.profile->>'$.source', 1, 512), NULL) AND lead_id = OLD.lead_id;
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'status' AND term = OLD.status AND lead_id = OLD.lead_id;
END;
--> statement-breakpoint
INSERT INTO lead_counts (unit, status, leads) SELECT unit, status, count(*) FROM leads GROUP BY unit, status;
--> statement-breakpoint
INSERT INTO lead_terms (unit, field, term, lead_id)
  SELECT l.unit, 'word', t.value, l.lead_id FROM leads l CROSS JOIN json_each((SELECT json_group_array(word) FROM (SELECT DISTINCT substr(value, 1, 64) AS word FROM json_each(l.words)
      WHERE value <> '' AND substr(l.owned_email, 1, length(value)) <> value
        AND (value GLOB '*[^0-9]*' OR instr(l.searched_name, value)) LIMIT 12))) t
  WHERE true ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO lead_terms (unit, field, term, lead_id)
  SELECT unit, 'source', term, lead_id FROM (SELECT l.unit, iif(json_type(l.profile, '$.source') = 'text', substr(l.profile->>'$.source', 1, 512), NULL) AS term, l.lead_id FROM leads l) WHERE term IS NOT NULL;
