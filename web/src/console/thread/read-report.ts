import { useEffect } from "preact/hooks";
import type { Seq } from "../../protocol/types.js";
import type { OpenChat } from "./open-chat.js";

/** Read is what an agent has had before their eyes: the page visible and focused, the thread at its end. */
export function useReadReport(chat: OpenChat, lastSeq: Seq, atEnd: boolean): void {
	useEffect(() => {
		const report = () => {
			if (lastSeq > 0 && atEnd && document.visibilityState === "visible" && document.hasFocus()) {
				chat.read(lastSeq);
			}
		};
		report();
		window.addEventListener("focus", report);
		document.addEventListener("visibilitychange", report);
		return () => {
			window.removeEventListener("focus", report);
			document.removeEventListener("visibilitychange", report);
		};
	}, [chat, lastSeq, atEnd]);
}
