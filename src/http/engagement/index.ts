/** The engagement dialect: seeds 000 and 001 and what stands around them. */
import { createRouter } from "../router";
import { accounts } from "./accounts";
import { deliveries } from "./deliveries";
import { imports } from "./imports";
import { leadByAlias } from "./lead-by-alias";
import { notificationChannels } from "./notification-channels";
import { orgUnits } from "./org-units";
import { profileFields } from "./profile-fields";
import { secrets } from "./secrets";
import { tokens } from "./tokens";

export const engagement = createRouter();
for (const routes of [leadByAlias, accounts, profileFields, imports, orgUnits, secrets, tokens, notificationChannels, deliveries])
  engagement.route("/", routes);
