import type { Attribute, Contact } from "../../protocol/types.js";
import { AlertIcon } from "../../ui/icons.js";
import { Fact } from "../thread/side-panel.js";
import { coming } from "../times.js";
import { TypedValue } from "./typed-field.js";

/** That a contact is blocked, by whom and why. */
export function BlockedLine({ contact, now }: { contact: Contact; now: number }) {
	const { blocked } = contact;
	if (!blocked) return null;
	const until = blocked.until ? `until ${coming(blocked.until, now)}` : "until somebody lifts it";
	return (
		<p class="contact-blocked">
			<AlertIcon size={16} />
			<span>
				Blocked {until}
				{blocked.by && ` by ${blocked.by.name}`}: <bdi>{blocked.reason}</bdi>
			</span>
		</p>
	);
}

/** What the team and the host have said of a contact. */
export function ContactFacts({ contact, defined }: { contact: Contact; defined: readonly Attribute[] }) {
	const known = defined.filter(({ key }) => contact.attributes[key] !== undefined);
	const { account_status: status, external_id: external } = contact;
	if (!status && !external && known.length === 0) return null;
	return (
		<dl>
			{status && (
				<Fact name="Account">
					<bdi>{status}</bdi>
				</Fact>
			)}
			{known.map((one) => (
				<Fact key={one.id} name={one.label}>
					<TypedValue attribute={one} value={contact.attributes[one.key] ?? ""} />
				</Fact>
			))}
			{external && (
				<Fact name="Site's own id">
					<bdi>{external}</bdi>
				</Fact>
			)}
		</dl>
	);
}
