import type { Router } from "../router";
import { changes } from "./changes";
import { leadErasure } from "./erase-lead";
import { lead } from "./lead";
import { leadAliases } from "./lead-aliases";
import { leadByAlias } from "./lead-by-alias";
import { leadExports } from "./lead-exports";
import { leadsByAlias } from "./leads-by-alias";
import { scores } from "./scores";

/** All that is under /lead. */
export const leadFamily: readonly Router[] = [leadByAlias, lead, leadErasure, leadAliases, changes, leadExports, leadsByAlias, scores];
