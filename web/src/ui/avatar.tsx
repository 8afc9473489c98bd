import { PersonIcon } from "./icons.js";
import { avatarColour, initials } from "./initials.js";

/** Who is drawn, and how large. */
export interface AvatarProps {
	/** Chooses the colour. */
	id: string;
	name: string | null | undefined;
	/** Edge in CSS px. */
	size?: 22 | 28 | 36 | 40 | 44;
}

/** A person's disc. Decoration: the name stands beside it. */
export function Avatar({ id, name, size = 36 }: AvatarProps) {
	const letters = initials(name);
	const shown = size < 28 ? letters.slice(0, 1) : letters;
	return (
		<span class={`avatar avatar-${size} avatar-c${avatarColour(id)}`} aria-hidden="true">
			{shown || <PersonIcon size={size < 40 ? 16 : 20} />}
		</span>
	);
}
