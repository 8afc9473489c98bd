import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { AlertIcon } from "../../ui/icons.js";
import { Logo } from "../../ui/marks.js";
import { clock } from "../times.js";
import { useSecondsUntil } from "../use-now.js";
import type { Refusal } from "./account.js";

/** A page of the way in: our mark, a title, what it is for, and what it asks. */
export function EntrancePage({
	title,
	lead,
	children,
}: {
	title: string;
	lead?: string;
	children: ComponentChildren;
}) {
	useEffect(() => {
		document.title = `${title.replace(/ to Hubbub$|^Hubbub$/, "") || "Console"} · Hubbub`;
	}, [title]);
	return (
		<main class="entrance">
			<div class="entrance-card">
				<Logo size={36} />
				<h1>{title}</h1>
				{lead && <p class="entrance-lead">{lead}</p>}
				{children}
				<p class="entrance-host">
					<bdi>{location.host}</bdi>
				</p>
			</div>
		</main>
	);
}

const SOON_S = 120;

/** What the server said, with the time of the next try. */
export function RefusalWords({ refusal }: { refusal: Refusal }) {
	const seconds = useSecondsUntil(refusal.retryAt);
	if (seconds === null || refusal.retryAt === null) return <>{refusal.message}</>;
	const when = seconds <= SOON_S ? `Try again in ${seconds} s.` : `Try again at ${clock(refusal.retryAt)}.`;
	return (
		<>
			{refusal.message} {when}
		</>
	);
}

/** Sending a form: one at a time, with the refusal kept until the next try. */
export function useSending(send: () => Promise<Refusal | null>) {
	const [busy, setBusy] = useState(false);
	const [refusal, setRefusal] = useState<Refusal | null>(null);
	const form = useRef<HTMLFormElement>(null);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy) return;
		setBusy(true);
		try {
			const answer = await send();
			setRefusal(answer);
			if (answer?.field) form.current?.querySelector<HTMLInputElement>(`#${answer.field}`)?.focus();
		} finally {
			setBusy(false);
		}
	};
	return { busy, refusal, setRefusal, submit, form };
}

/** The form's one button, and above it what concerns the form as a whole. */
export function Submit({ busy, verb, busyVerb, refusal }: SubmitProps) {
	return (
		<>
			<div role="status" class="form-trouble">
				{refusal && refusal.field === null && (
					<p class="field-error">
						<AlertIcon size={16} />
						<span>
							<RefusalWords refusal={refusal} />
						</span>
					</p>
				)}
			</div>
			<button type="submit" class="button main wide" aria-disabled={busy}>
				{busy ? busyVerb : verb}
			</button>
		</>
	);
}

interface SubmitProps {
	readonly busy: boolean;
	readonly verb: string;
	readonly busyVerb: string;
	readonly refusal: Refusal | null;
}
