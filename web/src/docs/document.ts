/** The parts of an OpenAPI document that this page shows. */

export interface Schema {
	readonly $ref?: string;
	readonly type?: string | readonly string[];
	readonly format?: string;
	readonly description?: string;
	readonly enum?: readonly unknown[];
	readonly const?: unknown;
	readonly default?: unknown;
	readonly examples?: readonly unknown[];
	readonly pattern?: string;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly maxProperties?: number;
	readonly items?: Schema;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly additionalProperties?: Schema | boolean;
	readonly anyOf?: readonly Schema[];
	readonly allOf?: readonly Schema[];
	readonly oneOf?: readonly Schema[];
}

export interface Parameter {
	readonly name: string;
	readonly in: "path" | "query";
	readonly required?: boolean;
	readonly description: string;
	readonly schema: Schema;
}

export type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Answer {
	readonly description: string;
	readonly content?: Content;
	readonly headers?: Readonly<Record<string, unknown>>;
	readonly "x-codes"?: readonly string[];
}

export interface Operation {
	readonly operationId: string;
	readonly tags: readonly string[];
	readonly summary: string;
	readonly description: string;
	readonly security: readonly Readonly<Record<string, unknown>>[];
	readonly parameters?: readonly Parameter[];
	readonly requestBody?: { readonly content: Content };
	readonly responses: Readonly<Record<string, Answer | { readonly $ref: string }>>;
}

export interface ApiDocument {
	readonly openapi: string;
	readonly info: { readonly title: string; readonly summary: string; readonly description: string };
	readonly tags: readonly { readonly name: string; readonly description: string }[];
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	readonly components: {
		readonly schemas: Readonly<Record<string, Schema>>;
		readonly responses: Readonly<Record<string, Answer>>;
		readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>;
	};
}

/** An operation, and where it is. */
export interface Route {
	readonly method: string;
	readonly path: string;
	readonly operation: Operation;
}

/** The order in which methods on one path are read. */
const METHODS = ["get", "post", "put", "patch", "delete"];

/** The routes of a tag, those of one path together. */
export function routesOf(document: ApiDocument, tag: string): Route[] {
	return Object.entries(document.paths).flatMap(([path, methods]) =>
		METHODS.flatMap((method) => {
			const operation = methods[method];
			return operation?.tags.includes(tag) ? [{ method, path, operation }] : [];
		}),
	);
}

/** Whether every word of the query is in a route: its path, id, method or summary. */
export function isFound({ method, path, operation }: Route, query: string): boolean {
	const text = `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
	return query
		.toLowerCase()
		.split(/\s+/)
		.every((word) => text.includes(word));
}

/** The last part of a `$ref`: the name of what it leads to. */
export const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf("/") + 1);

export function answerOf(document: ApiDocument, answer: Answer | { readonly $ref: string }): Answer {
	if (!("$ref" in answer)) return answer;
	const found = document.components.responses[nameOf(answer.$ref)];
	if (!found) throw new Error(`${answer.$ref} is not in the document`);
	return found;
}

/** What a schema says by itself, or by those that it refers to. */
export function resolved(document: ApiDocument, schema: Schema): Schema {
	if (schema.allOf) {
		const parts = schema.allOf.map((part) => resolved(document, part));
		const required = parts.flatMap((part) => part.required ?? []);
		return Object.assign({}, ...parts, { required });
	}
	if (schema.$ref === undefined) return schema;
	const found = document.components.schemas[nameOf(schema.$ref)];
	if (!found) throw new Error(`${schema.$ref} is not in the document`);
	return found;
}

/** A schema without "or null", and whether it may be null. */
export function withoutNull(schema: Schema): { readonly schema: Schema; readonly nullable: boolean } {
	const { type, anyOf, ...rest } = schema;
	if (Array.isArray(type) && type.includes("null")) {
		const types = type.filter((one) => one !== "null");
		return { schema: { ...rest, type: types.length === 1 && types[0] ? types[0] : types }, nullable: true };
	}
	const others = anyOf?.filter((one) => one.type !== "null");
	if (anyOf && others?.length === 1 && anyOf.length === 2) {
		return { schema: { ...rest, ...others[0] }, nullable: true };
	}
	return { schema, nullable: false };
}
