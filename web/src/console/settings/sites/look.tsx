import type { Site } from "../../../protocol/types.js";
import { brand, GROUNDS, parseHex } from "../../../ui/brand.js";
import { contrast } from "../../../ui/oklch.js";
import { controlProps, Field, TextField } from "../fields.js";
import { useForm } from "../form.js";
import { PageForm } from "../page.js";
import type { SectionProps } from "../sections.js";
import { PrechatFields } from "./prechat.js";

/** What visitors see of a site, and what they are asked. */
export function SiteLook({
	desk,
	workspace,
	site,
}: Pick<SectionProps, "desk" | "workspace"> & { site: Site }) {
	const base = { name: site.name, color: site.color, greeting: site.greeting, prechat: site.prechat };
	const form = useForm(base, async (changed) => {
		const color = changed.color === undefined ? {} : { color: parseHex(changed.color) ?? changed.color };
		const body = { ...changed, ...color };
		workspace.keep(workspace.sites, await workspace.http.patch<Site>(`/sites/${site.id}`, body));
	});
	const { values, set } = form;
	return (
		<PageForm desk={desk} form={form} name="Look and form">
			<TextField
				id="site-name"
				label="Name"
				help="At the top of the widget."
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set({ name })}
			/>
			<ColorField
				value={values.color}
				error={form.at("color", "The colour")}
				onValue={(color) => set({ color })}
			/>
			<TextField
				id="site-greeting"
				label="Greeting"
				help="The first words of the form. At most 200 characters."
				value={values.greeting}
				error={form.at("greeting", "The greeting")}
				onValue={(greeting) => set({ greeting })}
			/>
			<PrechatFields
				value={values.prechat}
				error={form.at("prechat", "The form")}
				onValue={(prechat) => set({ prechat })}
			/>
		</PageForm>
	);
}

function ColorField({
	value,
	error,
	onValue,
}: {
	value: string;
	error: string | null;
	onValue: (value: string) => void;
}) {
	const hex = parseHex(value);
	const field = {
		id: "site-color",
		label: "Colour",
		help: hex ? colorWords(hex) : "Like #1f6048.",
		error,
	};
	return (
		<Field {...field}>
			<div class="color">
				<input
					type="color"
					aria-label="Choose a colour"
					value={hex ?? "#000000"}
					onInput={(event) => onValue(event.currentTarget.value)}
				/>
				<input
					{...controlProps(field)}
					class={error ? "text-field wrong" : "text-field"}
					dir="ltr"
					autocomplete="off"
					spellcheck={false}
					value={value}
					onInput={(event) => onValue(event.currentTarget.value)}
				/>
				{hex && <Preview color={hex} />}
			</div>
		</Field>
	);
}

/** A visitor's own words, as the widget paints them by day and by night. */
function Preview({ color }: { color: string }) {
	const [light, dark] = [brand(color, GROUNDS.light), brand(color, GROUNDS.dark)];
	const style = {
		backgroundColor: `light-dark(${light.fill}, ${dark.fill})`,
		color: `light-dark(${light.on}, ${dark.on})`,
	};
	return (
		<span class="color-preview" style={style}>
			Where is my parcel?
		</span>
	);
}

const ratio = (one: string, other: string): string => contrast(one, other).toFixed(1);

/** What becomes of a colour, and why. No colour is refused. */
export function colorWords(hex: string): string {
	const { fill, on } = brand(hex, GROUNDS.light);
	const text = on === "#ffffff" ? "white" : "dark";
	const reads = `${text} text on it reads well (${ratio(on, fill)} to 1`;
	if (fill === hex) return `Launcher, visitors’ own words, main button: ${reads}).`;
	const way = contrast(fill, "#ffffff") > contrast(hex, "#ffffff") ? "darker" : "lighter";
	return `A little ${way} in use (${fill}), so that ${reads}; yours gives ${ratio(on, hex)}).`;
}
