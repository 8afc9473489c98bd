import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test } from "vitest";
import text from "../../../protocol/openapi.json?raw";
import type { ApiDocument, Route, Schema } from "./document.js";
import { isFound, routesOf } from "./document.js";
import { curlOf, exampleOf } from "./example.js";
import { Page } from "./page.js";
import { kindOf, limitsOf } from "./shape.js";

const api = JSON.parse(text) as ApiDocument;

function routeOf(id: string): Route {
	const routes = api.tags.flatMap(({ name }) => routesOf(api, name));
	const found = routes.find(({ operation }) => operation.operationId === id);
	if (!found) throw new Error(`no ${id}`);
	return found;
}

afterEach(() => {
	render(null, document.body);
	location.hash = "";
});

async function show(): Promise<void> {
	await act(() => render(<Page document={api} />, document.body));
}

async function open(id: string): Promise<HTMLElement> {
	const place = document.getElementById(id) as HTMLDetailsElement;
	await act(() => {
		place.open = true;
		place.dispatchEvent(new Event("toggle"));
	});
	return place;
}

test("every route can be opened, and shows what it answers", async () => {
	await show();
	const routes = Object.values(api.paths).flatMap((methods) => Object.values(methods));
	expect(document.querySelectorAll(".operation")).toHaveLength(routes.length);
	for (const { operationId, responses } of routes) {
		const place = await open(operationId);
		expect(place.querySelectorAll(".answers > div"), operationId).toHaveLength(Object.keys(responses).length);
		expect(place.textContent, operationId).not.toMatch(/undefined|\[object|NaN/);
	}
});

test("the address opens the route that it names", async () => {
	location.hash = "#sendMessage";
	await show();
	expect((document.getElementById("sendMessage") as HTMLDetailsElement).open).toBe(true);
	expect((document.getElementById("startSession") as HTMLDetailsElement).open).toBe(false);
});

test("a search keeps the routes with all of its words", () => {
	const start = routeOf("startSession");
	expect(isFound(start, "POST sites")).toBe(true);
	expect(isFound(start, "start chat")).toBe(true);
	expect(isFound(start, "delete sites")).toBe(false);
	expect(isFound(start, "")).toBe(true);
});

test("an example of a request has what is required, and what the document names", () => {
	expect(exampleOf(api, { $ref: "#/components/schemas/SendMessage" })).toEqual({
		id: "0197f000-0000-7000-8000-000000000000",
		body: "…",
	});
	expect(exampleOf(api, { $ref: "#/components/schemas/StartSession" })).toMatchObject({ message: "Hello" });
	expect(exampleOf(api, { $ref: "#/components/schemas/Status" })).toBe("open");
	const within: Schema = { anyOf: [{ $ref: "#/components/schemas/UtcMillis" }, { type: "null" }] };
	expect(exampleOf(api, within)).toBe("2026-11-20T09:00:00.000Z");
});

test("a line for the shell has the credential and a body that a shell takes as it is", () => {
	const curl = (id: string) => curlOf(api, routeOf(id), "http://localhost:8080");
	expect(curl("getSession")).toBe(
		'curl "http://localhost:8080/api/v1/sessions/$ID" \\\n  -H "Authorization: Bearer $TOKEN"',
	);
	expect(curl("createSkill")).toContain('-b "hubbub_login=$LOGIN"');
	expect(curl("createSkill")).toContain(`-d '{"name":"…"}'`);
	expect(curl("createTeam"), "what is required here only").toContain(`-d '{"name":"…"}'`);
	expect(curl("getHealth")).toBe('curl "http://localhost:8080/healthz"');
});

test("a type is said in a few words, with its limits", () => {
	expect(kindOf({ type: ["string", "null"], format: "uuid" })).toBe("string, uuid or null");
	expect(kindOf({ type: "array", items: { $ref: "#/components/schemas/Entry" } })).toBe("list of Entry");
	expect(kindOf({ type: "object", additionalProperties: { type: "string" } })).toBe("map to string");
	expect(limitsOf({ type: "string", minLength: 1, maxLength: 100 })).toEqual(["1 to 100 characters"]);
	expect(limitsOf({ type: "integer", minimum: 0, default: 25 })).toEqual(["default 25"]);
});
