/** What the preview suggests for the headers and cells of real exports. */
import { describe, expect, it } from "vitest";
import { headerShape, type SuggestInput, suggestMapping } from "../../../../src/core/imports/suggest";

const STANDARD = ["first_name", "last_name", "name", "company", "title", "industry", "country", "source", "notes", "business_id"];

const suggest = (headers: string[], rows: string[][], more: Partial<SuggestInput> = {}) =>
  suggestMapping({ headers, rows, row_count: rows.length, known_fields: STANDARD, region: null, ...more });
/** The targets of a file whose rows are made by `row`. */
const targets = (headers: string[], row: (index: number) => string[], more: Partial<SuggestInput> = {}) =>
  Object.fromEntries(
    suggest(
      headers,
      Array.from({ length: 40 }, (_, index) => row(index)),
      more,
    ).columns.map(({ column, target }) => [column, target]),
  );

describe("a header says what its column is", () => {
  it.each([
    [
      "en",
      ["Email Address", "Mobile Phone", "First Name", "Last Name", "Company", "Job Title", "Country", "Lead Source", "Notes", "Industry"],
    ],
    ["de", ["E-Mail-Adresse", "Handy", "Vorname", "Nachname", "Firma", "Funktion", "Land", "Quelle", "Bemerkungen", "Branche"]],
    ["fr", ["Courriel", "Téléphone portable", "Prénom", "Nom", "Société", "Fonction", "Pays", "Origine", "Remarques", "Secteur"]],
    ["es", ["Correo electrónico", "Móvil", "Nombre", "Apellidos", "Empresa", "Cargo", "País", "Fuente", "Observaciones", "Sector"]],
    ["it", ["Indirizzo email", "Cellulare", "Nome", "Cognome", "Azienda", "Qualifica", "Paese", "Fonte", "Note", "Settore"]],
    ["pt", ["E-mail", "Telemóvel", "Nome", "Sobrenome", "Empresa", "Cargo", "País", "Origem", "Observações", "Setor"]],
    ["nl", ["E-mailadres", "Mobiel", "Voornaam", "Achternaam", "Bedrijf", "Functie", "Land", "Bron", "Opmerkingen", "Sector"]],
    ["pl", ["Adres e-mail", "Telefon komórkowy", "Imię", "Nazwisko", "Firma", "Stanowisko", "Kraj", "Źródło", "Uwagi", "Branża"]],
    [
      "ru",
      ["Электронная почта", "Мобильный телефон", "Имя", "Фамилия", "Компания", "Должность", "Страна", "Источник", "Комментарии", "Отрасль"],
    ],
    ["ja", ["メールアドレス", "携帯電話", "名", "姓", "会社名", "役職", "国", "流入元", "備考", "業種"]],
    ["zh", ["电子邮箱", "手机号码", "名字", "姓", "公司名称", "职位", "国家", "来源", "备注", "行业"]],
    ["sv", ["E-post", "Mobil", "Förnamn", "Efternamn", "Företag", "Befattning", "Land", "Källa", "Anteckningar", "Bransch"]],
    ["tr", ["E-posta", "Cep telefonu", "Ad", "Soyad", "Şirket", "Unvan", "Ülke", "Kaynak", "Notlar", "Sektör"]],
  ])("in %s", (_, headers) => {
    const row = (n: number) => [
      `p${n}@example.com`,
      `+4915123${1000 + n}99`,
      `F${n}`,
      `L${n}`,
      `C${n % 5}`,
      "Boss",
      "DE",
      "Fair",
      `n${n}`,
      "IT",
    ];
    expect(Object.values(targets(headers, row))).toEqual([
      ...["_alias_email", "_alias_phone", "first_name", "last_name", "company", "title", "country", "source", "notes", "industry"],
    ]);
  });

  it("a full name alone is the name, beside its parts it is superfluous", () => {
    const mail = (n: number) => `p${n}@example.com`;
    expect(targets(["Nom", "Email"], (n) => [`Ann Lee ${n}`, mail(n)])).toMatchObject({ Nom: "name" });
    expect(targets(["Nombre", "Email"], (n) => [`Ann Lee ${n}`, mail(n)])).toMatchObject({ Nombre: "name" });
    expect(targets(["Vorname", "Name", "Email"], (n) => ["Ann", `Lee ${n}`, mail(n)])).toMatchObject({
      Vorname: "first_name",
      Name: "last_name",
    });
    expect(targets(["First Name", "Last Name", "Full Name", "Email"], (n) => ["Ann", `Lee ${n}`, `Ann Lee ${n}`, mail(n)])).toMatchObject({
      "Full Name": null,
    });
  });
});

