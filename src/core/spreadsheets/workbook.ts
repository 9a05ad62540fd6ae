/** The list of sheets and where the parts of a workbook are. */

import { SHEETS_MAX } from "./limits";
import { damaged } from "./problem";
import type { XmlHandler, XmlTag } from "./xml-scanner";
import { attribute, isTrue } from "./xml-text";
import { partName } from "./zip-directory";

export type SheetPart = { name: string; hidden: boolean; part: string };

/** `shared_strings` and `styles` are null when the workbook has none. */
export type WorkbookParts = { sheets: SheetPart[]; date1904: boolean; shared_strings: string | null; styles: string | null };

/** Scans a part; false when the archive has no such part. */
export type ScanPart = (part: string, handler: XmlHandler) => Promise<boolean>;

type Relation = { id: string; type: string; part: string };

export async function readWorkbookParts(scan: ScanPart): Promise<WorkbookParts> {
  const package_relations = await readRelations(scan, "");
  const part = ofType(package_relations, "officedocument") ?? "xl/workbook.xml";
  const list = new SheetList();
  if (!(await scan(part, list))) throw damaged("it has no workbook");
  const relations = await readRelations(scan, part);
  const worksheets = new Map(relations.filter(({ type }) => type === "worksheet").map((relation) => [relation.id, relation.part]));
  const sheets = list.sheets.flatMap(({ id, name, hidden }) => {
    const sheet = worksheets.get(id);
    return sheet === undefined ? [] : [{ name, hidden, part: sheet }];
  });
  const { date1904 } = list;
  return { sheets, date1904, shared_strings: ofType(relations, "sharedstrings"), styles: ofType(relations, "styles") };
}

class SheetList implements XmlHandler {
  wants_text = false;
  date1904 = false;
  readonly sheets: { id: string; name: string; hidden: boolean }[] = [];

  open(name: string, tag: XmlTag): void {
    if (name === "workbookPr") this.date1904 = isTrue(attribute(tag, "date1904"));
    if (name !== "sheet" || this.sheets.length >= SHEETS_MAX) return;
    const state = attribute(tag, "state") ?? "visible";
    this.sheets.push({ id: attribute(tag, "id") ?? "", name: attribute(tag, "name") ?? "", hidden: state !== "visible" });
  }

  close(): void {}
  text(): void {}
}

/** The relations of a part (OPC, ECMA-376 part 2); `type` is the last word of its address, since the strict variant has other addresses. */
async function readRelations(scan: ScanPart, owner: string): Promise<Relation[]> {
  const folder = owner.slice(0, owner.lastIndexOf("/") + 1);
  const relations: Relation[] = [];
  const handler: XmlHandler = {
    wants_text: false,
    open(name, tag) {
      if (name !== "Relationship" || attribute(tag, "TargetMode") === "External") return;
      const type = (attribute(tag, "Type") ?? "").split("/").at(-1) ?? "";
      const part = resolvePart(folder, attribute(tag, "Target") ?? "");
      relations.push({ id: attribute(tag, "Id") ?? "", type: type.toLowerCase(), part });
    },
    close() {},
    text() {},
  };
  await scan(`${folder}_rels/${owner.slice(folder.length)}.rels`, handler);
  return relations;
}

function ofType(relations: readonly Relation[], type: string): string | null {
  return relations.find((relation) => relation.type === type)?.part ?? null;
}

/** Targets are relative to the folder of the part, or absolute. */
function resolvePart(folder: string, target: string): string {
  const path: string[] = [];
  for (const step of (target.startsWith("/") ? target : folder + target).split("/")) {
    if (step === "..") path.pop();
    else if (step !== "" && step !== ".") path.push(step);
  }
  return partName(path.join("/"));
}
