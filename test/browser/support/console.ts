/** The console in a real browser, signed in to a tenant that the test has created for itself. */
import { mkdirSync, writeFileSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";

const OUTPUT = "test-output";
const ADMIN = { Authorization: "Bearer demo-admin-token" };
/** A machine that does other work besides must not fail a test. */
const WAIT_MS = 30_000;

const served = inject("served");
export const origin = served?.origin ?? "";
export const link = served?.link ?? "";
/** For `describe.skipIf`. */
export const noBrowser = served === null;

let browser: Browser;

beforeAll(async () => {
  if (served) browser = await chromium.launch({ executablePath: served.chromium, args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser?.close();
});

export type Tenant = {
  organization_id: string;
  client_id: string;
  client_secret: string;
  /** the API as this tenant */
  api: (method: string, path: string, json?: unknown) => Promise<Response>;
};

const post = async <Answer>(path: string, json: unknown): Promise<Answer> => {
  const answer = await fetch(origin + path, {
    method: "POST",
    headers: { ...ADMIN, "Content-Type": "application/json" },
    body: JSON.stringify(json),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
};

/** An organization and a service account of it; without `unit_id` it may use every unit. */
export async function mintTenant({ role = "admin", unit_id }: { role?: string; unit_id?: string } = {}): Promise<Tenant> {
  const { organization_id } = await post<{ organization_id: string }>("/admin/organizations", { name: "Browser" });
  return mintMember(organization_id, { role, ...(unit_id ? { unit_id } : {}) });
}

export async function mintMember(organization_id: string, wanted: { role?: string; unit_id?: string } = {}): Promise<Tenant> {
  const { client_id, client_secret } = await post<{ client_id: string; client_secret: string }>(
    `/admin/organizations/${organization_id}/credentials`,
    { kind: "service_account", name: "browser", ...wanted },
  );
  const Authorization = `Basic ${btoa(`${client_id}:${client_secret}`)}`;
  const api: Tenant["api"] = (method, path, json) =>
    fetch(origin + path, {
      method,
      headers: { Authorization, "X-Org-Unit": "unit_default", ...(json === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  return { organization_id, client_id, client_secret, api };
}

/** Creates leads by an import of a CSV file whose first column is the email, and waits until they are there. */
export async function importLeads(tenant: Tenant, csv: string, field_mappings: Record<string, string> = {}): Promise<void> {
  const form = new FormData();
  form.set("file", new File([csv], "leads.csv", { type: "text/csv" }));
  const Authorization = `Basic ${btoa(`${tenant.client_id}:${tenant.client_secret}`)}`;
  const preview = await fetch(`${origin}/leads/import/preview`, {
    method: "POST",
    headers: { Authorization, "X-Org-Unit": "unit_default" },
    body: form,
  });
  const { file_id } = (await preview.json()) as { file_id: string };
  const column = csv.slice(0, csv.search(/[,\n]/));
  const started = await tenant.api("POST", "/leads/import/start", {
    file_id,
    primary_identifier: { column, kind: "email" },
    field_mappings,
  });
  const { job_id } = (await started.json()) as { job_id: string };
  for (;;) {
    const job = (await (await tenant.api("GET", `/leads/import/jobs/${job_id}`)).json()) as { status: string };
    if (job.status === "completed") return;
    if (job.status === "failed") throw new Error(`the import failed: ${JSON.stringify(job)}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

export type Opened = { page: Page; tenant: Tenant; errors: string[]; close(): Promise<void> };

/** A page of the console in a browser of its own, signed in. `errors`: what the page wrote to its console as errors. */
export async function openConsole(
  path = "/console/",
  { tenant, ...options }: { tenant?: Tenant } & BrowserContextOptions = {},
): Promise<Opened> {
  const member = tenant ?? (await mintTenant());
  const { page, errors, close } = await openPage(options);
  const { client_id, client_secret } = member;
  const answer = await page.context().request.post(`${origin}/console/api/sign-in`, {
    headers: { "X-Leadedge-Console": "1" },
    data: { client_id, client_secret },
  });
  if (!answer.ok()) throw new Error(`signing in answered ${answer.status()}: ${await answer.text()}`);
  await page.goto(origin + path);
  return { page, tenant: member, errors, close };
}

/** A page of a browser that nobody has signed in with. */
export async function openPage(options: BrowserContextOptions = {}): Promise<Omit<Opened, "tenant">> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  return { page, errors, close: () => context.close() };
}

const TAGS = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const OFF_BY_DEFAULT = { "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } };

/** No violation of any level, AAA included. */
export async function expectNoAxeViolations(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    ([tags, rules]) => (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: { type: "tag", values: tags }, rules }),
    [TAGS, OFF_BY_DEFAULT] as const,
  );
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join("\n")}`,
  );
  expect(found).toEqual([]);
}

/** A measurement, kept in test-output/. */
export function note(name: string, measured: object): void {
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(`${OUTPUT}/${name}.json`, `${JSON.stringify(measured, null, 2)}\n`);
}

/** A picture of the page in light and in dark, in test-output/; each is checked by axe, too. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(OUTPUT, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${OUTPUT}/${name}-${colorScheme}.png` });
    await expectNoAxeViolations(page);
  }
  await page.emulateMedia({ colorScheme: null });
}
