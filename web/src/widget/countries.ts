/** Country codes of telephone numbers, and what is known of a number's length without asking the server. */

// ISO 3166 country and E.164 code; where several share a code, the largest comes first.
const TABLE =
	"US1 CA1 AG1 AI1 AS1 BB1 BM1 BS1 DM1 DO1 GD1 GU1 JM1 KN1 KY1 LC1 MP1 MS1 PR1 SX1 TC1 TT1 VC1 VG1 VI1 RU7 KZ7 EG20 ZA27 GR30 NL31 BE32 FR33 ES34 HU36 IT39 VA39 RO40 CH41 AT43 GB44 GG44 IM44 JE44 DK45 SE46 NO47 SJ47 PL48 DE49 PE51 MX52 CU53 AR54 BR55 CL56 CO57 VE58 MY60 AU61 CC61 CX61 ID62 PH63 NZ64 SG65 TH66 JP81 KR82 VN84 CN86 TR90 IN91 PK92 AF93 LK94 MM95 IR98 SS211 MA212 EH212 DZ213 TN216 LY218 GM220 SN221 MR222 ML223 GN224 CI225 BF226 NE227 TG228 BJ229 MU230 LR231 SL232 GH233 NG234 TD235 CF236 CM237 CV238 ST239 GQ240 GA241 CG242 CD243 AO244 GW245 IO246 SC248 SD249 RW250 ET251 SO252 DJ253 KE254 TZ255 UG256 BI257 MZ258 ZM260 MG261 RE262 YT262 ZW263 NA264 MW265 LS266 BW267 SZ268 KM269 SH290 ER291 AW297 FO298 GL299 GI350 PT351 LU352 IE353 IS354 AL355 MT356 CY357 FI358 AX358 BG359 LT370 LV371 EE372 MD373 AM374 BY375 AD376 MC377 SM378 UA380 RS381 ME382 XK383 HR385 SI386 BA387 MK389 CZ420 SK421 LI423 FK500 BZ501 GT502 SV503 HN504 NI505 CR506 PA507 PM508 HT509 GP590 BL590 MF590 BO591 GY592 EC593 GF594 PY595 MQ596 SR597 UY598 CW599 BQ599 TL670 NF672 BN673 NR674 PG675 TO676 SB677 VU678 FJ679 PW680 WF681 CK682 NU683 WS685 KI686 NC687 TV688 PF689 TK690 FM691 MH692 KP850 HK852 MO853 KH855 LA856 BD880 TW886 MV960 LB961 JO962 SY963 IQ964 KW965 SA966 YE967 OM968 PS970 AE971 IL972 BH973 QA974 BT975 MN976 NP977 TJ992 TM993 AZ994 GE995 KG996 UZ998";

/** Least and most digits after the country code, where every number of the country keeps to them. */
const LENGTHS: Readonly<Record<string, readonly [number, number]>> = {
	"1": [10, 10],
	"7": [10, 10],
	"33": [9, 9],
	"34": [9, 9],
	"44": [9, 10],
	"48": [9, 9],
	"61": [9, 9],
	"84": [9, 10],
	"91": [10, 10],
	"351": [9, 9],
};

/** Here a leading 0 is part of the number, not a prefix within the country. */
const KEEPS_ZERO: ReadonlySet<string> = new Set(["IT", "VA", "SM", "CI", "GA", "CG", "BJ"]);

const LEAST_DIGITS = 7;
const MOST_DIGITS = 15;

export interface Country {
	/** ISO 3166. */
	readonly code: string;
	/** Without the plus. */
	readonly dial: string;
}

export const COUNTRIES: readonly Country[] = TABLE.split(" ").map((text) => ({
	code: text.slice(0, 2),
	dial: text.slice(2),
}));

const byCode: ReadonlyMap<string, Country> = new Map(COUNTRIES.map((country) => [country.code, country]));
const fallback: Country = { code: "US", dial: "1" };

export function countryOf(code: string): Country {
	return byCode.get(code) ?? fallback;
}

/** The country that the browser's languages point to. */
export function likelyCountry(languages: readonly string[]): Country {
	const regions = languages.map((tag) => {
		try {
			return new Intl.Locale(tag);
		} catch {
			return null;
		}
	});
	// A region that was chosen says more than one that is only the language's most common.
	for (const locale of regions)
		if (locale?.region !== undefined && byCode.has(locale.region)) return countryOf(locale.region);
	return countryOf(regions[0]?.maximize().region ?? "");
}

/** A number with its country code, as pasted or typed; null when there is none at its beginning. */
export function splitInternational(
	text: string,
	current: Country,
): { country: Country; rest: string } | null {
	const match = /^\s*(?:\+|00)\s*([\d\s().\-/]*)$/.exec(text);
	const digits = match?.[1]?.replace(/\D/g, "") ?? "";
	const found = [3, 2, 1]
		.map((length) => COUNTRIES.find((country) => country.dial === digits.slice(0, length)))
		.find((country) => country !== undefined);
	if (found === undefined) return null;
	const country = current.dial === found.dial ? current : found;
	return { country, rest: digits.slice(country.dial.length) };
}

export type PhoneCheck =
	| { readonly ok: true; readonly e164: string }
	| { readonly ok: false; readonly problem: "empty" | "odd" | "short" | "long" };

/** What the server will most likely say; it has the last word. */
export function checkPhone(text: string, chosen: Country): PhoneCheck {
	if (text.trim() === "") return { ok: false, problem: "empty" };
	const split = splitInternational(text, chosen);
	const country = split?.country ?? chosen;
	const written = split?.rest ?? text;
	if (/[^\d\s().\-/]/.test(written)) return { ok: false, problem: "odd" };
	const digits = written.replace(/\D/g, "");
	const number = KEEPS_ZERO.has(country.code) ? digits : digits.replace(/^0/, "");
	const all = country.dial.length + number.length;
	const [least, most] = LENGTHS[country.dial] ?? [0, MOST_DIGITS];
	if (number.length < least || all < LEAST_DIGITS) return { ok: false, problem: "short" };
	if (number.length > most || all > MOST_DIGITS) return { ok: false, problem: "long" };
	return { ok: true, e164: `+${country.dial}${number}` };
}
