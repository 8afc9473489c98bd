/** What the pages of the settings are made of. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { AlertIcon, BackIcon } from "../../ui/icons.js";
import type { Desk } from "../desk/desk.js";
import { Modal } from "../desk/modal.js";
import { focusPane } from "../panes.js";
import { pathOf, type Router } from "../router.js";
import { useLasting } from "../use-now.js";
import type { Form } from "./form.js";
import type { Loaded } from "./loaded.js";

/** A link to another place in the settings. */
export function SettingsLink({
	router,
	to,
	children,
	...rest
}: {
	router: Router;
	to: string;
	children: ComponentChildren;
	class?: string;
	"aria-current"?: "page" | undefined;
	"data-pane"?: string | undefined;
}) {
	return (
		<a
			{...rest}
			href={pathOf({ view: "mine", session: null, settings: to })}
			onClick={(event) => {
				if (event.ctrlKey || event.metaKey || event.shiftKey) return;
				event.preventDefault();
				router.go({ settings: to });
			}}
		>
			{children}
		</a>
	);
}

/** A page's title, which takes the focus when one comes to the page from another, and the way back. */
export function PageHead({
	desk,
	title,
	lead,
	back,
	children,
}: {
	desk: Desk;
	title: string;
	lead?: string;
	/** Where this page is found; without it, at the settings' beginning. */
	back?: { readonly to: string; readonly name: string };
	children?: ComponentChildren;
}) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		if (desk.router.moved && desk.router.place.peek().settings !== "") heading.current?.focus();
	}, [desk]);
	return (
		<header class="page-head">
			<p class={back ? "crumb" : "crumb narrow"}>
				<SettingsLink router={desk.router} to={back?.to ?? ""}>
					<BackIcon size={16} />
					{back?.name ?? "Settings"}
				</SettingsLink>
			</p>
			<div class="page-title">
				<h1 ref={heading} tabIndex={-1} data-pane="thread" dir="auto">
					{title}
				</h1>
				{children}
			</div>
			{lead && <p class="page-lead">{lead}</p>}
		</header>
	);
}

/** A part of a page, under a title of its own. */
export function Part({
	id,
	title,
	lead,
	children,
}: {
	id: string;
	title: string;
	lead?: ComponentChildren;
	children: ComponentChildren;
}) {
	return (
		<section class="part" aria-labelledby={`${id}-title`}>
			<h2 id={`${id}-title`}>{title}</h2>
			{lead && <p class="part-lead">{lead}</p>}
			{children}
		</section>
	);
}

/** Shows what is known, or how far the question is. */
export function Known<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
	useEffect(() => void of.refresh(), [of]);
	const now = of.now.value;
	const slow = useLasting(now.state === "asking", 300);
	if (now.state === "known") return <>{children(now.value)}</>;
	return (
		<p class="part-lead" role="status">
			{now.state === "asking" && slow && "Asking the server"}
			{now.state === "failed" && (
				<>
					{now.message}{" "}
					<button type="button" class="link" onClick={() => void of.refresh()}>
						Try again
					</button>
				</>
			)}
		</p>
	);
}

/** Nothing is here, or nothing for us. */
export function NotHere({
	desk,
	back,
}: {
	desk: Desk;
	back?: { readonly to: string; readonly name: string };
}) {
	return (
		<PageHead desk={desk} title="This page is not here, or not open to you." {...(back ? { back } : {})} />
	);
}

/** Once the page is drawn: what had the focus may be gone, and the page's title then takes it. */
export function keepFocus(): void {
	requestAnimationFrame(() => {
		if (document.activeElement === document.body) focusPane("thread");
	});
}

/** A form of a page: its fields, and, once something was changed, the bar that saves it. */
export function PageForm<T extends object>({
	desk,
	form,
	name,
	children,
	done = "Saved",
	leavesTo,
}: {
	desk: Desk;
	form: Form<T>;
	name: string;
	children: ComponentChildren;
	/** What is said when the server has taken it. */
	done?: string;
	/** Where one goes then: of what is new. A place in the settings, or what goes elsewhere. */
	leavesTo?: string | (() => void) | undefined;
}) {
	const { changed, busy, faults } = form;
	const [saved, setSaved] = useState(false);
	// Once nothing of the form is unsaved any more: else one would be asked whether to leave it.
	useEffect(() => {
		if (!saved || changed > 0 || !leavesTo) return;
		if (typeof leavesTo === "function") leavesTo();
		else desk.router.go({ settings: leavesTo }, { replace: true });
	}, [desk, saved, changed, leavesTo]);
	// The bar goes with what it saved, and the focus must not go with the bar.
	const last = useRef<HTMLElement | null>(null);
	const backToField = () => {
		if (last.current?.isConnected) last.current.focus();
		else keepFocus();
	};
	const submit = async () => {
		if (busy || changed === 0 || !(await form.send())) return;
		desk.tell(done);
		if (leavesTo) setSaved(true);
		else backToField();
	};
	return (
		<form
			class="page-form"
			aria-label={name}
			noValidate
			onSubmit={(event) => {
				event.preventDefault();
				void submit();
			}}
			onFocusIn={({ target }) => {
				if (target instanceof HTMLElement && !target.closest(".save-bar")) last.current = target;
			}}
		>
			{children}
			<div role="alert">
				{faults.whole && (
					<p class="modal-trouble">
						<AlertIcon size={16} />
						<span dir="auto">{faults.whole}</span>
					</p>
				)}
			</div>
			{changed > 0 && (
				<div class="save-bar">
					<p role="status">{changed === 1 ? "1 change" : `${changed} changes`}, not saved yet</p>
					<button
						type="button"
						class="button quiet"
						onClick={() => {
							form.discard();
							backToField();
						}}
					>
						Discard
					</button>
					<button type="submit" class="button main" aria-disabled={busy}>
						{busy ? "Saving" : "Save"}
					</button>
				</div>
			)}
			{changed > 0 && (
				<LeaveGuard router={desk.router} title="Leave without saving?" verb="Discard changes">
					{changed === 1 ? "1 change is" : `${changed} changes are`} not saved yet.
				</LeaveGuard>
			)}
		</form>
	);
}

/** While it is there, whoever leaves the page is asked. */
export function LeaveGuard({
	router,
	title,
	verb,
	children,
}: {
	router: Router;
	title: string;
	verb: string;
	children: ComponentChildren;
}) {
	const [proceed, setProceed] = useState<(() => void) | null>(null);
	// In the layout's turn: passive effects come and go only after the next paint, and until then one would be asked about
	// what is saved already, or not be asked.
	useLayoutEffect(() => router.hold((next) => setProceed(() => next)), [router]);
	useLayoutEffect(() => {
		const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
		window.addEventListener("beforeunload", onUnload);
		return () => window.removeEventListener("beforeunload", onUnload);
	}, []);
	if (!proceed) return null;
	return (
		<Modal
			title={title}
			safe="Stay here"
			verb={verb}
			onSafe={() => setProceed(null)}
			onVerb={() => {
				setProceed(null);
				proceed();
			}}
		>
			{children}
		</Modal>
	);
}
