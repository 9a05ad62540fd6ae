/** What a column's name says about its content, in the languages that leads come in. */

type Words = { whole: readonly string[]; part: readonly string[] };

const EMAIL = words({
  whole: ["mail", "mails", "e mail", "e mails", "e post", "mejl", "emel"],
  part: [
    ...["email", "mailadresse", "courriel", "correo", "epost", "sähköposti", "почта", "пошта", "имейл", "ηλεκτρονικό ταχυδρομείο"],
    ...["邮箱", "郵箱", "邮件", "郵件", "信箱", "メール", "이메일", "전자우편", "بريد", "ایمیل", "דואר אלקטרוני", "אימייל", "อีเมล", "ईमेल"],
  ],
});

const PHONE = words({
  whole: ["tel", "tel no", "cell", "cellular", "mob", "mobil", "mobile", "mobiles", "gsm", "handy", "móvil", "portable", "fono", "msisdn"],
  part: [
    ...["phone", "telefon", "téléphon", "telefoon", "puhelin", "celular", "cellulare", "telemóvel", "mobilnummer", "handynummer"],
    ...[
      "mobile no",
      "mobile number",
      "cell no",
      "cell number",
      "tel number",
      "whatsapp",
      "whats app",
      "телефон",
      "мобильный",
      "τηλέφωνο",
      "κινητό",
    ],
    ...[
      "电话",
      "電話",
      "手机",
      "手機",
      "携帯",
      "전화",
      "휴대폰",
      "핸드폰",
      "هاتف",
      "جوال",
      "موبايل",
      "تلفن",
      "טלפון",
      "נייד",
      "โทรศัพท์",
      "फोन",
      "मोबाइल",
    ],
  ],
});

const FAX = words({ whole: [], part: ["fax", "факс", "传真", "傳真", "팩스", "ファックス", "فاكس"] });

/** A column that tells something about an address or a number: "Email opt-in", "Phone type". */
const ABOUT = words({
  whole: ["opt", "optin", "optout", "consent", "permission", "preference", "status", "type", "verified", "bounced", "subscribed"].concat([
    "count",
    "date",
    "sent",
    "opened",
    "clicked",
    "subject",
    "template",
    "provider",
    "carrier",
    "domain",
    "ext",
    "extension",
  ]),
  part: [],
});

export function namesEmail(header: string): boolean {
  const name = plain(header);
  return says(name, EMAIL) && !says(name, ABOUT);
}

export function namesPhone(header: string): boolean {
  const name = plain(header);
  return says(name, PHONE) && !says(name, FAX) && !says(name, ABOUT);
}

export function namesFax(header: string): boolean {
  return says(plain(header), FAX);
}

function words({ whole, part }: Words): Words {
  return { whole: whole.map((word) => ` ${plain(word)} `), part: part.map(plain) };
}

function says(name: string, { whole, part }: Words): boolean {
  return part.some((word) => name.includes(word)) || whole.some((word) => ` ${name} `.includes(word));
}

/** Lower case without accents and numbers, words apart by one space: "E-Mail1", "e_mail 1" and "eMail1" read alike. */
export function plain(header: string): string {
  return header
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{Mc}]+/gu, " ")
    .trim();
}
