/** The server's description, which a client passes to its model. */
export const INSTRUCTIONS = `Leadedge stores leads: one lead has many aliases (email, phone, cookie, external id, social) and one profile.
Find a lead with get_lead by any alias, however it is written, or with search_leads. Scores are explained by explain_score.
Leads are changed in three steps. plan_import (rows of a file) or plan_update (leads of a filter) show what would change and change nothing. \
commit_plan carries out exactly that plan, once. undo returns every lead to what it was, for 30 days. Show the plan to the user before it is committed.
A job runs in the background: list_jobs with its job_id shows how far it is.`;
