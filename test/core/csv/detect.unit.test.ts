import { describe, expect, it } from "vitest";
import { detectColumns } from "../../../src/core/csv/detect";

const columns = (table: Record<string, string[]>) => {
  const headers = Object.keys(table);
  const height = Math.max(...Object.values(table).map((cells) => cells.length));
  return detectColumns(
    headers,
    Array.from({ length: height }, (_, row) => headers.map((header) => table[header]?.[row] ?? "")),
  );
};
const emails = (header: string, ...cells: string[]) => columns({ [header]: cells }).email_columns.length === 1;
const phones = (header: string, ...cells: string[]) => columns({ [header]: cells }).phone_columns.length === 1;

describe("email columns", () => {
  it.each([
    "Email",
    "E-Mail",
    "e_mail",
    "EMAIL ADDRESS",
    "emailAddress",
    "Work Email 2",
    "Mail",
    "Correo electrónico",
    "Courriel",
    "邮箱",
    "Почта",
    "メールアドレス",
  ])("are known by the name %s", (header) => expect(emails(header)).toBe(true));

  it.each(["Name", "Mailing address", "Email opt-in", "Email status", "Mailbox size", "Company"])("are not named %s", (header) =>
    expect(emails(header)).toBe(false),
  );

  it("are known by their content under any name", () => {
    expect(emails("Login", "ann@example.com", "", "bob@example.co.uk", "n/a")).toBe(true);
    expect(emails("Login", "ann@example.com", "bob", "cid")).toBe(false);
  });

  it("are refuted by content of another kind, not by a few bad cells", () => {
    expect(emails("Mail", "yes", "no")).toBe(false);
    expect(emails("Email", "Monday", "Tuesday", "Friday", "Sunday", "Monday")).toBe(false);
    expect(emails("Email", "not-an-email")).toBe(true);
    expect(emails("Email", "bad", "worse", "ann@example.com")).toBe(true);
  });

  it("are judged in linear time", () => {
    expect(emails("x", `a@${"a.".repeat(200_000)} @`)).toBe(false);
  });
});

describe("phone columns", () => {
  it.each([
    "Phone",
    "phone_number",
    "PhoneNumber",
    "Mobile",
    "mobile no.",
    "Cell",
    "Tel.",
    "Telephone",
    "Téléphone",
    "Telefon",
    "Celular",
    "WhatsApp",
    "手机",
    "Телефон",
    "هاتف",
  ])("are known by the name %s", (header) => expect(phones(header)).toBe(true));

  it.each(["Fax", "Telefax", "Phone type", "Immobilien", "Cancelled", "Hotel", "Name"])("are not named %s", (header) =>
    expect(phones(header)).toBe(false),
  );

  it("are known by formatted numbers under any name", () => {
    expect(phones("Contact", "+1-555-0100", "(030) 1234567", "+49 30 123456")).toBe(true);
    expect(phones("Contact", "+15550100")).toBe(true);
  });

  it("are not plain integers, dates, postcodes or amounts", () => {
    expect(phones("Customer", "1234567", "1234568")).toBe(false);
    expect(phones("Born", "2001-12-31", "1999-01-02")).toBe(false);
    expect(phones("Zip", "12345-6789")).toBe(false);
    expect(phones("Revenue", "1 250 000", "-1250000")).toBe(false);
  });

  it("are bare digits when the name says phone", () => {
    expect(phones("Phone", "5550100123", "5550100124")).toBe(true);
    expect(phones("Mobile", "yes", "no", "no")).toBe(false);
  });

  it("are never fax columns", () => {
    expect(phones("Fax", "+1-555-0100")).toBe(false);
  });
});
