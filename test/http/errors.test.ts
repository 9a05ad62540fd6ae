/** What every answer has in common: request ids, log lines, and errors as problem JSON, never a 500 for what the caller did. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { basicHeader, bearerClient, clientWith, mintClient, mintLead, mintTenant } from "../support/tenant";
import { apiOperations, failingD1, isPartner, logged, readProblem, request } from "../support/worker";

/** Its errors are of another shape: workspace.test.ts has them. */
const isWorkspace = (path: string) => path.startsWith("/api/v1/");
const JSON_TYPE = { "Content-Type": "application/json" };
const target = (path: string) => path.replace(/\{\w+\}/g, "anything");

afterEach(() => {
  vi.restoreAllMocks();
});

describe("what the caller did wrong", () => {
  it.each([
    "/nothing",
    "/lead",
    "/lead/by-alias/",
    "/lead/by-alias/x",
    "/leads/import/jobs/a/b",
    "/%",
    "/%00",
    "//",
    "/admin2",
    "/LEAD/by-alias",
  ])("GET %s is an unknown path", async (path) => {
    expect((await readProblem(await request(path), 404)).code).toBe("not_found");
    await readProblem(await request(path, { method: "POST", body: "{}" }), 404);
  });

  it("a wrong method gets the allowed ones, on every path", async () => {
    const operations = await apiOperations();
    const methods = new Map<string, string[]>();
    for (const { path, method } of operations.filter((operation) => !isPartner(operation)))
      methods.set(path, [...(methods.get(path) ?? []), method]);
    const adminToken = { Authorization: "Bearer test-admin-token" };
    for (const [path, taken] of methods) {
      if (isWorkspace(path)) continue;
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((name) => !taken.includes(name))) {
        const others = [...methods].filter(([other]) => new RegExp(`^${other.replace(/\{\w+\}/g, "[^/]+")}$`).test(target(path)));
        if (others.some(([, names]) => names.includes(method))) continue;
        const answer = await request(target(path), { method, headers: adminToken });
        expect((await readProblem(answer, 405)).code, `${method} ${path}`).toBe("method_not_allowed");
        const allowed = (answer.headers.get("Allow") ?? "").split(", ");
        expect(allowed).toEqual(expect.arrayContaining(taken));
        expect(allowed).not.toContain(method);
        // a path may be another's with an id: /accounts/merge is GET /accounts/{id} too
        expect(allowed.includes("HEAD")).toBe([[path, taken] as const, ...others].some(([, names]) => names.includes("GET")));
      }
    }
  });

  it.each(["/docs", "/openapi.json"])("a wrong method on %s gets the allowed one, too", async (path) => {
    const answer = await request(path, { method: "POST" });
    await readProblem(answer, 405);
    expect(answer.headers.get("Allow")).toContain("GET");
  });

  /** Every route that takes a JSON body, but for the address of a source, where what arrives is its sender's business, and errors of RFC 7591. */
  const jsonRoutes = async () => {
    const { credential } = await mintTenant();
    const routes = (await apiOperations()).filter(
      (operation) =>
        operation.requestBody?.content["application/json"] && !isPartner(operation) && !/^\/(in|api|oauth)\//.test(operation.path),
    );
    expect(routes.length).toBeGreaterThan(8);
    return routes.map(({ method, path }) => ({
      route: `${method} ${path}`,
      send: (body: BodyInit, headers: Record<string, string>) =>
        request(target(path), {
          method,
          body,
          headers: { Authorization: path.startsWith("/admin") ? "Bearer test-admin-token" : basicHeader(credential), ...headers },
        }),
    }));
  };

  it.each(["{", "", "nonsense", "{'a':1}", '{"a":1}}', "NaN", "\u0000", "[".repeat(50_000)])(
    "a body that is no JSON is a 400 on every route: %j",
    async (body) => {
      for (const { route, send } of await jsonRoutes())
        expect((await readProblem(await send(body, JSON_TYPE), 400)).code, route).toBe("invalid_request");
    },
  );

  it.each(["[]", "null", '"text"', "5", "true", "[{}]", '{"__proto__":{"name":"x"}}', '{"constructor":1}'])(
    "a JSON body that is no such object is a 400 on every route: %s",
    async (body) => {
      for (const { route, send } of await jsonRoutes()) {
        // a trial and a watch list entry have no required field, and metadata may have any key: any object is valid
        if (body.startsWith("{") && /\/(simulate|preview|watch)$|^PATCH \/lead\/\{leadId\}\/metadata$/.test(route)) continue;
        const problem = await readProblem(await send(body, JSON_TYPE), 400);
        expect(problem.errors?.length, route).toBeGreaterThan(0);
        for (const { path, message } of problem.errors ?? []) expect([typeof path, typeof message]).toEqual(["string", "string"]);
      }
    },
  );

  it("another content type is a 415 on every route", async () => {
    for (const { send } of await jsonRoutes()) {
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", ""]) {
        const { detail } = await readProblem(await send("{}", { "Content-Type": type }), 415);
        expect(detail).toContain("application/json");
      }
    }
  });

  it("application/json may carry parameters and any case", async () => {
    for (const { send } of await jsonRoutes()) {
      for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]) {
        await readProblem(await send("[]", { "Content-Type": type }), 400);
      }
    }
  });

  it("a body over 100 KB is a 413 on every route", async () => {
    const body = JSON.stringify({ name: "x".repeat(100 * 1024) });
    for (const { route, send } of await jsonRoutes()) {
      // these take more: their own tests say how much
      if (/^POST \/ingest|^POST \/leads\/batch$|^(PATCH|DELETE) \/leads\/bulk$|^(POST|PUT) \/admin\/channels(\/{channel_id})?$/.test(route))
        continue;
      expect((await readProblem(await send(body, JSON_TYPE), 413)).code, route).toBe("too_large");
    }
  });

  it("a field that is wrong is named, with what is allowed and what came", async () => {
    const { client } = await mintTenant();
    const { errors, detail } = await readProblem(await client.get("/leads/import/jobs?limit=101&page=0"), 400);
    expect(errors).toEqual([
      { path: "page", message: expect.stringContaining("at least 1") },
      { path: "limit", message: expect.stringContaining("at most 100") },
    ]);
    expect(detail).toContain("101");
    expect((await readProblem(await client.post("/accounts", {}), 400)).errors).toEqual([{ path: "name", message: "is required" }]);
  });

  it.each(["constraint failed: leads.", "constraint failed: x.", "overloaded", "Network connection lost", "exceeded timeout"])(
    "a caller's words inside an error never change its status: %j",
    async (words) => {
      const { client, organization_id } = await mintTenant();
      await mintLead(client, { email: "alex@example.com" });
      const said = encodeURIComponent(words);
      await readProblem(await client.get(`/lead/by-alias?kind=${said}&value=a`), 400);
      await readProblem(await client.get(`/leads/import/jobs?limit=${said}`), 400);
      const roaming = await mintClient(organization_id);
      expect((await readProblem(await roaming.get("/profile-fields", { headers: { "X-Org-Unit": words } }), 404)).code).toBe("not_found");
      const patch = { alias_value: "alex@example.com", attributes: { [`${words}!`]: 1 } };
      const { code, detail } = await readProblem(await client.patch("/lead/by-alias/metadata", patch), 400);
      expect([code, detail]).toEqual(["invalid_request", expect.stringContaining(words)]);
      const start = { file_id: words, primary_identifier: { column: words, kind: words } };
      await readProblem(await client.post("/leads/import/start", start), 404);
    },
  );

  it("errors are never kept by a cache", async () => {
    for (const answer of [await request("/nothing"), await request("/org-units"), await request("/health", { method: "POST" })]) {
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
    }
  });
});

