-- Words are split at every space that Unicode knows, as those of a search are. Triggers hold on to the column, so they make way for it.
-- Last, the words of names that are split anew; what they were found by before is still among their words.
DROP TRIGGER `lead_terms_of_new_lead`;
--> statement-breakpoint
DROP TRIGGER `lead_terms_of_changed_words`;
--> statement-breakpoint
DROP TRIGGER `lead_terms_of_deleted_lead`;
--> statement-breakpoint
ALTER TABLE `leads` DROP COLUMN `words`;
--> statement-breakpoint
ALTER TABLE `leads` ADD `words` text GENERATED ALWAYS AS ('[' || replace(json_quote(searched_name || ' ' || replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(searched_name || ' ' || substr(searched_email, 1, instr(searched_email, '@') - 1), '-', ' '), '.', ' '), '_', ' '), '+', ' '), '''', ' '), '(', ' '), ')', ' '), '"', ' '), ',', ' '), '/', ' '), char(9), ' '), char(10), ' '), char(11), ' '), char(12), ' '), char(13), ' '), char(160), ' '), char(5760), ' '), char(8192), ' '), char(8193), ' '), char(8194), ' '), char(8195), ' '), char(8196), ' '), char(8197), ' '), char(8198), ' '), char(8199), ' '), char(8200), ' '), char(8201), ' '), char(8202), ' '), char(8232), ' '), char(8233), ' '), char(8239), ' '), char(8287), ' '), char(12288), ' '), char(65279), ' ') || ' ' || substr(searched_email, instr(searched_email, '@') + 1) || ' ' || coalesce(lower(shown_email), '')), ' ', '","') || ']') VIRTUAL;
--> statement-breakpoint
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
CREATE TRIGGER `lead_terms_of_deleted_lead` AFTER DELETE ON `leads` BEGIN
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'word' AND lead_id = OLD.lead_id
    AND term IN (SELECT substr(value, 1, 64) FROM json_each(OLD.words));
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'source' AND term = iif(json_type(OLD.profile, '$.source') = 'text', substr(OLD.profile->>'$.source', 1, 512), NULL) AND lead_id = OLD.lead_id;
  DELETE FROM lead_terms WHERE unit = OLD.unit AND field = 'status' AND term = OLD.status AND lead_id = OLD.lead_id;
END;
--> statement-breakpoint
INSERT INTO lead_terms (unit, field, term, lead_id)
  SELECT l.unit, 'word', t.value, l.lead_id FROM leads l CROSS JOIN json_each((SELECT json_group_array(word) FROM (SELECT DISTINCT substr(value, 1, 64) AS word FROM json_each(l.words)
      WHERE value <> '' AND substr(l.owned_email, 1, length(value)) <> value
        AND (value GLOB '*[^0-9]*' OR instr(l.searched_name, value)) LIMIT 12))) t
  WHERE EXISTS (SELECT 1 FROM json_each('[11,12,13,5760,8192,8193,8194,8195,8196,8197,8198,8199,8200,8201,8202,8232,8233,8239,8287,12288,65279]') c WHERE instr(l.searched_name, char(c.value))) ON CONFLICT DO NOTHING;
