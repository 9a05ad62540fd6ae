/** The console as a browser calls it. */
import { basicClient, type Client, type Credential, mintClient, mintCredential, mintTenant, ORIGIN } from "./tenant";
import { request } from "./worker";

/** What a browser sends from the console's own page. */
export const OWN_PAGE = { "Sec-Fetch-Site": "same-origin", Origin: ORIGIN, "X-Leadedge-Console": "1", "Content-Type": "application/json" };

export const post = (path: string, json: unknown, headers: Record<string, string> = {}, bindings: Partial<Env> = {}): Promise<Response> =>
  request(`/console/api/${path}`, { method: "POST", headers: { ...OWN_PAGE, ...headers }, body: JSON.stringify(json) }, bindings);

/** `name=value` of the session's cookie, as the browser sends it back. */
export const cookieOf = (answer: Response): string => answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";

export type Member = {
  organization_id: string;
  credential: Credential;
  cookie: string;
  client: Client;
  /** a call of the console */
  call: (name: string, input?: unknown, headers?: Record<string, string>) => Promise<Response>;
};

export async function signIn(credential: Pick<Credential, "client_id" | "client_secret">): Promise<string> {
  const answer = await post("sign-in", { client_id: credential.client_id, client_secret: credential.client_secret });
  if (answer.status !== 200) throw new Error(`signing in returned ${answer.status}: ${await answer.text()}`);
  return cookieOf(answer);
}

/** Somebody who is signed in: a service account without a home, unless `unit_id` is its home. */
export async function mintMember(wanted: { organization_id?: string; unit_id?: string; role?: string } = {}): Promise<Member> {
  const { organization_id = (await mintTenant()).organization_id, ...given } = wanted;
  const credential = await mintCredential(organization_id, { kind: "service_account", ...given });
  const cookie = await signIn(credential);
  const call: Member["call"] = (name, input = {}, headers = {}) => post(name, input, { Cookie: cookie, ...headers });
  return { organization_id, credential, cookie, client: basicClient(credential), call };
}

/** What a call returns that has to work. */
export async function okCall<Answer>({ call }: Pick<Member, "call">, name: string, input: object): Promise<Answer> {
  const answer = await call(name, input);
  if (answer.status !== 200) throw new Error(`${name} answered ${answer.status}: ${await answer.text()}`);
  return answer.json<Answer>();
}

/** The operator, signed in to its part of the console. */
export async function mintOperator(bindings: Partial<Env> = {}): Promise<Pick<Member, "cookie" | "call">> {
  const token = bindings.ADMIN_TOKEN ?? "test-admin-token";
  const answer = await post("operator/sign-in", { token }, {}, bindings);
  if (answer.status !== 200) throw new Error(`signing in returned ${answer.status}: ${await answer.text()}`);
  const cookie = cookieOf(answer);
  return { cookie, call: (name, input = {}, headers = {}) => post(`operator/${name}`, input, { Cookie: cookie, ...headers }, bindings) };
}

export { mintClient };
