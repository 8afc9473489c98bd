import { useState } from "preact/hooks";
import type { Site } from "../../../protocol/types.js";
import { PlusIcon } from "../../../ui/icons.js";
import { FormDialog } from "../../desk/form-dialog.js";
import { TextField } from "../fields.js";
import { useForm } from "../form.js";
import { Known, PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import type { Workspace } from "../workspace.js";
import { SitePage } from "./site-page.js";

/** The sites, or one of them. */
export function SitesPage(props: SectionProps) {
	return props.rest === "" ? <SiteList {...props} /> : <SitePage {...props} />;
}

function SiteList({ desk, workspace }: SectionProps) {
	const [making, setMaking] = useState(false);
	return (
		<>
			<PageHead desk={desk} title="Sites" lead="Each shop or page with a widget of its own.">
				<button type="button" class="button main" onClick={() => setMaking(true)}>
					<PlusIcon size={16} />
					New site
				</button>
			</PageHead>
			<Known of={workspace.sites}>
				{(sites) =>
					sites.length === 0 ? (
						<p class="part-lead">There is no site yet.</p>
					) : (
						<ul class="rows">
							{[...sites]
								.sort((a, b) => a.name.localeCompare(b.name))
								.map(({ id, key, name, color, hours }) => (
									<li key={id}>
										<SettingsLink router={desk.router} to={`sites/${id}`} class="row-line">
											<span class="site-mark" style={{ backgroundColor: color }} aria-hidden="true" />
											<span class="row-main">
												<strong dir="auto">{name}</strong>
												<span>
													<bdi>{key}</bdi> · {hours?.week ? "Opening hours" : "Always open"}
												</span>
											</span>
										</SettingsLink>
									</li>
								))}
						</ul>
					)
				}
			</Known>
			{making && (
				<NewSite
					workspace={workspace}
					onCancel={() => setMaking(false)}
					onDone={({ id }) => desk.router.go({ settings: `sites/${id}` })}
				/>
			)}
		</>
	);
}

/** What a key may look like, from a name. */
export const keyFrom = (name: string): string =>
	name
		.normalize("NFD")
		.replaceAll(/\p{M}/gu, "")
		.toLowerCase()
		.replaceAll(/[^a-z\d]+/g, "-")
		.replaceAll(/^-+|-+$/g, "")
		.slice(0, 50);

function NewSite({
	workspace,
	onCancel,
	onDone,
}: {
	workspace: Workspace;
	onCancel: () => void;
	onDone: (site: Site) => void;
}) {
	const [ownKey, setOwnKey] = useState(false);
	const form = useForm(
		{ name: "", key: "" },
		async (_, values) => {
			const site = await workspace.http.post<Site>("/sites", values);
			workspace.keep(workspace.sites, site);
			onDone(site);
		},
		{ unique: "key" },
	);
	const { values, set } = form;
	return (
		<FormDialog
			title="New site"
			verb="Make site"
			doing="Making it"
			busy={form.busy}
			trouble={form.faults.whole}
			onSubmit={() => void form.send()}
			onCancel={onCancel}
		>
			<TextField
				id="site-name"
				label="Name"
				help="As visitors read it."
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set(ownKey ? { name } : { name, key: keyFrom(name) })}
				autofocus
			/>
			<TextField
				id="site-key"
				label="Key"
				help="Names the site in the code on your pages. It cannot be changed later."
				value={values.key}
				error={form.at("key", "The key")}
				onValue={(key) => {
					setOwnKey(true);
					set({ key });
				}}
			/>
		</FormDialog>
	);
}
