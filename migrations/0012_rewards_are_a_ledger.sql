ALTER TABLE `reward_events` ADD `minor_units` integer;--> statement-breakpoint
ALTER TABLE `reward_events` ADD `reverses` text;--> statement-breakpoint
CREATE UNIQUE INDEX `reward_events_by_reversed` ON `reward_events` (`unit`,`lead_id`,`reverses`) WHERE reverses IS NOT NULL;--> statement-breakpoint
-- Amounts had at most four decimal places: as whole ten-thousandths they are exact, and are rounded half away from zero to a minor unit.
UPDATE `reward_events` SET `minor_units` = CASE
	WHEN currency IN ('BIF','CLP','DJF','GNF','ISK','JPY','KMF','KRW','PYG','RWF','UGX','UYI','VND','VUV','XAF','XOF','XPF') THEN (CAST(round(amount * 10000) AS INTEGER) + 5000) / 10000
	WHEN currency IN ('BHD','IQD','JOD','KWD','LYD','OMR','TND') THEN (CAST(round(amount * 10000) AS INTEGER) + 5) / 10
	WHEN currency IN ('CLF','UYW') THEN CAST(round(amount * 10000) AS INTEGER)
	ELSE (CAST(round(amount * 10000) AS INTEGER) + 50) / 100 END
WHERE minor_units IS NULL;