describe("what went wrong on our side", () => {
  const INTERNAL = "secret internal detail";

  it("an unexpected failure is a 500 that keeps its reason to the log", async () => {
    const { client, credential } = await mintTenant();
    await mintLead(client, { email: "alex@example.com" });
    const bindings = failingD1(INTERNAL);
    const { credential: unknown } = await mintTenant();
    const lines = await logged(async () => {
      for (const answer of [
        // before the caller is known, in a look-up, in a batch
        await request("/org-units", { headers: { Authorization: basicHeader(unknown) } }, bindings),
        await client.get("/lead/by-alias?value=alex@example.com", { bindings }),
        await client.patch("/lead/by-alias/metadata", { alias_value: "alex@example.com", attributes: { a: 1 } }, { bindings }),
        await client.post("/accounts", { name: "Acme" }, { bindings }),
        await client.get("/secrets", { bindings }),
        await request(
          "/oauth/token",
          {
            method: "POST",
            headers: { Authorization: basicHeader({ ...credential, client_secret: "other" }) },
            body: new URLSearchParams({ grant_type: "client_credentials" }),
          },
          bindings,
        ),
      ]) {
        const { request_id, ...told } = await readProblem(answer, 500);
        expect(told.code).toBe("internal_error");
        expect(JSON.stringify(told)).not.toContain(INTERNAL);
        expect(JSON.stringify(told)).not.toMatch(/D1|SQL|select|at .*\.ts/i);
      }
    });
    expect(lines.filter((line) => line.includes(INTERNAL)).length).toBeGreaterThan(0);
  });

  it("what the log says of a failure holds no secret and nothing personal", async () => {
    const { client, credential } = await mintTenant();
    await client.get("/org-units");
    const bindings = failingD1(INTERNAL);
    const stranger = { client_id: "ci_stranger", client_secret: "cs_stranger_secret" };
    const pat = `kbn_pat_${"5".repeat(64)}`;
    const lines = await logged(async () => {
      await request("/org-units", { headers: { Authorization: basicHeader(stranger) } }, bindings);
      await bearerClient(pat).get("/org-units", { bindings });
      await client.get("/lead/by-alias?value=alex@example.com", { bindings });
      await client.patch(
        "/lead/by-alias/metadata",
        { alias_value: "alex@example.com", attributes: { note: "very private" } },
        { bindings },
      );
      await client.post("/settings/tokens", { name: "Alex Johnson's laptop" }, { bindings });
      await client.post("/org-units", { name: "Private Clients" }, { bindings });
    });
    const log = lines.join("\n");
    for (const leaked of [
      "cs_stranger_secret",
      pat,
      credential.client_secret,
      "alex@example.com",
      "very private",
      "Alex Johnson",
      "Private Clients",
    ]) {
      expect(log).not.toContain(leaked);
    }
  });

  describe.each(["D1_ERROR: D1 DB is overloaded. Requests queued for too long.", "D1_ERROR: Network connection lost."])(
    "a database that is busy is a 503 that may be tried again: %s",
    (message) => {
      const expectBusy = (send: () => Promise<Response>) =>
        logged(async () => {
          const answer = await send();
          expect((await readProblem(answer, 503)).code).toBe("unavailable");
          expect(answer.headers.get("Retry-After")).toMatch(/^\d+$/);
        });

      it("where leads are", async () => {
        const { client } = await mintTenant();
        await client.get("/profile-fields");
        const bindings = failingD1(message);
        await expectBusy(() => client.get("/lead/by-alias?value=alex@example.com", { bindings }));
        await expectBusy(() => client.post("/accounts", { name: "Acme" }, { bindings }));
      });

      it("where tenants and credentials are", async () => {
        const { client, credential } = await mintTenant();
        const bindings = failingD1(message);
        await expectBusy(() => request("/org-units", { headers: { Authorization: basicHeader(credential) } }, bindings));
        await client.get("/profile-fields");
        await expectBusy(() => client.get("/org-units", { bindings }));
        await expectBusy(() => client.post("/secrets", { name: "s" }, { bindings }));
      });
    },
  );

  it("a failure is not remembered: the next request works", async () => {
    const { credential } = await mintTenant();
    const headers = { Authorization: basicHeader(credential) };
    await logged(() => request("/org-units", { headers }, failingD1(INTERNAL)));
    expect((await request("/org-units", { headers })).status).toBe(200);
  });
});

