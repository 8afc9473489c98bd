import { Announcer } from "./announcer.js";
import { Panel, type PanelProps } from "./panel.js";
import { Preview } from "./preview.js";

export interface WidgetProps extends PanelProps {
	open(): void;
}

/** All but the launcher. What is announced stands outside of the panel, where it is heard while that is closed. */
export function Widget({ model, host, open, close }: WidgetProps) {
	return (
		<>
			<Panel model={model} host={host} close={close} />
			<Preview model={model} open={open} />
			<Announcer model={model} />
		</>
	);
}
