/** Contacts as a CRM exports them: no order in emails or phones. Same `count`, same rows. */
export type Contact = { email: string; phone: string; first_name: string; last_name: string; company: string };

const FIRST = [
  "Ada",
  "Bo",
  "Carla",
  "Dmitri",
  "Elif",
  "Femi",
  "Grace",
  "Hugo",
  "Ines",
  "Jonas",
  "Keiko",
  "Liam",
  "Mona",
  "Noah",
  "Olga",
  "Pia",
];
const LAST = [
  "Abel",
  "Brandt",
  "Costa",
  "Dahl",
  "Eriksen",
  "Farah",
  "Garcia",
  "Hofer",
  "Ito",
  "Jansen",
  "Kaya",
  "Lopez",
  "Meyer",
  "Novak",
  "Okafor",
];

export function contacts(count: number): Contact[] {
  return Array.from({ length: count }, (_, i) => {
    const scattered = (i * 7919) % count;
    const first_name = FIRST[scattered % FIRST.length] as string;
    const last_name = LAST[scattered % LAST.length] as string;
    return {
      email: `${first_name}.${last_name}.${scattered}@example${scattered % 97}.com`.toLowerCase(),
      phone: `+1415${String(2_000_000 + ((i * 104_729) % count)).padStart(7, "0")}`,
      first_name,
      last_name,
      company: `Company ${scattered % 500}`,
    };
  });
}

export const toCsv = (rows: readonly Contact[]): string =>
  `Email,Phone,First Name,Last Name,Company\n${rows.map((row) => `${row.email},${row.phone},${row.first_name},${row.last_name},${row.company}\n`).join("")}`;
