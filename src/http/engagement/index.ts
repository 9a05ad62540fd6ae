/** The engagement dialect: leads by alias, imports, events, scoring, triggers, and the org units and credentials around them. */
import { createRouter } from "../router";
import { accountList } from "./account-list";
import { accounts } from "./accounts";
import { apiKeys } from "./api-keys";
import { blockedValues } from "./blocked-values";
import { changes } from "./changes";
import { conflicts } from "./conflicts";
import { deliveries } from "./deliveries";
import { leadErasure } from "./erase-lead";
import { eventImports } from "./event-imports";
import { eventTypes } from "./event-types";
import { events } from "./events";
import { firings } from "./firings";
import { importErrors } from "./import-errors";
import { importMappings } from "./import-mappings";
import { importPlaceholders } from "./import-placeholders";
import { importPlans } from "./import-plans";
import { importPreview } from "./import-preview";
import { importProgress } from "./import-progress";
import { importSources } from "./import-sources";
import { importUndo } from "./import-undo";
import { importUploads } from "./import-uploads";
import { imports } from "./imports";
import { inboundSources } from "./inbound-sources";
import { ingestRoutes } from "./ingest";
import { lead } from "./lead";
import { leadAliases } from "./lead-aliases";
import { leadBatch } from "./lead-batch";
import { leadBulk } from "./lead-bulk";
import { leadByAlias } from "./lead-by-alias";
import { leadExports } from "./lead-exports";
import { leadOwners } from "./lead-owners";
import { leads } from "./leads";
import { leadsByAlias } from "./leads-by-alias";
import { levels } from "./levels";
import { merges } from "./merges";
import { notificationChannels } from "./notification-channels";
import { orgUnits } from "./org-units";
import { profileFields } from "./profile-fields";
import { profileMappings } from "./profile-mappings";
import { profileScoring } from "./profile-scoring";
import { rejectedEvents } from "./rejected-events";
import { savedFilters } from "./saved-filters";
import { scores } from "./scores";
import { scoringRules } from "./scoring-rules";
import { secrets } from "./secrets";
import { segments } from "./segments";
import { tokens } from "./tokens";
import { triggerRoutes } from "./triggers";
import { unmerges } from "./unmerge";
import { velocityFilters } from "./velocity-filters";
import { watchedLeads } from "./watched-leads";
import { writeKeys } from "./write-keys";

export const engagement = createRouter();
for (const routes of [
  leadByAlias,
  lead,
  leadErasure,
  leadAliases,
  changes,
  leadBatch,
  leadBulk,
  leadExports,
  leads,
  leadOwners,
  watchedLeads,
  savedFilters,
  leadsByAlias,
  merges,
  conflicts,
  blockedValues,
  unmerges,
  accountList,
  accounts,
  profileFields,
  importPreview,
  imports,
  importPlans,
  importUploads,
  importErrors,
  importPlaceholders,
  importMappings,
  importProgress,
  importUndo,
  importSources,
  inboundSources,
  ingestRoutes,
  rejectedEvents,
  eventImports,
  events,
  eventTypes,
  scoringRules,
  scores,
  profileScoring,
  profileMappings,
  ...levels,
  velocityFilters,
  ...Object.values(triggerRoutes),
  firings,
  notificationChannels,
  deliveries,
  segments,
  orgUnits,
  secrets,
  apiKeys,
  tokens,
  writeKeys,
]) {
  engagement.route("/", routes);
}
