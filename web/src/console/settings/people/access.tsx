import { useState } from "preact/hooks";
import { HttpError } from "../../../client/index.js";
import type { Agent } from "../../../protocol/types.js";
import { AlertIcon } from "../../../ui/icons.js";
import { Modal } from "../../desk/modal.js";
import { keepFocus, Part } from "../page.js";
import type { SectionProps } from "../sections.js";

/** Something to be done about somebody's access. */
interface Act {
	readonly title: string;
	readonly about: string;
	readonly verb: string;
	/** Asked before it is done. */
	readonly question?: { readonly title: string; readonly text: string };
	readonly run: () => Promise<void>;
	/** Said afterwards; without it, what it made says so itself. */
	readonly done?: string;
}

/** How a colleague comes in, and how they no longer do. */
export function Access({
	desk,
	workspace,
	agent,
}: Pick<SectionProps, "desk" | "workspace"> & { agent: Agent }) {
	const [asked, setAsked] = useState<Act | null>(null);
	const [busy, setBusy] = useState(false);
	const [trouble, setTrouble] = useState<string | null>(null);
	const run = async (act: Act) => {
		if (busy) return;
		setBusy(true);
		setTrouble(null);
		try {
			await act.run();
			if (act.done) desk.tell(act.done);
			keepFocus();
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			setTrouble(error.message);
		} finally {
			setBusy(false);
		}
	};
	return (
		<Part id="access" title="Access">
			{actsFor(workspace, agent).map((act) => (
				<div class="part-row" key={act.title}>
					<div>
						<h3>{act.title}</h3>
						<p>{act.about}</p>
					</div>
					<button
						type="button"
						class="button outline"
						aria-disabled={busy}
						onClick={() => (act.question ? setAsked(act) : void run(act))}
					>
						{act.verb}
					</button>
				</div>
			))}
			<div role="alert">
				{trouble && (
					<p class="modal-trouble">
						<AlertIcon size={16} />
						<span>{trouble}</span>
					</p>
				)}
			</div>
			{asked?.question && (
				<Modal
					title={asked.question.title}
					safe="Cancel"
					verb={asked.verb}
					onSafe={() => setAsked(null)}
					onVerb={() => {
						setAsked(null);
						void run(asked);
					}}
				>
					{asked.question.text}
				</Modal>
			)}
		</Part>
	);
}

function actsFor(workspace: SectionProps["workspace"], agent: Agent): readonly Act[] {
	const { id, name } = agent;
	const acts: Act[] = [];
	if (agent.invited) {
		acts.push({
			title: "Invitation",
			about: "A new link ends the older ones.",
			verb: "Make a new invitation",
			run: () => workspace.makeLink(id, "invitation"),
		});
	} else {
		acts.push({
			title: "Password",
			about: "A link by which they choose another one. The old one works until it is used.",
			verb: "Make a link for a new password",
			run: () => workspace.makeLink(id, "reset"),
		});
	}
	if (agent.second_factor) {
		acts.push({
			title: "Second factor",
			about: "For whoever has lost the app and the recovery codes.",
			verb: "Remove second factor",
			question: {
				title: `Remove the second factor of ${name}?`,
				text: "Their password alone then opens their account. Make sure that it is really they who ask.",
			},
			run: async () => {
				await workspace.http.delete(`/agents/${id}/totp`);
				workspace.keep(workspace.agents, { ...agent, second_factor: false });
			},
			done: "The second factor is removed",
		});
	}
	const set = (disabled: boolean) => async () => void (await workspace.editAgent(id, { disabled }));
	acts.push(
		agent.disabled
			? {
					title: "Disabled",
					about: "What they wrote stays. Enabled, they sign in as before.",
					verb: "Enable",
					run: set(false),
					done: `${name} can sign in again`,
				}
			: {
					title: "Shut out",
					about: "For whoever leaves: out at once on every device. What they wrote stays.",
					verb: "Disable",
					question: {
						title: `Disable ${name}?`,
						text: "They are signed out everywhere at once, and cannot sign in until they are enabled again.",
					},
					run: set(true),
					done: `${name} is disabled`,
				},
	);
	return acts;
}
