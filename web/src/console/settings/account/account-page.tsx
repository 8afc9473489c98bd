import type { Agent } from "../../../protocol/types.js";
import { TextArea, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { LanguagesField } from "../languages-field.js";
import { Known, PageForm, PageHead, Part } from "../page.js";
import type { SectionProps } from "../sections.js";
import { Logins } from "./logins.js";
import { Password } from "./password.js";
import { SecondFactor } from "./second-factor.js";

/** What everybody has of their own. */
export function AccountPage({ desk, workspace }: SectionProps) {
	return (
		<>
			<PageHead desk={desk} title="My account" />
			<Known of={workspace.agents}>
				{(agents) => {
					const me = agents.find(({ id }) => id === desk.me.id);
					return (
						me && (
							<>
								<Profile desk={desk} workspace={workspace} me={me} />
								<Part
									id="signing-in"
									title="Signing in"
									lead={
										<>
											You sign in as <bdi>{me.email}</bdi>. An admin can change that.
										</>
									}
								>
									<Password desk={desk} />
									<SecondFactor desk={desk} workspace={workspace} me={me} />
								</Part>
							</>
						)
					);
				}}
			</Known>
			<Logins desk={desk} workspace={workspace} />
		</>
	);
}

function Profile({ desk, workspace, me }: Pick<SectionProps, "desk" | "workspace"> & { me: Agent }) {
	const base = {
		name: me.name,
		avatar_url: me.avatar_url ?? "",
		signature: me.signature ?? "",
		languages: me.languages,
	};
	const form = useForm(base, async (changed) => {
		const { avatar_url, ...rest } = changed;
		const picture = avatar_url === undefined ? {} : { avatar_url: avatar_url.trim() || null };
		await workspace.editAgent(me.id, { ...rest, ...picture });
	});
	const { values, set } = form;
	return (
		<PageForm desk={desk} form={form} name="Profile">
			<TextField
				id="account-name"
				label="Name"
				help="As customers and colleagues see it. What you write carries a new name once you have loaded this page again."
				autocomplete="name"
				value={values.name}
				error={form.at("name", "Your name")}
				onValue={(name) => set({ name })}
			/>
			<TextField
				id="account-picture"
				label="Picture"
				optional
				type="url"
				placeholder="https://example.com/me.png"
				help="The address of a picture of you."
				value={values.avatar_url}
				error={form.at("avatar_url", "The address")}
				onValue={(avatar_url) => set({ avatar_url })}
			/>
			<TextArea
				id="account-signature"
				label="Signature"
				optional
				rows={3}
				help="Stands below your messages where that is usual, as in an e-mail. At most 500 characters."
				value={values.signature}
				error={form.at("signature", "The signature")}
				onValue={(signature) => set({ signature })}
			/>
			<LanguagesField
				id="account-languages"
				value={values.languages}
				error={form.at("languages", "The list")}
				onValue={(languages) => set({ languages })}
			/>
		</PageForm>
	);
}
