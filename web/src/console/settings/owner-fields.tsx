import { Segments, TextField } from "./fields.js";
import type { Form } from "./form.js";

/** What has a name and is one's own, or everybody's. */
export interface Owned {
	readonly name: string;
	readonly shared: "no" | "yes";
}

/** How it is called, and, for those who may give it to all, whose it is. */
export function OwnerFields({
	id,
	form,
	leads,
	sharedHelp,
}: {
	/** What the ids of the controls begin with. */
	readonly id: string;
	readonly form: Form<Owned>;
	readonly leads: boolean;
	/** What it means that everybody has it. */
	readonly sharedHelp?: string;
}) {
	const { values, set } = form;
	return (
		<>
			<TextField
				id={`${id}-name`}
				label="Name"
				value={values.name}
				error={form.at("name", "The name")}
				onValue={(name) => set({ name })}
			/>
			{leads && (
				<Segments
					id={`${id}-shared`}
					label="For"
					value={values.shared}
					options={[
						["no", "Me"],
						["yes", "Everybody"],
					]}
					help={values.shared === "yes" ? sharedHelp : undefined}
					error={form.at("shared", "This")}
					onValue={(shared) => set({ shared })}
				/>
			)}
		</>
	);
}
