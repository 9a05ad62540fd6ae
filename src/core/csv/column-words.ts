/** Names that columns of contact lists have, in the languages that leads come in: a record made of such words is a header. */

import { plain } from "./header-words";

const COLUMN_WORDS = new Set(
  [
    "name, full name, first name, last name, firstname, lastname, given name, family name, middle name, surname, company, company name",
    "organization, organisation, account, account name, title, job title, position, role, department, industry, website, web site, url",
    "address, street, street address, city, state, province, region, county, country, zip, zip code, postal code, postcode, status",
    "lead status, stage, lifecycle stage, source, lead source, owner, contact owner, lead owner, notes, note, comment, comments, tags",
    "description, date, created, created at, created date, create date, connected on, updated at, id, contact id, lead id, record id",
    "amount, value, price, total, quantity, gender, birthday, date of birth, language, linkedin, twitter, facebook, subscribed, opt in",
    "vorname, nachname, firma, firmenname, unternehmen, ort, stadt, land, straße, strasse, plz, postleitzahl, anrede, titel, betrag",
    "ansprechpartner, abteilung, bemerkung, notiz, datum, kunde, kundennummer, prénom, nom, société, entreprise, ville, pays, adresse",
    "code postal, fonction, poste, commentaire, montant, nombre, apellido, apellidos, empresa, ciudad, país, dirección, cargo, puesto",
    "código postal, nome, cognome, sobrenome, azienda, società, città, indirizzo, cap, cidade, endereço, função, naam, voornaam",
    "achternaam, bedrijf, plaats, postcode, förnamn, efternamn, företag, fornavn, etternavn, efternavn, etunimi, sukunimi, yritys",
    "imię, nazwisko, firma, miasto, kod pocztowy, stanowisko, jméno, příjmení, město, meno, priezvisko, mesto, név, cég, város, nume",
    "prenume, companie, oraș, ime, prezime, ad, adı, soyad, soyadı, şirket, şehir, имя, фамилия, отчество, компания, город, адрес",
    "должность, ім'я, прізвище, компанія, місто, όνομα, επώνυμο, εταιρεία, πόλη, 姓名, 名字, 公司, 公司名称, 城市, 地址, 职位, 國家",
    "公司名稱, 氏名, 名前, 姓, 名, 会社名, 会社, 住所, 部署, 役職, 이름, 성명, 회사, 회사명, 주소, 도시, 직책, الاسم, الشركة, المدينة",
  ].flatMap((line) => line.split(",").map(plain)),
);

export function isColumnWord(cell: string): boolean {
  return COLUMN_WORDS.has(plain(cell));
}
