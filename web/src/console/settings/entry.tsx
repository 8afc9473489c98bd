import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Desk } from "../desk/desk.js";

type Page = (props: { desk: Desk }) => JSX.Element;

/** The settings, loaded when somebody first comes to them: most agents have little to do there. */
export function SettingsEntry({ desk }: { desk: Desk }) {
	const [page, setPage] = useState<{ Page: Page } | "failed" | null>(null);
	useEffect(() => {
		let there = true;
		import("./settings-page.js").then(
			({ SettingsPage }) => there && setPage({ Page: SettingsPage }),
			() => there && setPage("failed"),
		);
		return () => {
			there = false;
		};
	}, []);
	if (page === null) return <div class="settings" />;
	if (page === "failed") return <NotLoaded />;
	return <page.Page desk={desk} />;
}

/** The network was away, or the server has become a newer one. */
function NotLoaded() {
	return (
		<div class="settings nothing" role="alert">
			<h1>The settings could not be loaded.</h1>
			<button type="button" class="button outline" onClick={() => location.reload()}>
				Load the page again
			</button>
		</div>
	);
}
