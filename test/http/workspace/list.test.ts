/** Lists and searches of the workspace dialect: newest first, exact totals, filters that combine, words that begin words. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { CONTACTS_MAPPING, contactsCsv, importCsv } from "../../support/imports";
import { countingD1 } from "../../support/worker";
import { dataOf, mintWorkspace, type Page, type Workspace } from "../../support/workspace";

const search = (text: string) => `?limit=100&search=${encodeURIComponent(text)}`;
const namesIn = async (ws: Workspace, query: string) => (await ws.list(query)).leads.map(({ name }) => name);

describe("paging", () => {
  let ws: Workspace;
  let ids: string[];
  beforeAll(async () => {
    ws = await mintWorkspace();
    ids = [];
    for (let n = 0; n < 25; n++) ids.push((await ws.create({ name: `Lead ${n}`, email: `p${n}@example.com` })).id);
    ids.reverse();
  });

  it("the first page of ten, as documented, without parameters", async () => {
    const page = await ws.list();
    expect(page.pagination).toEqual({ page: 1, limit: 10, total: 25, totalPages: 3, hasNext: true, hasPrev: false });
    expect(page.leads.map(({ id }) => id)).toEqual(ids.slice(0, 10));
    const { workspaceId, ...whole } = await ws.get(ids[0] ?? "");
    expect(page.leads[0]).toEqual(whole);
    expect(workspaceId).toBe(ws.tenant.workspace_id);
  });

  it.each(["", "&status=new", "&search=lead", "&search=example.com%20lead&status=new"])(
    "pages end, hold each lead once and know their neighbours: %s",
    async (filter) => {
      const seen: string[] = [];
      for (const [page, hasNext, hasPrev] of [
        [1, true, false],
        [2, true, true],
        [3, false, true],
      ] as const) {
        const { leads, pagination } = await ws.list(`?page=${page}&limit=10${filter}`);
        expect(pagination).toEqual({ page, limit: 10, total: 25, totalPages: 3, hasNext, hasPrev });
        seen.push(...leads.map(({ id }) => id));
      }
      expect(seen).toEqual(ids);
      for (const page of [4, 1_000_000]) {
        const beyond = await ws.list(`?page=${page}&limit=10${filter}`);
        expect(beyond).toEqual({ leads: [], pagination: { page, limit: 10, total: 25, totalPages: 3, hasNext: false, hasPrev: true } });
      }
      expect((await ws.list(`?limit=100${filter}`)).leads).toHaveLength(25);
    },
  );

  it("a workspace without leads has no pages", async () => {
    const empty = { leads: [], pagination: { page: 1, limit: 10, total: 0, totalPages: 0, hasNext: false, hasPrev: false } };
    const fresh = await mintWorkspace();
    for (const query of ["", "?status=new", "?status=lost", "?source=x", "?search=x"]) expect(await fresh.list(query)).toEqual(empty);
  });

  it("the chatbot's path lists the same leads", async () => {
    expect(await dataOf<Page>(await ws.client.get("/api/v1/chatbots/cb_1/leads?limit=3"))).toEqual(await ws.list("?limit=3"));
  });
});

describe("searching", () => {
  let ws: Workspace;
  beforeAll(async () => {
    ws = await mintWorkspace();
    const leads = [
      ["John Doe", "john.doe@acme.com"],
      ["Joanna Smith", "jsmith@example.org"],
      ["Émile Zola", "zola@livres.fr"],
      ["MÜLLER, Anne-Marie", "am_mueller+crm@web.de"],
      ["Łukasz O'Brien", "lukasz@example.pl"],
      ["100% _Wild_", "wild@example.com"],
      ['Zoë "Zed" O\\Neil\tTab', "zed@example.com"],
      ["李小龙", "bruce@example.cn"],
    ] as const;
    for (const [name, email] of leads) await ws.create({ name, email });
  });

  it.each([
    ["john", ["John Doe"]],
    ["JO", ["Joanna Smith", "John Doe"]],
    ["doe joh", ["John Doe"]],
    ["joh acme", ["John Doe"]],
    ["john smith", []],
    ["ohn", []],
    ["john.doe@acme.com", ["John Doe"]],
    ["John.Doe@ACME.com", ["John Doe"]],
    ["john.d", ["John Doe"]],
    ["acme.com", ["John Doe"]],
    ["jsmith", ["Joanna Smith"]],
    ["Émile", ["Émile Zola"]],
    ["émile", ["Émile Zola"]],
    ["ÉMILE", ["Émile Zola"]],
    ["müller", ["MÜLLER, Anne-Marie"]],
    ["marie", ["MÜLLER, Anne-Marie"]],
    ["anne-m", ["MÜLLER, Anne-Marie"]],
    ["mueller", ["MÜLLER, Anne-Marie"]],
    ["crm", ["MÜLLER, Anne-Marie"]],
    ["łuk", ["Łukasz O'Brien"]],
    ["o'brien", ["Łukasz O'Brien"]],
    ["brien", ["Łukasz O'Brien"]],
    ["李", ["李小龙"]],
    ["100%", ["100% _Wild_"]],
    ["%", []],
    ["_", ["100% _Wild_"]],
    ["wil_", []],
    ["*", []],
    ['"', ['Zoë "Zed" O\\Neil\tTab']],
    ["o\\neil", ['Zoë "Zed" O\\Neil\tTab']],
    ["zed tab", ['Zoë "Zed" O\\Neil\tTab']],
    ["'); DROP TABLE leads; --", []],
    ["\u0000", []],
    ["x".repeat(1000), []],
    ["a ".repeat(500), ["MÜLLER, Anne-Marie", "John Doe"]],
    ["john ".repeat(200), ["John Doe"]],
    [
      Array.from({ length: 300 }, (_, n) => `w${n}`)
        .join(" ")
        .slice(0, 1000),
      [],
    ],
    [
      "   ",
      ["李小龙", 'Zoë "Zed" O\\Neil\tTab', "100% _Wild_", "Łukasz O'Brien", "MÜLLER, Anne-Marie", "Émile Zola", "Joanna Smith", "John Doe"],
    ],
  ])("%s", async (text, names) => {
    expect(await namesIn(ws, search(text))).toEqual(names);
    expect((await ws.list(search(text))).pagination.total).toBe(names.length);
  });

  it("a name without end costs twelve words, and its first ones are found", async () => {
    const own = await mintWorkspace();
    const name = Array.from({ length: 2000 }, (_, n) => `word${n}`).join(" ");
    await own.create({ name, email: "long@example.com" });
    expect((await own.list(search("word3 long"))).leads).toHaveLength(1);
    const unit = await unitKeyOf(own.tenant);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM lead_terms WHERE unit = ?1").bind(unit).first("n")).toBe(12);
    await own.create({ name: "x".repeat(5000), email: "one@example.com" });
    expect((await own.list(search("x".repeat(70)))).leads).toHaveLength(1);
  });
});

describe("filters", () => {
  it("combine, and are exact about status and source", async () => {
    const ws = await mintWorkspace();
    for (const [n, name] of ["John A", "John B", "John C", "Jane D"].entries()) {
      await ws.create({ name, source: n % 2 ? "website" : "Website", status: n < 2 ? "contacted" : "new" });
    }
    expect(await namesIn(ws, "?status=contacted")).toEqual(["John B", "John A"]);
    expect(await namesIn(ws, "?status=new")).toEqual(["Jane D", "John C"]);
    expect(await namesIn(ws, "?status=&source=&search=")).toHaveLength(4);
    expect(await namesIn(ws, "?source=website")).toEqual(["Jane D", "John B"]);
    expect(await namesIn(ws, "?source=web")).toEqual([]);
    expect(await namesIn(ws, "?search=john&status=contacted&source=website&limit=10")).toEqual(["John B"]);
    expect(await namesIn(ws, "?status=new&source=website")).toEqual(["Jane D"]);
    expect(await namesIn(ws, "?status=contacted&source=Website")).toEqual(["John A"]);
    expect((await ws.list("?status=new&search=john")).pagination).toMatchObject({ total: 1, totalPages: 1 });
    const long = "s".repeat(2000);
    await ws.create({ name: "Long", source: long });
    expect(await namesIn(ws, `?source=${long}`)).toEqual(["Long"]);
  });

  it("follow every change of status at once", async () => {
    const ws = await mintWorkspace();
    const { id } = await ws.create({ name: "A" });
    const totals = async () =>
      Promise.all(["new", "contacted", "lost"].map(async (status) => (await ws.list(`?status=${status}`)).pagination.total));
    expect(await totals()).toEqual([1, 0, 0]);
    await ws.put(id, { status: "contacted" });
    expect(await totals()).toEqual([0, 1, 0]);
    await ws.put(id, { status: "lost" });
    expect(await totals()).toEqual([0, 0, 1]);
    await ws.put(id, { status: "new" });
    expect(await totals()).toEqual([1, 0, 0]);
    await ws.client.call("DELETE", `/api/v1/leads/${id}`);
    expect([...(await totals()), (await ws.list()).pagination.total]).toEqual([0, 0, 0, 0]);
  });

  it("count and find what imports create, also twice", async () => {
    const ws = await mintWorkspace();
    await importCsv(ws.tenant.client, contactsCsv(1200), CONTACTS_MAPPING);
    await importCsv(ws.tenant.client, contactsCsv(1300, { name: (n) => `Nom ${n}` }), CONTACTS_MAPPING);
    expect((await ws.list()).pagination.total).toBe(1300);
    expect((await ws.list("?status=new")).pagination.total).toBe(1300);
    expect(await namesIn(ws, "?search=p1299@example.com")).toEqual(["Nom 1299"]);
    expect((await ws.list("?search=name")).pagination.total).toBe(0);
    expect((await ws.list("?search=nom%20example.com&page=13&limit=100")).leads).toHaveLength(100);
  });
});

it("the last page of many leads reads as much as the first, and a search is one statement with its exact total", async () => {
  const ws = await mintWorkspace();
  const unit = await unitKeyOf(ws.tenant);
  await env.DB.batch([
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4003)
       INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
       SELECT ?1, printf('%032x', i), json_object('name', 'Mona ' || i), '[]', 1, 1, 1 FROM n`,
    ).bind(unit),
    env.DB.prepare("INSERT INTO lead_counts (unit, status, leads) VALUES (?1, 'new', 4003)").bind(unit),
  ]);
  const read = async (query: string) => {
    const { DB, count } = countingD1();
    const page = await dataOf<Page>(await ws.client.get(`/api/v1/leads${query}`, { bindings: { DB } }));
    return { names: page.leads.map(({ name }) => name), total: page.pagination.total, rowsRead: count.rowsRead, trips: count.trips };
  };
  await read("");
  expect((await read("?page=401")).names).toEqual(["Mona 3", "Mona 2", "Mona 1"]);
  expect((await read("?page=400")).names).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4].map((n) => `Mona ${n}`));
  for (const query of ["", "?page=401", "?page=400&status=new", "?page=402"]) expect((await read(query)).rowsRead, query).toBeLessThan(60);
  const found = await read("?search=mona&page=2");
  expect([found.names[0], found.total, found.trips]).toEqual(["Mona 3993", 4003, 1]);
});
