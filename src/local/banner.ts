import { DEMO_ADMIN_TOKEN, DEMO_CHANNEL_ID, workspaceKey } from "./demo-tenants.ts";

/** What to try, ready to paste. */
export const banner = (origin: string, consoleCode: string): string => `
Leadedge answers on ${origin}   (API: ${origin}/docs)

Console, signed in to Demo (once; then sign in at ${origin}/console):

  ${origin}/console/open#${consoleCode}

  organization   service account (unit_default)   service account (all units)     partner key          workspace key
  Demo           demo : demo-secret               demo-org : demo-org-secret      demo-partner-key     ${workspaceKey("demo")}
  Rival          rival : rival-secret             rival-org : rival-org-secret    rival-partner-key    ${workspaceKey("rival")}
  admin token    ${DEMO_ADMIN_TOKEN}

Try, in another terminal:

  printf 'Email,First Name,Phone\\nalex@example.com,Alex,+1 (555) 010-0999\\n' | curl -s -u demo:demo-secret -F 'file=@-;filename=leads.csv' ${origin}/leads/import/preview | tee /tmp/leadedge-preview.json

  curl -s -u demo:demo-secret ${origin}/leads/import/start -H 'Content-Type: application/json' -d "{\\"file_id\\":\\"$(grep -o 'preview_[0-9a-f]*' /tmp/leadedge-preview.json)\\",\\"primary_identifier\\":{\\"column\\":\\"Email\\",\\"kind\\":\\"email\\"},\\"field_mappings\\":{\\"First Name\\":\\"first_name\\"},\\"alias_mappings\\":{\\"Phone\\":\\"_alias_phone\\"}}"

  curl -s -u demo:demo-secret "${origin}/lead/by-alias?kind=phone&value=%2B15550100999"

  curl -s ${origin}/partner -H 'X-Api-Key: rival-partner-key' -d '{"action":"create_lead","channel_id":"${DEMO_CHANNEL_ID}","email":"sam@example.com"}'
`;
