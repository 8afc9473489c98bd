/** The widget's Preact, for this file of its own: what is drawn by one copy must not come from another. */
import type * as hooks from "preact/hooks";
import type * as jsxRuntime from "preact/jsx-runtime";

export interface Preact
	extends Pick<typeof jsxRuntime, "jsx" | "jsxs">,
		Pick<typeof hooks, "useEffect" | "useRef" | "useState"> {}

export let jsx: Preact["jsx"];
export let jsxs: Preact["jsxs"];
export let useEffect: Preact["useEffect"];
export let useRef: Preact["useRef"];
export let useState: Preact["useState"];

/** Before anything is drawn. */
export function use(preact: Preact): void {
	({ jsx, jsxs, useEffect, useRef, useState } = preact);
}
