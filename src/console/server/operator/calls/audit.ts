/** The audit log of the installation. */
import { z } from "zod";
import { listAudit } from "../../../../core/auth";
import { operatorCall } from "../call";

const Selection = z.strictObject({ organization_id: z.string().optional(), cursor: z.string().optional() });

export const auditCalls = {
  "audit.list": operatorCall(Selection, listAudit),
};
