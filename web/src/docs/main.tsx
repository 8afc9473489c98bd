import "../ui/tokens.css";
import "./page.css";
import "./route.css";

import { render } from "preact";
import type { ApiDocument } from "./document.js";
import { Page } from "./page.js";

const place = document.getElementById("app");
if (place) {
	try {
		const answer = await fetch("/api/openapi.json");
		if (!answer.ok) throw new Error(`${answer.status}`);
		render(<Page document={(await answer.json()) as ApiDocument} />, place);
	} catch {
		render(<p class="lost">The document did not arrive. Load this page again.</p>, place);
	}
}
