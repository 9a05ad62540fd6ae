/** The contents of an organization's backup, in the order in which it can be restored: a row comes after those that it refers to. */
import { UNIT_TABLES } from "../erasure";

const UNITS = "(SELECT unit FROM org_units WHERE organization_id = ?1)";
const OF_CHANNELS = `channel_id IN (SELECT channel_id FROM channels WHERE unit IN ${UNITS})`;

/** Of the directory; `?1` is the organization. */
export const DIRECTORY_TABLES: Readonly<Record<string, string>> = {
  organizations: "organization_id = ?1",
  org_units: "organization_id = ?1",
  identity_providers: "organization_id = ?1",
  credentials: "organization_id = ?1",
  channels: `unit IN ${UNITS}`,
  property_definitions: OF_CHANNELS,
  channel_statuses: OF_CHANNELS,
  reward_triggers: OF_CHANNELS,
  lead_directory: OF_CHANNELS,
  audit_entries: "organization_id = ?1",
};

/** Each with the rows of every org unit. */
export const BACKED_UP_UNIT_TABLES: readonly string[] = Object.keys(UNIT_TABLES);

export const RESTORED_TABLES: readonly string[] = [...Object.keys(DIRECTORY_TABLES), ...BACKED_UP_UNIT_TABLES];
