import { z } from "@hono/zod-openapi";
import { actorId, callerName, mayEdit, organizationOf, roleOf } from "../../../core/auth";
import { ROLES } from "../../../vocabulary";
import { defineTool } from "../tool";

export const whoami = defineTool({
  name: "whoami",
  title: "Who am I",
  description: "The org unit whose leads these tools see, and what this credential may do.",
  effect: "reads",
  input: z.strictObject({}),
  output: z.object({
    organization_id: z.string(),
    unit_id: z.string(),
    unit_name: z.string(),
    role: z.enum(ROLES),
    credential_id: z.string(),
    credential_name: z.string(),
    client: z.string().describe("By this name changes are logged"),
    can_change_leads: z.boolean(),
  }),
  call: async (ctx) => {
    const name = await callerName(ctx);
    const data = {
      organization_id: organizationOf(ctx.actor),
      unit_id: ctx.unit.unit_id,
      unit_name: ctx.unit.name,
      role: roleOf(ctx.actor),
      credential_id: actorId(ctx.actor),
      credential_name: name,
      client: ctx.source.client ?? name,
      can_change_leads: mayEdit(ctx),
    };
    const may = data.can_change_leads ? "may plan and commit changes" : "may only read";
    return { data, text: `${name}, ${data.role} of the org unit ${data.unit_name} (${data.unit_id}): ${may}.` };
  },
});