describe("request ids", () => {
  it("every answer has one, each its own", async () => {
    const { client } = await mintTenant();
    const answers = [
      await request("/health"),
      await request("/docs"),
      await request("/openapi.json"),
      await request("/.well-known/jwks.json"),
      await request("/nothing"),
      await request("/health", { method: "POST" }),
      await request("/oauth/token", { method: "POST", body: new URLSearchParams() }),
      await request("/lead/by-alias"),
      await request("/lead/by-alias", {
        method: "OPTIONS",
        headers: { Origin: "https://app.example.com", "Access-Control-Request-Method": "GET" },
      }),
      await request("/health", { method: "HEAD" }),
      await client.get("/org-units"),
      await client.get("/lead/by-alias"),
      await client.call("DELETE", "/org-units/active"),
    ];
    const ids = answers.map((answer) => answer.headers.get("X-Request-Id"));
    for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(answers.length);
  });

  it.each(["my-request-1", "0af7651916cd43dd8448eb211c80319c", "a.b:c_d-12", "x".repeat(128)])(
    "the caller's own is echoed: %s",
    async (id) => {
      expect((await request("/health", { headers: { "X-Request-Id": id } })).headers.get("X-Request-Id")).toBe(id);
      expect((await readProblem(await request("/nothing", { headers: { "X-Request-Id": id } }), 404)).request_id).toBe(id);
    },
  );

  it.each(["short", "x".repeat(129), "with space in it", 'quote"quote"', "<script>alert(1)</script>", "{{7*7}}-{{7*7}}"])(
    "a bad one is replaced: %j",
    async (id) => {
      const answer = await request("/health", { headers: { "X-Request-Id": id } });
      expect(answer.headers.get("X-Request-Id")).toMatch(/^req_/);
    },
  );
});

