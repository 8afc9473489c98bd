/** An authenticator app (RFC 6238). */
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;

/** The code of a Base32 secret, of now or of so many half minutes later. */
export function totpCode(secret: string, later = 0): string {
	const digits = [...secret.replaceAll(/[\s=]/g, "")].map((letter) => ALPHABET.indexOf(letter));
	const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
	const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + later));
	const mac = createHmac("sha1", Buffer.from(bytes)).update(counter).digest();
	const at = (mac.at(-1) ?? 0) & 15;
	return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
