/** Imports through the console: files in, cells corrected, and who may. */
import { describe, expect, it } from "vitest";
import { type Member, mintMember, OWN_PAGE } from "../support/console";
import { ended } from "../support/imports";
import { readProblem, request } from "../support/worker";

type Preview = { file_id: string; headers: string[]; row_count: number; suggested_mapping: object };
const CSV = "Email,Name\njane@example.com,Jane\nnobody,Max\n\nalso nobody,Kim\n";

const upload = (member: Pick<Member, "cookie">, text = CSV, query = "file_name=people.csv"): Promise<Response> =>
  request(`/console/api/files?${query}`, { method: "PUT", headers: { ...OWN_PAGE, Cookie: member.cookie }, body: text });

async function returned<Output>(answer: Response): Promise<Output> {
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer.json<Output>();
}

async function planned(member: Member, preview: Preview): Promise<{ plan_id: string; counts: Record<string, number> }> {
  return returned(await member.call("imports.plan", { file_id: preview.file_id, mapping: preview.suggested_mapping }));
}

describe("correcting cells", () => {
  it("of a file with hundreds of thousands of blank lines is refused before any of its rows is read", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const preview = await returned<Preview>(
      await upload(member, `Email,Name\njane@example.com,Jane\n${"\n".repeat(260_000)}kim@example.com,Kim\n`),
    );
    const edits = [{ row: 2, column: "Name", value: "Joan" }];
    const problem = await readProblem(await member.call("imports.edit", { file_id: preview.file_id, edits }), 413);
    expect(problem.detail).toContain("250,000 rows");
  });

  it("before the import makes a new file whose rows keep their numbers", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const preview = await returned<Preview>(await upload(member));
    const { plan_id, counts } = await planned(member, preview);
    expect(counts).toMatchObject({ created: 1, failed: 2 });
    const { rows } = await returned<{ rows: { row: number; cells: string[]; problems: { column: string }[] }[] }>(
      await member.call("imports.problemRows", { plan_id }),
    );
    expect(rows.map(({ row, cells, problems }) => [row, cells[0], problems.map(({ column }) => column)])).toEqual([
      [3, "nobody", ["Email"]],
      [5, "also nobody", ["Email"]],
    ]);

    const edits = [{ row: 5, column: "Email", value: 'kim, "K"@example.com' }];
    const wrong = await returned<Preview>(await member.call("imports.edit", { file_id: preview.file_id, edits }));
    expect((await planned(member, wrong)).counts).toMatchObject({ created: 1, failed: 2 });
    const mended = await returned<Preview>(
      await member.call("imports.edit", { file_id: wrong.file_id, edits: [{ row: 5, column: "Email", value: "kim@example.com" }] }),
    );
    expect(mended).toMatchObject({ headers: ["Email", "Name"], row_count: 3 });
    const second = await planned(member, mended);
    expect(second.counts).toMatchObject({ created: 2, failed: 1 });
    const left = await returned<{ rows: { row: number }[] }>(await member.call("imports.problemRows", { plan_id: second.plan_id }));
    expect(left.rows.map(({ row }) => row)).toEqual([3]);
  });

  it("of failed rows imports only those, by the mapping of their import, where they no longer count as open", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const preview = await returned<Preview>(await upload(member));
    const { plan_id } = await planned(member, preview);
    const { job_id } = await returned<{ job_id: string }>(await member.call("imports.start", { plan_id }));
    await ended(member.client, job_id);
    const failed = await returned<{ headers: string[]; rows: { row: number; cells: string[] }[] }>(
      await member.call("imports.failedRows", { job_id }),
    );
    expect(failed).toMatchObject({ headers: ["Email", "Name"], rows: [{ row: 3, cells: ["nobody", "Max"] }, { row: 5 }] });

    const mended = await returned<Preview>(
      await member.call("imports.mend", { job_id, edits: [{ row: 3, column: "Email", value: "max@example.com" }] }),
    );
    expect(mended.row_count).toBe(1);
    const again = await planned(member, mended);
    const second = await returned<{ job_id: string }>(await member.call("imports.start", { plan_id: again.plan_id }));
    await ended(member.client, second.job_id);
    expect(await returned(await member.call("imports.job", { job_id }))).toMatchObject({ failed: 2, open_failures: 1 });
  });

  it.each([
    ["a column that is not there", { row: 3, column: "Mail", value: "x" }, "edits.0.column"],
    ["a row that is not there", { row: 99, column: "Email", value: "x" }, "edits"],
  ])("names %s", async (_, edit, path) => {
    const member = await mintMember({ unit_id: "unit_default" });
    const { file_id } = await returned<Preview>(await upload(member));
    const problem = await readProblem(await member.call("imports.edit", { file_id, edits: [edit] }), 400);
    expect(problem.errors?.map((error) => error.path)).toEqual([path]);
  });
});

describe("who may", () => {
  it("a viewer imports and corrects nothing, and sees the history", async () => {
    const editor = await mintMember();
    const preview = await returned<Preview>(await upload(editor));
    const viewer = await mintMember({ organization_id: editor.organization_id, role: "viewer" });
    for (const answer of [
      await upload(viewer),
      await viewer.call("imports.edit", { file_id: preview.file_id, edits: [] }),
      await viewer.call("imports.plan", { file_id: preview.file_id, mapping: preview.suggested_mapping }),
    ]) {
      await readProblem(answer, 403);
    }
    expect(await returned(await viewer.call("imports.list", {}))).toMatchObject({ jobs: [], total: 0 });
  });

  it("another organization finds neither file, plan nor job", async () => {
    const owner = await mintMember({ unit_id: "unit_default" });
    const preview = await returned<Preview>(await upload(owner));
    const { plan_id } = await planned(owner, preview);
    const { job_id } = await returned<{ job_id: string }>(await owner.call("imports.start", { plan_id }));
    await ended(owner.client, job_id);
    const stranger = await mintMember();
    for (const [call, input] of [
      ["imports.edit", { file_id: preview.file_id, edits: [] }],
      ["imports.showPlan", { plan_id }],
      ["imports.problemRows", { plan_id }],
      ["imports.plannedRows", { plan_id }],
      ["imports.start", { plan_id }],
      ["imports.job", { job_id }],
      ["imports.failedRows", { job_id }],
      ["imports.mend", { job_id, edits: [{ row: 3, column: "Email", value: "x@example.com" }] }],
      ["imports.previewUndo", { job_id }],
      ["imports.undo", { job_id }],
    ] as const) {
      await readProblem(await stranger.call(call, input), 404);
    }
    const stream = `/console/api/stream/imports/${job_id}`;
    expect((await request(stream, { headers: { ...OWN_PAGE, Cookie: stranger.cookie } })).status).toBe(404);
    expect((await request(stream, { headers: { Cookie: owner.cookie } })).status).toBe(403);
    const followed = await request(stream, { headers: { ...OWN_PAGE, Cookie: owner.cookie } });
    expect(followed.headers.get("Content-Type")).toContain("text/event-stream");
    expect(await followed.text()).toContain("event: done");
  });
});
