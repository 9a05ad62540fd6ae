/** Which characters the languages behind an encoding write: what a wrong reading shows is hardly ever among them. */

import type { Encoding } from "./encodings";

/**
 * `usual` letters are often seen, `rare` ones belong to the language but alone prove little; lower case, capitals follow. `vowels` are
 * given where the other letters are not ASCII: a longer word without them is no word of the language. `stressed`: such a word carries exactly one of these.
 */
export type Letters = { usual: string; rare: string; vowels?: string; stressed?: string };

/** Latin alphabets: only what they have beside ASCII. One language each, since a word is written in one. */
const WESTERN: readonly Letters[] = [
  { usual: "äöüß", rare: "é" },
  { usual: "éèêàçëïôœ", rare: "âîûùüÿæ" },
  { usual: "áéíóúñ", rare: "üç" },
  { usual: "ãõáéíóúçâêô", rare: "àü" },
  { usual: "àèéù", rare: "ìò" },
  { usual: "åäöéøæ", rare: "ü" },
  { usual: "áéíóúö", rare: "ýþðæ" },
  { usual: "éëï", rare: "öüèó" },
];
const CENTRAL: readonly Letters[] = [
  { usual: "ąćęłńóśźż", rare: "" },
  { usual: "áčéěíňřšůúýž", rare: "ďóťö" },
  { usual: "áčéíľňšťúýžô", rare: "äďĺóŕ" },
  { usual: "áéíóöőúüű", rare: "" },
  { usual: "čćđšž", rare: "" },
  { usual: "ăâîşţșț", rare: "" },
  { usual: "äöüß", rare: "é" },
];
const TURKISH: readonly Letters[] = [{ usual: "çğıöşüi\u0307", rare: "âî" }];
const CYRILLIC: readonly Letters[] = [
  { usual: "оеаинтсрвлкмдпуяыьгзбчйхжш", rare: "юцщэфъё", vowels: "аеиоуыэюяё" },
  { usual: "оеаинтсрвлкмдпуяьгзбчйхжшії", rare: "юцщєфґ", vowels: "аеиоуюяіїє" },
];
const GREEK: readonly Letters[] = [
  { usual: "αγδεηθικλμνοπρσςτυφχωάέήίόύώ", rare: "βζξψϊϋΐ", vowels: "αεηιουωάέήίόύώϊϋΐ", stressed: "άέήίόύώΐ" },
];

/** Languages that write words of these letters alone, never beside ASCII ones. */
export type Script = "latin" | "other";

export type SingleByte = { script: Script; languages: readonly Letters[]; prior: number };

/**
 * `prior` is the logarithm of how likely an encoding is beforehand: files are far more often in Windows-1252 than in anything else, and
 * where two readings are as good as each other the usual one is meant.
 */
export const SINGLE_BYTE: Partial<Record<Encoding, SingleByte>> = {
  "windows-1252": { script: "latin", languages: WESTERN, prior: 0 },
  "windows-1250": { script: "latin", languages: CENTRAL, prior: -0.9 },
  "windows-1254": { script: "latin", languages: TURKISH, prior: -0.4 },
  macintosh: { script: "latin", languages: WESTERN, prior: -0.7 },
  "iso-8859-2": { script: "latin", languages: CENTRAL, prior: -1.5 },
  "windows-1251": { script: "other", languages: CYRILLIC, prior: 0 },
  "koi8-r": { script: "other", languages: CYRILLIC, prior: -1 },
  "iso-8859-5": { script: "other", languages: CYRILLIC, prior: -1 },
  "windows-1253": { script: "other", languages: GREEK, prior: 0 },
  "iso-8859-7": { script: "other", languages: GREEK, prior: -0.5 },
};

/**
 * The characters of names, places, companies and column headers. Two bytes of any kind are some ideograph in each of these
 * encodings, and only the right one makes them common.
 */
const JAPANESE =
  "日本東京都大阪府県市区町村郡山田中川藤佐高橋渡辺鈴木伊小林加吉佐々斎松井上野原石島谷池前後岡長崎福神奈横浜名古屋北海道青森秋宮城千葉埼玉静広愛知株式会社有限商事工業部課氏姓名前住所電話番号郵便年月日男女一二三四五六七八九十太郎花子美智健真由恵和幸正明子男夫雄新古西南予約表示能力十";
const SIMPLIFIED =
  "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴刘陈杨赵吴徐孙朱胡郭郑谢宋唐冯董萧曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范石姚谭廖邹熊金陆郝孔静丽伟芳娜敏洋艳勇军杰娟涛超霞姓称邮箱址备注厂圳杭州沪深限贸易软";
const TRADITIONAL =
  "的一是不了人我在有他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市體別處總才場師書比住員九性通目華報立馬命張活難神數件安表原車白應路期提感金何更反合放做系計或司利受光王果親界及今京務制解各任至清物台象記邊共風接它許八特望直服林題建南度統色字請交愛讓認算論百義科怎元社術結六功指思非流每青管夫連遠資隊帶花快條院變聯言權往展該領傳近留紅治決周保達辦運武半候七必城強步完深區即求品士轉量空眾技輕程告江語英基派滿式李息寫識極令黃德收錢黨未持取設始版雙歷史商千片容研友站廣改議形委早房音火際則首單據導影失網香斯專石志飛觀爭究包組造視濟喜離雖興劉陳楊趙吳徐孫朱胡郭鄭謝宋唐馮董蕭曹袁鄧傅沈曾彭呂蘇盧蔣蔡丁魏薛葉余潘杜戴夏鍾汪田姜范姚譚廖鄒熊陸郝孔灣北高雄姓稱郵箱址備註股份貿易玲芬淑限";
const HANGUL =
  "이김박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지나엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국은수영희경미숙자순철호동상훈준재혜은주연아름가다라리사시대회구부산광울세종특별자치북충청전라남제로동읍면번길층호화이메일휴대폰주소직책연락처등록일비고무역기획실업개발";

export type MultiByte = { common: ReadonlySet<string>; kana: boolean; hangul: boolean };

export const MULTI_BYTE: Partial<Record<Encoding, MultiByte>> = {
  shift_jis: { common: new Set(JAPANESE), kana: true, hangul: false },
  "euc-jp": { common: new Set(JAPANESE), kana: true, hangul: false },
  gb18030: { common: new Set(SIMPLIFIED), kana: false, hangul: false },
  big5: { common: new Set(TRADITIONAL), kana: false, hangul: false },
  "euc-kr": { common: new Set(HANGUL), kana: false, hangul: true },
};
