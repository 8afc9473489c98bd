import { useState } from "preact/hooks";
import type { Site } from "../../../protocol/types.js";
import { CopyText } from "../copy.js";
import { TextArea } from "../fields.js";
import { useForm } from "../form.js";
import { PageForm, Part } from "../page.js";
import type { SectionProps } from "../sections.js";

/** The code for a site's pages, which pages may use it, and how they say who the visitor is. */
export function SiteEmbed({
	desk,
	workspace,
	site,
}: Pick<SectionProps, "desk" | "workspace"> & { site: Site }) {
	const [shown, setShown] = useState(false);
	const form = useForm({ allowed_origins: site.allowed_origins.join("\n") }, async (_, values) => {
		const lines = values.allowed_origins.split("\n").map((line) => line.trim().replace(/\/$/, ""));
		const body = { allowed_origins: lines.filter((line) => line !== "") };
		workspace.keep(workspace.sites, await workspace.http.patch<Site>(`/sites/${site.id}`, body));
	});
	const code = `<script async src="${location.origin}/widget.js" data-site="${site.key}"></script>`;
	return (
		<>
			<Part
				id="embed-code"
				title="Code"
				lead="Put this into every page that is to have the widget, before </body>."
			>
				<CopyText announcer={desk.announcer} label="Code for your pages" text={code} rows={2} />
			</Part>
			<Part id="embed-origins" title="Pages that may use it">
				<PageForm desk={desk} form={form} name="Allowed origins">
					<TextArea
						id="site-origins"
						label="Origins"
						rows={4}
						placeholder="https://shop.example"
						help="One a line: scheme, host and port, such as https://shop.example. localhost stands for any port of a visitor’s own machine. This server’s own pages always may."
						value={form.values.allowed_origins}
						error={form.at("allowed_origins", "The list")}
						onValue={(allowed_origins) => form.set({ allowed_origins })}
					/>
				</PageForm>
			</Part>
			<Part
				id="embed-identity"
				title="Who the visitor is"
				lead="With this secret, your server can prove to Hubbub who is signed in at your shop. It must never reach a browser."
			>
				{shown ? (
					(site.identity_secrets ?? []).map((secret) => (
						<CopyText key={secret} announcer={desk.announcer} label="Identity secret" text={secret} />
					))
				) : (
					<button type="button" class="button outline" onClick={() => setShown(true)}>
						Show the secret
					</button>
				)}
			</Part>
		</>
	);
}
