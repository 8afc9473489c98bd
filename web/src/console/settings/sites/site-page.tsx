import type { Site } from "../../../protocol/types.js";
import { Known, NotHere, PageHead, SettingsLink } from "../page.js";
import type { SectionProps } from "../sections.js";
import { SiteEmbed } from "./embed.js";
import { SiteHours } from "./hours-page.js";
import { SiteLook } from "./look.js";

const BACK = { to: "sites", name: "Sites" };

const TABS = [
	["", "Look and form", SiteLook],
	["hours", "Opening hours", SiteHours],
	["embed", "On your pages", SiteEmbed],
] as const;

/** A site: what visitors see of it, when it is open, and where it may be used. */
export function SitePage({ desk, workspace, rest }: SectionProps) {
	const [id = "", tab = ""] = rest.split("/");
	const [, , Tab] = TABS.find(([word]) => word === tab) ?? [];
	return (
		<Known of={workspace.sites}>
			{(sites) => {
				const site = sites.find((one) => one.id === id);
				if (!site || !Tab) return <NotHere desk={desk} back={BACK} />;
				return (
					<>
						<PageHead desk={desk} title={site.name} back={BACK} />
						<Tabs desk={desk} site={site} here={tab} />
						<Tab desk={desk} workspace={workspace} site={site} />
					</>
				);
			}}
		</Known>
	);
}

function Tabs({ desk, site, here }: { desk: SectionProps["desk"]; site: Site; here: string }) {
	return (
		<nav class="tabs" aria-label="This site">
			{TABS.map(([word, name]) => (
				<SettingsLink
					key={word}
					router={desk.router}
					to={word === "" ? `sites/${site.id}` : `sites/${site.id}/${word}`}
					aria-current={word === here ? "page" : undefined}
				>
					{name}
				</SettingsLink>
			))}
		</nav>
	);
}