describe("what only looks like an identifier is not one", () => {
  const mail = (n: number) => `p${n}@example.com`;
  it.each([
    ["Phonetic First Name", () => "アン"],
    ["E-mail 1 - Label", () => "* Work"],
    ["Phone 1 - Label", () => "Mobile"],
    ["Email Confidence", () => ""],
    ["Email Status", () => "Verified"],
    ["E-mail 2 Display Name", () => ""],
    ["E-mail 2 Display Name", (n: number) => `Ann (${mail(n)})`],
  ] as const)("%s is left out", (header, cell) => {
    expect(targets([header, "Email"], (n) => [cell(n), mail(n)])[header]).toBeNull();
  });

  it.each([
    ["Assistant's Phone", (n: number) => `+4930123${1000 + n}`],
    ["Contact Owner Email", (n: number) => `rep${n % 3}@acme.example`],
    ["Account Manager Email", (n: number) => `rep${n}@acme.example`],
    ["Invoice", (n: number) => `2024-0${1000 + n}`],
    ["CPF", (n: number) => `123.456.${100 + n}-09`],
    ["Season", (n: number) => `20${10 + n}-20${11 + n}`],
    ["Company ID", (n: number) => `c${n}`],
    ["Created At", (n: number) => `2026-01-${10 + (n % 20)} 10:00:00`],
    ["Phone Type", () => "mobile"],
    ["Phone", () => "yes"],
    ["Invoice Number", (n: number) => `2024001${1000 + n}`],
    ["CEP", (n: number) => `01310-${100 + n}`],
    ["Steuernummer", (n: number) => `012/345/6${1000 + n}`],
    ["Personal-Nr.", (n: number) => `0123${4000 + n}`],
    ["Device ID", (n: number) => `dev-${n}`],
    ["Fax", (n: number) => `+4930123${1000 + n}`],
  ] as const)("%s is a field at most", (header, cell) => {
    for (const region of [null, "DE", "BR", "US"]) {
      expect(targets([header, "Email"], (n) => [cell(n), mail(n)], { region })[header] ?? "").not.toMatch(/^_alias_/);
    }
  });

  it("a company's number is its business_id", () => {
    expect(targets(["SIRET", "Email"], (n) => [`732 829 320 000${10 + n}`, mail(n)], { region: "FR" })).toMatchObject({
      SIRET: "business_id",
    });
  });
});

describe("content says what a name does not", () => {
  it("finds emails, international numbers and profiles", () => {
    const row = (n: number) => [`p${n}@example.com`, `+49 151 2345${1000 + n}`, `https://www.linkedin.com/in/p${n}`, `x${n}`];
    expect(targets(["A", "B", "C", "D"], row)).toEqual({ A: "_alias_email", B: "_alias_phone", C: "_alias_social", D: "D" });
  });

  it("national numbers only where their country is known", () => {
    const row = (n: number) => [`p${n}@example.com`, `0151 2345${1000 + n}`];
    expect(targets(["A", "B"], row)).toMatchObject({ B: "B" });
    expect(targets(["A", "B"], row, { region: "DE" })).toMatchObject({ B: "_alias_phone" });
  });
});

