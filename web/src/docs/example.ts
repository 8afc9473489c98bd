import { type ApiDocument, type Route, resolved, type Schema, withoutNull } from "./document.js";

/** How deep an example goes before it says no more. */
const DEPTH = 5;

const BY_FORMAT: Readonly<Record<string, string>> = {
	uuid: "0197f000-0000-7000-8000-000000000000",
	"date-time": "2026-11-20T09:00:00.000Z",
	date: "2026-12-25",
};

/** A value that a schema allows, as far as that can be told from it. Of a request only what is required, or what it names. */
export function exampleOf(document: ApiDocument, given: Schema, depth = 0): unknown {
	const { schema } = withoutNull(given);
	if (schema.examples?.length) return schema.examples[0];
	const known = resolved(document, schema);
	if (known !== schema) return exampleOf(document, known, depth);
	if (schema.const !== undefined) return schema.const;
	if (schema.enum?.length) return schema.enum[0];
	const choice = schema.oneOf?.[0] ?? schema.anyOf?.[0];
	if (choice) return exampleOf(document, choice, depth);
	switch (schema.type) {
		case "object":
			return depth < DEPTH ? exampleObject(document, schema, depth) : {};
		case "array":
			return schema.items && depth < DEPTH ? [exampleOf(document, schema.items, depth + 1)] : [];
		case "integer":
		case "number":
			return schema.default ?? schema.minimum ?? 0;
		case "boolean":
			return true;
		case "string":
			return BY_FORMAT[schema.format ?? ""] ?? "…";
		default:
			return null;
	}
}

function exampleObject(document: ApiDocument, schema: Schema, depth: number): Record<string, unknown> {
	const properties = Object.entries(schema.properties ?? {});
	const telling = properties.filter(([name, property]) => {
		return schema.required?.includes(name) || withoutNull(property).schema.examples?.length;
	});
	// Where nothing is required, each thing that can be said is worth a line.
	const shown = telling.length > 0 ? telling : properties;
	return Object.fromEntries(
		shown.map(([name, property]) => [name, exampleOf(document, property, depth + 1)]),
	);
}

/** The request as a line for the shell. */
export function curlOf(document: ApiDocument, { method, path, operation }: Route, origin: string): string {
	const url = origin + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);
	const words = [`curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} "${url}"`];
	const [credential] = operation.security.map((scheme) => Object.keys(scheme)[0]);
	if (credential === "customer") words.push('-H "Authorization: Bearer $TOKEN"');
	if (credential === "login") words.push('-b "hubbub_login=$LOGIN"');
	const body = operation.requestBody?.content["application/json"];
	if (body) {
		const json = JSON.stringify(exampleOf(document, body.schema)).replaceAll("'", "'\\''");
		words.push('-H "Content-Type: application/json"', `-d '${json}'`);
	}
	return words.join(" \\\n  ");
}
