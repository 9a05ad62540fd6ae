ALTER TABLE `leads` ADD `legacy_id` integer GENERATED ALWAYS AS (CASE WHEN instr(profile, '"legacy_id"') THEN CASE json_type(profile, '$.legacy_id')
  WHEN 'integer' THEN iif(profile->>'$.legacy_id' BETWEEN -9007199254740991 AND 9007199254740991, profile->>'$.legacy_id', NULL)
  WHEN 'text' THEN iif(length(trim(profile->>'$.legacy_id')) BETWEEN 1 AND 16 AND trim(profile->>'$.legacy_id') NOT GLOB '*[^0-9]*'
    AND CAST(trim(profile->>'$.legacy_id') AS INTEGER) <= 9007199254740991, CAST(trim(profile->>'$.legacy_id') AS INTEGER), NULL) END END) VIRTUAL;
--> statement-breakpoint
-- A lead that is in a channel has the legacy id that its profile was given last, unless another lead of the unit has it.
CREATE TRIGGER `legacy_id_of_changed_profile` AFTER UPDATE OF `profile` ON `leads`
WHEN NEW.legacy_id IS NOT NULL AND NEW.legacy_id IS NOT OLD.legacy_id
BEGIN
  UPDATE channel_leads SET legacy_id = NEW.legacy_id WHERE unit = NEW.unit AND lead_id = NEW.lead_id AND legacy_id IS NOT NEW.legacy_id
    AND NOT EXISTS (SELECT 1 FROM channel_leads o WHERE o.unit = NEW.unit AND o.legacy_id = NEW.legacy_id AND o.legacy_id IS NOT NULL);
END;
--> statement-breakpoint
-- Those whose profile was given one after they had come into their channel. Of two leads with one legacy id the first gets it.
UPDATE OR IGNORE channel_leads SET legacy_id = (SELECT l.legacy_id FROM leads l WHERE l.unit = channel_leads.unit AND l.lead_id = channel_leads.lead_id)
  WHERE legacy_id IS NULL AND EXISTS (
    SELECT 1 FROM leads l WHERE l.unit = channel_leads.unit AND l.lead_id = channel_leads.lead_id AND l.legacy_id IS NOT NULL);
