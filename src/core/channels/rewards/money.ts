/** Amounts of money as whole numbers of a currency's minor unit (ISO 4217). Pure, and exact: no amount passes through a binary fraction. */
import { invalidRequest } from "../../../validation";

/** Decimal places of the currencies that do not have two (ISO 4217, list one). */
const EXPONENTS: Readonly<Record<number, readonly string[]>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "),
  3: "BHD IQD JOD KWD LYD OMR TND".split(" "),
  4: "CLF UYW".split(" "),
};
const USUAL_EXPONENT = 2;

export const exponentOf = (currency: string): number =>
  Number(Object.entries(EXPONENTS).find(([, currencies]) => currencies.includes(currency))?.[0] ?? USUAL_EXPONENT);

/** An amount as it is written: 12.5 for 1,250 cents. */
export const amountOfMinorUnits = (minorUnits: number, currency: string): number => Number(`${minorUnits}e-${exponentOf(currency)}`);

/** Rounded half away from zero. Throws invalid_request beyond what a JSON number holds exactly. */
export const toMinorUnits = (amount: number, currency: string): number => round(decimal(amount), exponentOf(currency));

/** `percent` percent of an amount, rounded half away from zero, once: at the end. Throws as `toMinorUnits`. */
export function percentageInMinorUnits(percent: number, amount: number, currency: string): number {
  const [a, b] = [decimal(percent), decimal(amount)];
  return round({ digits: a.digits * b.digits, places: a.places + b.places + 2 }, exponentOf(currency));
}

/** `digits` / 10 ^ `places` */
type Decimal = { digits: bigint; places: number };

/** A number as its shortest decimal text has it: what was sent as 0.1 is a tenth. */
function decimal(value: number): Decimal {
  const [mantissa = "0", power = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  const places = fraction.length - Number(power);
  const digits = BigInt(whole + fraction);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

function round({ digits, places }: Decimal, exponent: number): number {
  const scaled =
    places <= exponent ? digits * 10n ** BigInt(exponent - places) : halfAwayFromZero(digits, 10n ** BigInt(places - exponent));
  const minorUnits = Number(scaled);
  if (Number.isSafeInteger(minorUnits)) return minorUnits;
  throw invalidRequest([{ path: "amount", message: `makes a reward of more than ${Number.MAX_SAFE_INTEGER} minor units of the currency` }]);
}

function halfAwayFromZero(digits: bigint, divisor: bigint): bigint {
  const size = digits < 0n ? -digits : digits;
  const rounded = (size * 2n + divisor) / (divisor * 2n);
  return digits < 0n ? -rounded : rounded;
}