describe("the log", () => {
  it("has one line of JSON for each request, with what an operator needs", async () => {
    const { client, credential, workspace_id } = await mintTenant();
    await client.get("/profile-fields");
    let ids: (string | null)[] = [];
    const lines = await logged(async () => {
      const answers = [
        await client.get("/profile-fields"),
        await client.get("/leads/import/jobs/job_unknown"),
        await client.post("/accounts", {}),
        await request("/org-units"),
        await request("/nothing/at/all"),
        await request("/health", { method: "PUT" }),
        await request("/openapi.json"),
        await request("/health"),
      ];
      ids = answers.map((answer) => answer.headers.get("X-Request-Id"));
    });
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.map(({ request_id }) => request_id)).toEqual(ids);
    expect(entries.map(({ status, method }) => [status, method])).toEqual([
      [200, "GET"],
      [404, "GET"],
      [400, "POST"],
      [401, "GET"],
      [404, "GET"],
      [405, "PUT"],
      [200, "GET"],
      [200, "GET"],
    ]);
    expect(entries[0]).toMatchObject({
      level: "info",
      route: "/profile-fields",
      ms: expect.any(Number),
      org_unit: workspace_id,
      credential: credential.credential_id,
    });
    // the pattern of a path, not the path
    expect(entries[1]?.route).toBe("/leads/import/jobs/:jobId");
    expect(entries[2]?.route).toBe("/accounts");
  });

  it("holds no secret and nothing personal", async () => {
    const tenant = await mintTenant();
    const { client, credential } = tenant;
    await mintLead(client, { email: "alex@example.com", phone: "+15550100999" }, { company: "Acme" });
    const secrets = [credential.client_secret, btoa(`${credential.client_id}:${credential.client_secret}`), "test-admin-token"];
    const lines = await logged(async () => {
      await client.get("/lead/by-alias?value=alex@example.com");
      await client.get("/lead/by-alias?kind=phone&value=%2B15550100999");
      await client.get("/lead/by-alias?value=stranger@example.com");
      await client.get("/lead/by-alias?kind=fax&value=alex@example.com");
      await client.patch("/lead/by-alias/metadata", {
        alias_value: "alex@example.com",
        attributes: { note: "very private", "bad/key": 1 },
      });
      await client.patch("/lead/by-alias/metadata", { alias_value: "alex@example.com", attributes: { note: "very private" } });
      await request("/alex@example.com?value=alex@example.com");
      await client.get("/accounts/alex@example.com");
      secrets.push((await (await client.post("/secrets", { name: "s" })).json<{ client_secret: string }>()).client_secret);
      secrets.push((await (await client.post("/settings/tokens", { name: "t" })).json<{ token: string }>()).token);
      const opened = await client.post("/org-units/active", { ouId: "unit_default" });
      secrets.push(/activeOu=([^;]+)/.exec(opened.headers.get("Set-Cookie") ?? "")?.[1] ?? "");
      const body = new URLSearchParams({ grant_type: "client_credentials", ...credential });
      secrets.push((await (await request("/oauth/token", { method: "POST", body })).json<{ access_token: string }>()).access_token);
      await bearerClient(secrets.at(-1) ?? "").get("/org-units");
      await clientWith({ Authorization: "Bearer kbn_pat_wrong-but-maybe-a-typo" }).get("/org-units");
      await mintTenant();
    });
    expect(lines.length).toBeGreaterThan(14);
    const log = lines.join("\n");
    for (const personal of [...secrets, "example.com", "5550100999", "very private", "Acme", "wrong-but-maybe"]) {
      expect(personal).not.toBe("");
      expect(log).not.toContain(personal);
    }
    expect(log).not.toContain(env.SIGNING_KEY);
  });
});

describe("a body that streams in", () => {
  /** Counts the pieces of 64 KB that are read of it. */
  function streamed(pieces: number): { body: ReadableStream<Uint8Array>; read: () => number } {
    let read = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (stream) => {
          if (read === pieces) return stream.close();
          read += 1;
          stream.enqueue(new Uint8Array(64 * 1024).fill(120));
        },
      },
      { highWaterMark: 0 },
    );
    return { body, read: () => read };
  }
  const send = (path: string, body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
    request(path, { method: "POST", body, headers: { ...JSON_TYPE, "Transfer-Encoding": "chunked", ...headers } });

  it.each([
    ["too large for its route", "/profile-fields", 413],
    ["of a path that nobody reads", "/no-such-path", 404],
    ["without credentials", "/ingest", 401],
  ])("is read to its end before the refusal goes out, however early that is decided: %s", async (_, path, status) => {
    const { credential } = await mintTenant();
    const { body, read } = streamed(40);
    const answer = await send(path, body, path === "/ingest" ? {} : { Authorization: basicHeader(credential) });
    expect([answer.status, read()]).toEqual([status, 40]);
  });

  it("is cut off beyond what anybody sends by mistake", async () => {
    const { body, read } = streamed(10_000);
    expect((await send("/no-such-path", body)).status).toBe(404);
    expect(read()).toBeLessThan(300);
  });
});
