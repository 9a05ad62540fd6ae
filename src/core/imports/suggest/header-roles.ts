/**
 * What columns are called in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Japanese, Chinese, Swedish
 * and Turkish exports. One that begins with ~ also matches inside a longer word.
 */
import type { StandardProfileField } from "../../leads";
import { plainHeader } from "./plain-header";

const NAMES = {
  email: `email|e mail|mail|emails|~email|e mail address|email address|email adresse|adres e mail|adres email|adresse mail|~mailadresse|courriel|correo|correo electronico|posta elettronica|
    indirizzo mail|emailadres|e mailadres|adres mailowy|электронная почта|почта|эл почта|имеил|メール|eメール|メールアドレス|电子邮件|电子邮箱|邮箱|
    邮件|郵箱|電子郵件|e post|epost|e postadress|e posta|eposta`,
  phone: `phone|telephone|tel|tel no|phones|phone number|~telefon|~telefonnummer|rufnummer|fon|telefone|telefono|~telephone|telefoon|
    telefoonnummer|numer telefonu|телефон|номер телефона|тел|電話|電話番号|电话|电话号码|電話號碼|联系电话|telnr|telefonnr|contact number|contact no`,
  phone_mobile: `mobile|mobile phone|mobile number|mobile no|cell|cell phone|cell number|cellphone|~handy|mobil|~mobiltelefon|~mobilnummer|portable|
    telephone portable|tel portable|numero portable|movil|telefono movil|celular|cellulare|telemovel|mobiel|mobiel nummer|komorka|
    telefon komorkowy|мобильныи|мобильныи телефон|моб телефон|携帯|携帯電話|携帯番号|手机|手机号|手机号码|手機|mobilnr|cep telefonu|gsm|whatsapp`,
  phone_work: `work phone|business phone|office phone|direct phone|work direct phone|telefon geschaftlich|telefon dienstlich|telephone professionnel|
    telephone bureau|tel bureau|telefono trabajo|telefono ufficio|telefone comercial|telefone trabalho|telefoon werk|telefon sluzbowy|рабочии телефон|
    勤務先電話番号|会社電話|办公电话|工作电话|arbetstelefon|telefon arbete|is telefonu`,
  phone_home: `home phone|telefon privat|privattelefon|telephone domicile|telefono casa|telefone residencial|telefoon prive|telefon domowy|
    домашнии телефон|自宅電話|家庭电话|hemtelefon|ev telefonu`,
  fax: `~fax|faks|факс|传真|傳真|ファックス|fax番号`,
  first_name: `first name|firstname|given name|forename|fname|vorname|prenom|primer nombre|primeiro nome|voornaam|imie|名|名字|名前 名|fornamn|ad|adi`,
  last_name: `last name|lastname|surname|family name|lname|nachname|familienname|zuname|nom de famille|apellido|apellidos|cognome|sobrenome|
    ultimo nome|achternaam|nazwisko|фамилия|姓|名前 姓|efternamn|soyad|soyadi`,
  name: `name|full name|billing name|fullname|contact name|person name|lead name|customer name|attendee name|attendee|contact|vollstandiger name|ansprechpartner|nom complet|
    nom et prenom|prenom nom|nombre completo|nombre y apellidos|nome completo|nome e cognome|naam|volledige naam|imie i nazwisko|фио|氏名|名前|お名前|姓名|
    顧客名|联系人|namn|fullstandigt namn|ad soyad|your name`,
  /** A first name where another column holds the last one, else the whole. */
  first_or_full: `nombre|nome|имя`,
  /** A last name where another column holds the first one, else the whole. */
  last_or_full: `nom`,
  company: `company|company name|organization|organisation|organization name|account name|employer|business name|firm|firma|firmenname|unternehmen|societe|
    entreprise|raison sociale|empresa|compania|azienda|societa|ragione sociale|bedrijf|bedrijfsnaam|nazwa firmy|компания|организация|会社|会社名|
    企業名|勤務先|公司|公司名称|单位|企业名称|foretag|foretagsnamn|sirket|sirket adi`,
  title: `title|job title|organization title|jobtitle|position|role|headline|designation|jobtitel|berufsbezeichnung|stellenbezeichnung|funktion|poste|fonction|intitule du poste|
    cargo|puesto|posizione|ruolo|qualifica|functie|functietitel|stanowisko|должность|役職|職種|职位|职务|befattning|titel|unvan|gorev|occupation`,
  salutation: `salutation|prefix|name prefix|anrede|civilite|tratamiento|titolo|aanhef|zwrot|обращение|敬称|称呼|tilltal|hitap|honorific`,
  industry: `industry|branche|branch|secteur|secteur d activite|sector|settore|setor|industria|bedrijfstak|branza|отрасль|業種|行业|bransch|sektor`,
  country: `country|country region|country code|land|pays|pais|paese|kraj|страна|国|国名|国家|ulke|country territory|billing country`,
  source: `source|lead source|original source|utm source|contact source|quelle|herkunft|leadquelle|lead quelle|origine|source du lead|fuente|origen|
    fonte|origem|bron|leadbron|zrodlo|источник|источник лида|流入元|リードソース|来源|kalla|kaynak`,
  notes: `notes|note|comments|comment|remarks|description|notiz|notizen|bemerkung|bemerkungen|kommentar|anmerkung|anmerkungen|remarques|
    commentaire|commentaires|notas|comentarios|observaciones|observacoes|opmerking|opmerkingen|notities|uwagi|notatki|примечание|примечания|комментарии|
    заметки|備考|メモ|备注|anteckning|anteckningar|notlar|aciklama`,
  business_id: `steuernummer|steuer nr|tax number|vat|vat number|vat id|vat no|tax id|siret|siren|ust idnr|ust id|ustid|ustidnr|umsatzsteuer id|numero de tva|nip|regon|cnpj|cif|p iva|
    partita iva|kvk|kvk nummer|btw nummer|org nr|orgnr|organisationsnummer|инн|огрн|法人番号|统一社会信用代码|vergi no|ein|company number|handelsregisternummer`,
  referring_employee: `referring employee|referred by employee|empfehlender mitarbeiter|vermittler`,
  status: `status|lead status|stage|lifecycle stage|contact status|statut|estado|stato|estado do lead|статус|ステータス|状态|durum|phase`,
  owner: `owner|contact owner|lead owner|record owner|account owner|deal owner|contact owner name|owner name|assigned to|account manager|besitzer|zustandig|betreuer|
    kundenbetreuer|proprietaire|propietario|proprietario|responsable|responsavel|eigenaar|wlasciciel|opiekun|ответственныи|владелец|менеджер|担当者|営業担当|
    负责人|agare|ansvarig|sahibi|sales rep`,
  website: `website|web site|web page|webpage|url|homepage|webseite|internet|site web|sitio web|pagina web|sito|sito web|site|strona www|strona internetowa|
    саит|веб саит|ウェブサイト|ホームページ|网站|网址|webbplats|hemsida|web sitesi|company website|websites`,
  domain: `domain|company domain|company domain name|domane|domaine|dominio|домен|ドメイン|域名|doman|alan adi`,
  linkedin: `~linkedin|linkedin url|linkedin profile|linkedin profile url|person linkedin url|profile url|领英`,
  social: `twitter|twitter handle|twitter url|x handle|facebook|facebook url|instagram|instagram handle|xing|xing profil|tiktok|github|social profile|mastodon`,
  external_id: `id|customer number|customer no|member number|member no|client number|record id|contact id|lead id|customer id|person id|crm id|external id|user id|member id|subscriber id|badge id|client id|uuid|guid|
    contact key|record id contact|contact record id|response id|respondent id|network id|leid|euid|attendee id|attendee no|kundennummer|kunden nr|kundennr|kunden id|debitorennummer|
    mitgliedsnummer|numero client|numero de client|id client|code client|numero cliente|id cliente|codigo cliente|codice cliente|klantnummer|
    klant id|numer klienta|id klienta|nr klienta|номер клиента|код клиента|顧客番号|顧客id|会員番号|お客様番号|客户编号|客户id|会员号|kundnummer|
    musteri no|registration id|prospect id|submission id|token`,
  tags: `tags|tag|labels|label|lists|groups|group membership|categories|schlagworte|schlagworter|kategorien|etiquettes|etiquetas|etichette|tagi|etykiety|теги|
    タグ|标签|taggar|etiketler|segments`,
  consent: `consent|gdpr|gdpr consent|dsgvo|einwilligung|newsletter|marketing consent|accepts marketing|accepts email marketing|accepts sms marketing|email opt out|
    email opt in|opt in|opt out|has opted out of email|do not call|do not email|consentement|rgpd|consentimiento|consenso|consentimento|toestemming|
    zgoda|zgoda marketingowa|согласие|同意|メール配信|samtycke|onay|unsubscribed|subscribed`,
} as const satisfies Record<StandardProfileField, string> & Record<string, string>;

export type HeaderRole = keyof typeof NAMES;

export type RoleName = { role: HeaderRole; name: string; inside: boolean };

/** Every name, the longest first, so that "work phone" is found before "phone". */
export const ROLE_NAMES: readonly RoleName[] = Object.entries(NAMES)
  .flatMap(([role, names]) =>
    names.split("|").map((written) => {
      const name = written.trim();
      return { role: role as HeaderRole, name: plainHeader(name), inside: name.startsWith("~") };
    }),
  )
  .sort((a, b) => b.name.length - a.name.length);
