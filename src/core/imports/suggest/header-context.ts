/** Words beside an identifier's name that say whose it is, or that the column only describes it. */
import { plainHeader } from "./plain-header";

/** "Phone 1 - Label", "Email Confidence", "Phonetic First Name": about the column of that name. */
export const ABOUT = words(
  "label|type|typ|confidence|display name|phonetic|verified|verification|validation|validity|valid|deliverability|score|opt in|optin|opt out|optout|opted|",
  "consent|permission|bounced|bounce|catch all|extension|ext|provider|carrier|date|timestamp|time|count|open|opened|click|clicked|sent|subject|template|",
  "timezone|preference|preferences|quality|status|source|format|yomi|furigana|kana|フリガナ|ふりがな|カナ|marketing|unsubscribed|subscribed|domain|",
  "last verified|dnc|do not call|language|name|is primary|primary|einwilligung|zgoda|согласие|",
);

/** "Contact Owner Email", "Assistant's Phone": somebody else's. */
export const OTHER_PERSON = words(
  "owner|assistant|assistant s|assistants|manager|manager s|managers|supervisor|emergency|spouse|partner|referrer|referred by|referred|referral|parent|mother|father|",
  "guardian|reports to|created by|modified by|last modified by|sales rep|rep|agent|recruiter|sender|assigned to|besitzer|betreuer|assistent|assistenz|",
  "assistentin|vorgesetzter|notfall|vermittler|proprietaire|propietario|proprietario|eigenaar|opiekun|ответственныи|担当者|负责人|agare|sahibi|",
);

/** "Buyer Email", "Company Phone": perhaps the person's, often that of many. */
export const PERHAPS_SHARED = words(
  "buyer|purchaser|company|corporate|organization|organisation|account|office|hq|headquarters|switchboard|main|group|billing|shipping|payer|employer|",
  "organizer|team|household|besteller|kaufer|firma|firmen|zentrale|unternehmen|buro|societe|entreprise|standard|empresa|azienda|bedrijf|firmy|",
  "компании|организации|会社|代表|公司|总机|foretag|vaxel|sirket|",
);

/** Words that change nothing: "Your first name", "Lead Company", "What is your job title?" */
export const NEUTRAL = new Set(
  words(
    "your|you|what|whats|s|is|are|the|a|an|which|where|do|does|for|from|in|of|at|to|work|please|enter|current|lead|contact|person|customer|client|attendee|user|",
    "member|prospect|primary|main|full|field|value|text|kunde|kunden|kontakt|ihr|ihre|name|address|number|no|nr|url|link|profile|based|this|on|o|or|and|und|",
  ),
);

/** "Company ID", "form_id", "Order Number": ids of things. */
export const ID_OF_A_THING = words(
  "card|company|account|campaign|ad|adset|ad set|adgroup|form|order|deal|event|list|product|transaction|organization|parent|owner|invoice|ticket|",
  "ticket type|line item|plan|session|page|batch|group|subscription|payment|checkout|region|country|job|store|shop|location|receipt|tax|vat|tag|",
  "associated company|primary|default source|source|variant|photo|file|",
);

function words(...lists: string[]): readonly string[] {
  return lists
    .flatMap((list) => list.split("|"))
    .filter(Boolean)
    .map(plainHeader);
}
