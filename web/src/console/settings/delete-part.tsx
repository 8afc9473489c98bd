/** Deleting what a page of the settings is about. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { HttpError } from "../../client/index.js";
import type { Desk } from "../desk/desk.js";
import { Modal } from "../desk/modal.js";
import { Part } from "./page.js";

/** Whether it is gone; gone already is what was asked for. */
export async function removed(desk: Desk, remove: () => Promise<unknown>, done: string): Promise<boolean> {
	try {
		await remove();
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		if (error.status !== 404) {
			desk.tell(error.message);
			return false;
		}
	}
	desk.tell(done);
	return true;
}

interface DeletePartProps {
	readonly desk: Desk;
	/** What it is: `rule`. */
	readonly what: string;
	readonly name: string;
	/** What deleting it changes nothing about. */
	readonly help: string;
	/** What is said before it is done. */
	readonly children: ComponentChildren;
	/** Where one goes then, and what is said there. */
	readonly to: string;
	readonly done: string;
	/** Rejects with an `HttpError`. */
	readonly remove: () => Promise<unknown>;
	/** It is out of the list that this page was found in. */
	readonly onGone?: () => void;
}

/** The part of a page by which the thing is deleted. */
export function DeletePart({ desk, what, name, help, children, to, done, remove, onGone }: DeletePartProps) {
	const [asked, setAsked] = useState(false);
	const act = async () => {
		setAsked(false);
		if (!(await removed(desk, remove, done))) return;
		onGone?.();
		// Once its form is gone: what was written in it is of no use any more.
		requestAnimationFrame(() => desk.router.go({ settings: to }, { replace: true }));
	};
	return (
		<Part id="delete" title="Delete">
			<div class="part-row">
				<div>
					<h3>Delete this {what}</h3>
					<p>{help}</p>
				</div>
				<button type="button" class="button outline" onClick={() => setAsked(true)}>
					Delete {what}
				</button>
			</div>
			{asked && (
				<DeleteQuestion what={what} name={name} onKeep={() => setAsked(false)} onDelete={() => void act()}>
					{children}
				</DeleteQuestion>
			)}
		</Part>
	);
}

/** Deleting cannot be undone. */
export function DeleteQuestion({
	what,
	name,
	children,
	onKeep,
	onDelete,
}: Pick<DeletePartProps, "what" | "name" | "children"> & { onKeep: () => void; onDelete: () => void }) {
	return (
		<Modal
			title={`Delete the ${what} ${name}?`}
			safe="Keep it"
			verb={`Delete ${what}`}
			onSafe={onKeep}
			onVerb={onDelete}
		>
			{children}
		</Modal>
	);
}
