import { type ApiDocument, nameOf, resolved, type Schema, withoutNull } from "./document.js";
import { inline, Prose } from "./prose.js";
import { Unfolded } from "./unfolded.js";

interface Props {
	readonly document: ApiDocument;
	readonly schema: Schema;
}

/** What kind of value it is, in a few words. */
export function kindOf(given: Schema): string {
	const { schema, nullable } = withoutNull(given);
	const kind = plainKind(schema);
	return nullable ? `${kind} or null` : kind;
}

function plainKind(schema: Schema): string {
	if (schema.$ref !== undefined) return nameOf(schema.$ref);
	if (schema.allOf?.[0]) return kindOf(schema.allOf[0]);
	if (schema.const !== undefined) return JSON.stringify(schema.const);
	if (schema.items) return `list of ${kindOf(schema.items)}`;
	if (schema.oneOf ?? schema.anyOf) return "one of several";
	if (schema.type === "object" && typeof schema.additionalProperties === "object") {
		return `map to ${kindOf(schema.additionalProperties)}`;
	}
	if (typeof schema.type !== "string") return "anything";
	return schema.format && schema.type === "string" ? `${schema.type}, ${schema.format}` : schema.type;
}

/** The limits of a value, in a few words each. */
export function limitsOf(given: Schema): string[] {
	const { schema } = withoutNull(given);
	const limits: string[] = [];
	const range = (least: number | undefined, most: number | undefined, what: string) => {
		if (least !== undefined && most !== undefined) limits.push(`${least} to ${most}${what}`);
		else if (most !== undefined) limits.push(`at most ${most}${what}`);
		else if (least !== undefined && least !== 0) limits.push(`at least ${least}${what}`);
	};
	if (schema.type === "integer" || schema.type === "number") range(schema.minimum, schema.maximum, "");
	range(schema.minLength, schema.maxLength, " characters");
	range(schema.minItems, schema.maxItems, " items");
	range(undefined, schema.maxProperties, " entries");
	if (schema.pattern !== undefined) limits.push(`as ${schema.pattern}`);
	if (schema.default !== undefined && JSON.stringify(schema.default).length < 20) {
		limits.push(`default ${JSON.stringify(schema.default)}`);
	}
	return limits;
}

/** The name of a type that has more to show than its name. */
function inside(document: ApiDocument, given: Schema): Schema | null {
	const { schema } = withoutNull(given);
	const one = resolved(document, schema.items ? withoutNull(schema.items).schema : schema);
	if (typeof one.additionalProperties === "object") return inside(document, one.additionalProperties);
	return one.properties || one.oneOf || one.anyOf || one.enum ? one : null;
}

/** A schema: its fields, its choices, or its words. What is deeper is opened by whoever wants it. */
export function Shape({ document, schema: given }: Props) {
	const { schema: direct } = withoutNull(given);
	const schema = resolved(document, direct.items ?? direct);
	const choices = schema.oneOf ?? schema.anyOf;
	if (choices) {
		return (
			<ul class="choices">
				{choices.map((choice, at) => (
					<li key={`${at}`}>
						{choice.description && <p>{inline(choice.description)}</p>}
						<Shape document={document} schema={choice} />
					</li>
				))}
			</ul>
		);
	}
	if (schema.enum) {
		return (
			<div class="words">
				<Prose text={schema.description ?? schema.enum.map((word) => `\`${word}\``).join(", ")} />
			</div>
		);
	}
	return <Fields document={document} schema={schema} />;
}

function Fields({ document, schema }: Props) {
	const properties = Object.entries(schema.properties ?? {});
	if (properties.length === 0) return <p>{kindOf(schema)}</p>;
	return (
		<dl class="fields">
			{properties.map(([name, property]) => (
				<Field
					key={name}
					name={name}
					required={schema.required?.includes(name) ?? false}
					document={document}
					schema={property}
				/>
			))}
		</dl>
	);
}

interface FieldProps extends Props {
	readonly name: string;
	readonly required: boolean;
	readonly about?: string;
}

/** A field of a body, or a parameter. */
export function Field({ name, required, document, schema, about = schema.description }: FieldProps) {
	const deeper = inside(document, schema);
	return (
		<div>
			<dt>
				<code>{name}</code> <span class="kind">{kindOf(schema)}</span>{" "}
				{required && <span class="required">required</span>}
			</dt>
			<dd>
				{about && <span>{inline(about.split("\n\n")[0] ?? "")}</span>}{" "}
				{limitsOf(schema).map((limit) => (
					<span class="limit" key={limit}>
						{limit}
					</span>
				))}
				{deeper && (
					<Unfolded label={kindOf(withoutNull(schema).schema)}>
						{() => <Shape document={document} schema={deeper} />}
					</Unfolded>
				)}
			</dd>
		</div>
	);
}