describe("uniqueness ranks identifiers", () => {
  const people = Array.from({ length: 40 }, (_, n) => ({
    name: `Ann Lee${String.fromCharCode(65 + (n % 26))}${n}`,
    mail: `p${n}@example.com`,
  }));

  it("a repeating owner's address before the person's own is not chosen", () => {
    const rows = people.map(({ name, mail }, n) => [`rep${n % 3}@acme.example`, name, mail]);
    const { columns, suggested_mapping } = suggest(["Contact Owner Email", "Name", "Email"], rows);
    expect(suggested_mapping?.primary_identifier).toEqual({ column: "Email", kind: "email" });
    expect(columns[0]).toMatchObject({ target: "Contact Owner Email", distinct_rate: 0.075 });
    expect(columns[0]?.warnings).toContain("Contact Owner Email repeats");
  });

  it("a buyer's address that many rows share is not an identifier", () => {
    const rows = people.map(({ name, mail }, n) => ["Order", n < 34 ? "office@acme.example" : mail, name, mail]);
    const { columns, suggested_mapping } = suggest(["Order", "Buyer Email", "Attendee", "Attendee Email"], rows);
    expect(suggested_mapping?.primary_identifier.column).toBe("Attendee Email");
    expect(suggested_mapping?.alias_mappings).not.toHaveProperty("Buyer Email");
    expect(columns[1]?.warnings).toContain("34 rows share this address: not an identifier");
  });

  it("a buyer's address is the identifier where there is no other and nobody shares it", () => {
    const rows = people.map(({ name, mail }) => [mail, name]);
    expect(suggest(["Buyer Email", "Buyer Name"], rows).suggested_mapping?.primary_identifier.column).toBe("Buyer Email");
  });

  it("a switchboard's number is a field", () => {
    const rows = people.map(({ name, mail }, n) => [name, mail, `+4930${1000 + (n % 4)}555`]);
    const { columns, suggested_mapping } = suggest(["Name", "Email", "Phone"], rows);
    expect(columns[2]?.target).toBe("Phone");
    expect(columns[2]?.warnings).toContain("10 rows share this number: not an identifier");
    expect(suggested_mapping?.alias_mappings).toEqual({});
  });

  it("an address that two rows of a short file share still identifies the others", () => {
    const rows = [
      ["ann@acme.example", "Ann Lee"],
      ["bo@acme.example", "Bo Roe"],
      ["ann@acme.example", "Dan Doe"],
    ];
    const { columns, suggested_mapping } = suggest(["Email", "Name"], rows);
    expect(suggested_mapping?.primary_identifier).toEqual({ column: "Email", kind: "email" });
    expect(columns[0]?.warnings).toContain("2 rows share one address, but their names differ");
  });

  it("one person's many rows share nothing", () => {
    const rows = people.map((_, n) => [`p${n % 10}@example.com`, `Ann Lee ${"ABCDEFGHIJ"[n % 10]}`]);
    const { columns, suggested_mapping } = suggest(["Email", "Name"], rows);
    expect(suggested_mapping?.primary_identifier.column).toBe("Email");
    expect(columns[0]?.warnings).toEqual(["Email repeats"]);
  });

  it("numbers without country code are counted, until the region is said", () => {
    const rows = people.map(({ name, mail }, n) => [name, mail, `0151 2345${1000 + n}`]);
    const phone = (region: string | null) => suggest(["Name", "Email", "Phone"], rows, { region }).columns[2];
    expect(phone(null)?.warnings).toEqual(["40 numbers have no country code: say default_region"]);
    expect(phone("DE")?.warnings).toEqual([]);
  });

  it("the numbers by which a list counts its rows are no ids: another list counts alike", () => {
    const rows = people.map(({ name, mail }, n) => [String(n + 1), name, mail]);
    const { columns, suggested_mapping } = suggest(["ID", "Name", "Email"], rows);
    expect(columns[0]).toMatchObject({ target: "ID", warnings: [expect.stringContaining("not an identifier")] });
    expect(suggested_mapping?.identifiers).toBeUndefined();
  });

  it("fallbacks follow: ids, phones, profiles", () => {
    const rows = people.map(({ mail }, n) => [`https://linkedin.com/in/p${n}`, `+4915123${1000 + n}99`, `crm-${n}`, n < 10 ? mail : ""]);
    const { suggested_mapping } = suggest(["LinkedIn", "Mobile", "Record ID", "Email"], rows);
    expect(suggested_mapping).toEqual({
      primary_identifier: { column: "Email", kind: "email" },
      identifiers: [
        { column: "Record ID", kind: "external_id" },
        { column: "Mobile", kind: "phone" },
        { column: "LinkedIn", kind: "social" },
      ],
      alias_mappings: { "Record ID": "_alias_external_id", Mobile: "_alias_phone", LinkedIn: "_alias_social" },
      field_mappings: {},
    });
  });

  it("nothing is suggested where no column identifies anybody", () => {
    expect(suggest(["Name", "City"], [["Ann", "Bonn"]]).suggested_mapping).toBeNull();
    expect(suggest(["Email"], []).suggested_mapping).toBeNull();
    expect(suggest(["Email"], [["n/a"], [""]]).suggested_mapping).toBeNull();
  });
});

