import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** The same condition as in the style sheets. */
const QUERY = "(max-width: 479.98px), (max-height: 559.98px)";

/**
 * Whether the panel covers the screen. While it does, the shop behind it does not scroll, and the panel keeps to what
 * the on-screen keyboard leaves.
 */
export function useFullScreen(
	panel: RefObject<HTMLElement | null>,
	host: HTMLElement,
	open: boolean,
): boolean {
	const [fullScreen, setFullScreen] = useState(() => matchMedia(QUERY).matches);

	useLayoutEffect(() => {
		const query = matchMedia(QUERY);
		const changed = (): void => setFullScreen(query.matches);
		query.addEventListener("change", changed);
		return () => query.removeEventListener("change", changed);
	}, []);

	useLayoutEffect(() => {
		if (!open || !fullScreen) return;
		const page = host.ownerDocument.documentElement;
		const before = page.style.overflow;
		page.style.overflow = "hidden";
		const viewport = window.visualViewport;
		const follow = (): void => {
			// Zoomed in, the visitor moves about the panel; it must not move with them.
			if (viewport === null || viewport.scale > 1.01) return;
			panel.current?.style.setProperty("--hubbub-visible", `${viewport.height}px`);
			panel.current?.style.setProperty("--hubbub-above", `${viewport.offsetTop}px`);
		};
		follow();
		viewport?.addEventListener("resize", follow);
		viewport?.addEventListener("scroll", follow);
		return () => {
			page.style.overflow = before;
			viewport?.removeEventListener("resize", follow);
			viewport?.removeEventListener("scroll", follow);
			panel.current?.style.removeProperty("--hubbub-visible");
			panel.current?.style.removeProperty("--hubbub-above");
		};
	}, [panel, host, open, fullScreen]);

	return fullScreen;
}
