/** Names of months and their short forms, in the languages that event files come in. */
const NAMES = [
  "january jan january jänner januar janv janvier ene enero gen gennaio janeiro januari stycznia styczeń sty янв января январь ocak oca",
  "february feb febr februar févr fév février fevrier febrero febbraio fev fevereiro februari lutego luty lut фев февр февраля февраль şubat şub",
  "march mar märz mär maerz mars marzo março maart mrt marca marzec мар март марта mart",
  "april apr avr avril abr abril aprile kwietnia kwiecień kwi апр апреля апрель nisan nis",
  "may mai mayo mag maggio maio mei maja maj май мая mayıs",
  "june jun juni juin junio giu giugno junho czerwca czerwiec cze июн июня июнь haziran haz",
  "july jul juli juil juillet julio lug luglio julho lipca lipiec lip июл июля июль temmuz tem",
  "august aug août aout ago agosto augustus sierpnia sierpień sie авг августа август ağustos ağu augusti",
  "september sep sept septembre septiembre set sett settembre setembro września wrzesień wrz сен сент сентября сентябрь eylül eyl",
  "october oct oktober okt octobre octubre ott ottobre out outubro października październik paź окт октября октябрь ekim eki",
  "november nov novembre noviembre novembro listopada listopad lis ноя нояб ноября ноябрь kasım kas",
  "december dec dezember dez déc décembre decembre dic diciembre dicembre dezembro grudnia grudzień gru дек декабря декабрь aralık ara",
] as const;

/** Months from 1 by lower-case name. */
export const MONTHS: ReadonlyMap<string, number> = new Map(
  NAMES.flatMap((names, index) => names.split(" ").map((name) => [name.normalize("NFC"), index + 1] as const)),
);