describe("profile fields", () => {
  const row = (n: number) => [`p${n}@example.com`, "blue", "L", "x"];

  it("that exist are used, others are created, with names that a field may have", () => {
    const { columns, suggested_mapping } = suggest(
      ["Email", "favourite-colour", "T-Shirt Size (EU)?", "Column 4"],
      Array.from({ length: 5 }, (_, n) => row(n)),
      { known_fields: [...STANDARD, "Favourite Colour"] },
    );
    expect(columns.map(({ target }) => target)).toEqual(["_alias_email", "Favourite Colour", "T-Shirt Size EU", null]);
    expect(suggested_mapping?.create_fields).toEqual(["T-Shirt Size EU"]);
  });

  it("hold yes and no, which are no placeholders there", () => {
    const rows = Array.from({ length: 6 }, (_, n) => [`p${n}@example.com`, n % 2 ? "yes" : "no"]);
    expect(suggest(["Email", "Accepts Marketing"], rows).suggested_mapping?.field_mappings).toEqual({
      "Accepts Marketing": "Accepts Marketing",
    });
  });

  it("show how full a column is and what is in it", () => {
    const rows = ["", "a", "a", "b", "", "c", "d", "e", "f", ""].map((cell, n) => [`p${n}@example.com`, cell]);
    expect(suggest(["Email", "Extra"], rows).columns[1]).toMatchObject({
      fill_rate: 0.7,
      distinct_rate: 0.857,
      samples: ["a", "b", "c", "d", "e"],
    });
  });

  it("rows shorter or longer than the header are read", () => {
    expect(
      suggest(["Email", "Name"], [["a@example.com"], ["b@example.com", "Bob", "x"]]).suggested_mapping?.primary_identifier.column,
    ).toBe("Email");
  });
});

describe("a remembered mapping", () => {
  it("goes before every guess, for the columns that the file still has", () => {
    const mapping = {
      primary_identifier: { column: "Code", kind: "external_id" as const },
      field_mappings: { Name: "Nickname", Gone: "notes" },
      alias_mappings: { Email: "_alias_email" as const },
      create_fields: ["Nickname"],
      mode: "update_only" as const,
      column_modes: { name: "fill_blank", Gone: "clear_blank" },
    };
    const remembered = { mapping, reason: "As last time" };
    const rows = [
      ["x1", "Ann", "a@example.com", "z"],
      ["x2", "Bob", "b@example.com", "y"],
    ];
    const { columns, suggested_mapping } = suggest(["Code", "Name", "Email", "City"], rows, { remembered });
    expect(suggested_mapping).toEqual({
      ...mapping,
      field_mappings: { Name: "Nickname" },
      column_modes: { Name: "fill_blank" },
    });
    expect(columns.map(({ reason }) => reason)).toEqual([...Array<string>(3).fill("As last time"), "As last time: left out"]);
    expect(columns.map(({ target }) => target)).toEqual(["_alias_external_id", "Nickname", "_alias_email", null]);
    expect(suggest(["Id", "Email"], [["x", "a@example.com"]], { remembered }).suggested_mapping?.primary_identifier.column).toBe("Email");
  });

  it("is found by the columns' names in any order", () => {
    expect(headerShape(["Email", " name"])).toBe(headerShape(["Name", "EMAIL"]));
    expect(headerShape(["Email", "Name"])).not.toBe(headerShape(["Email"]));
  });
});
