/** The countries that settings may name are those whose phone rules are installed. */
import { getCountries } from "libphonenumber-js/min";
import { expect, it } from "vitest";
import { isPhoneRegion, PHONE_REGIONS } from "../src/phone-regions";

it("the countries that an org unit may choose are those that libphonenumber knows, and no others", () => {
  expect(PHONE_REGIONS).toEqual(getCountries());
  expect(PHONE_REGIONS.every(isPhoneRegion)).toBe(true);
  expect(["", "gb", "ZZ", "USA", "constructor"].filter(isPhoneRegion)).toEqual([]);
});
