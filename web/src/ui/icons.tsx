/**
 * The one set of icons: 20 × 20, stroke 1.5, round, never filled, in the colour of the text beside them. They
 * are always decoration for assistive technology: the word stands beside, or is the button's name.
 */

import type { ComponentChildren } from "preact";

/** How an icon is drawn. */
export interface IconProps {
	/** Edge in CSS px: 20, or 16 within text. */
	size?: 20 | 16;
	class?: string;
}

function Icon({ size = 20, class: name = "", children }: IconProps & { children: ComponentChildren }) {
	return (
		<svg
			class={`icon ${name}`}
			width={size}
			height={size}
			viewBox="0 0 20 20"
			fill="none"
			stroke="currentColor"
			stroke-width="1.5"
			stroke-linecap="round"
			stroke-linejoin="round"
			aria-hidden="true"
			focusable="false"
		>
			{children}
		</svg>
	);
}

/** A tray: the chats that are mine. */
export const InboxIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M2.75 11 5 4.75h10L17.25 11v4.25h-14.5V11Z" />
		<path d="M2.75 11H7l1 2h4l1-2h4.25" />
	</Icon>
);

/** Two people: chats that nobody has taken. */
export const PeopleIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="7.5" cy="6.75" r="2.75" />
		<path d="M2.5 16c0-2.9 2-4.75 5-4.75s5 1.85 5 4.75M12.75 4.2a2.75 2.75 0 0 1 0 5.1M14.75 11.6c1.75.7 2.75 2.3 2.75 4.4" />
	</Icon>
);

/** A clock: waiting, or on its way. */
export const ClockIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="10" cy="10" r="7.25" />
		<path d="M10 5.75V10l2.75 2" />
	</Icon>
);

/** A moon: put aside for later. */
export const MoonIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M16.75 11.9A7 7 0 1 1 8.1 3.25a5.5 5.5 0 0 0 8.65 8.65Z" />
	</Icon>
);

/** From one to another. */
export const HandOverIcon = (props: IconProps) => (
	<Icon {...props} class={`mirrors ${props.class ?? ""}`}>
		<path d="M3.5 6.75h13m0 0L13.25 3.5m3.25 3.25L13.25 10M16.5 13.25h-13m0 0L6.75 10m-3.25 3.25 3.25 3.25" />
	</Icon>
);

/** Three dots: what else can be done. */
export const MoreIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M4.5 10h.1M10 10h.1M15.4 10h.1" stroke-width="2.25" />
	</Icon>
);

/** A bell: what one is told in person. */
export const BellIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M10 3.25a4.75 4.75 0 0 0-4.75 4.75c0 4-1.75 5.25-1.75 5.25h13S14.75 12 14.75 8A4.75 4.75 0 0 0 10 3.25Z" />
		<path d="M8.25 15.75a1.9 1.9 0 0 0 3.5 0" />
	</Icon>
);

/** An eye, crossed out: looking on unseen. */
export const UnseenIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M2.75 10S5.5 5 10 5s7.25 5 7.25 5-2.75 5-7.25 5-7.25-5-7.25-5Z" />
		<path d="m4 16.5 12-13" />
	</Icon>
);

/** A star of a rating; filled where it counts. */
export const StarIcon = ({ filled = false, ...props }: IconProps & { filled?: boolean }) => (
	<Icon {...props} class={`${filled ? "filled" : ""} ${props.class ?? ""}`}>
		<path d="m10 3 2.15 4.5 4.85.65-3.55 3.4.9 4.95L10 14.1l-4.35 2.4.9-4.95L3 8.15l4.85-.65L10 3Z" />
	</Icon>
);

/** A label on a string. */
export const TagIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M3.25 3.25h6.5l7 7-6.5 6.5-7-7v-6.5Z" />
		<path d="M6.5 6.5h.1" stroke-width="2" />
	</Icon>
);

/** A stack: all of them. */
export const LayersIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m10 3.25 7 3.75-7 3.75L3 7l7-3.75Z" />
		<path d="m3 10.5 7 3.75 7-3.75M3 13.75l7 3.5 7-3.5" />
	</Icon>
);

/** A person without a name. */
export const PersonIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="10" cy="6.75" r="3" />
		<path d="M4.25 16.75c0-3.2 2.3-5.25 5.75-5.25s5.75 2.05 5.75 5.25" />
	</Icon>
);

/** Done, or sent. */
export const CheckIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m4 10.5 4 4 8-9" />
	</Icon>
);

/** Delivered, or read. */
export const DoubleCheckIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m1.75 10.75 3.5 3.5 6.5-8M9.25 13.25l1 1 7-8.25" />
	</Icon>
);

/** Something the person must know. */
export const AlertIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M10 3.25 17.5 16.5h-15L10 3.25Z" />
		<path d="M10 8.25v3.5M10 14.1v.15" />
	</Icon>
);

/** Back, towards where reading starts. */
export const BackIcon = (props: IconProps) => (
	<Icon {...props} class={`mirrors ${props.class ?? ""}`}>
		<path d="m12.5 4-6 6 6 6" />
	</Icon>
);

/** Fold away. */
export const ChevronDownIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m4 7.5 6 6 6-6" />
	</Icon>
);

/** Towards the newest. */
export const ArrowDownIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M10 4v12m0 0-5-5m5 5 5-5" />
	</Icon>
);

/** Send: upward, so that it needs no mirroring. */
export const SendIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M10 16V4m0 0L5 9m5-5 5 5" />
	</Icon>
);

/** Away with it. */
export const CloseIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m5 5 10 10M15 5 5 15" />
	</Icon>
);

/** Again. */
export const RetryIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M16.25 10a6.25 6.25 0 1 1-1.9-4.5l1.9 1.75" />
		<path d="M16.25 3.75v3.5h-3.5" />
	</Icon>
);

/** For the team's eyes. */
export const NoteIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M3.5 3.5h13v8l-5 5h-8v-13Z" />
		<path d="M16.5 11.5h-5v5M6.5 7.25h7M6.5 10.25h3" />
	</Icon>
);

/** A flash: what is at hand at once. */
export const BoltIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M11 2.75 4.75 11.5h4.5l-.75 5.75L14.75 8h-4.5L11 2.75Z" />
	</Icon>
);

/** A telephone number. */
export const PhoneIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M5.5 3.25h2l1.25 3.5-1.6 1.4a10 10 0 0 0 4.7 4.7l1.4-1.6 3.5 1.25v2c0 1.3-.95 2.25-2.25 2.25C8.75 16.75 3.25 11.25 3.25 5.5c0-1.3.95-2.25 2.25-2.25Z" />
	</Icon>
);

/** An e-mail address. */
export const MailIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M2.75 4.75h14.5v10.5H2.75V4.75Z" />
		<path d="m3 5.25 7 5.5 7-5.5" />
	</Icon>
);

/** A site. */
export const GlobeIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="10" cy="10" r="7.25" />
		<path d="M2.75 10h14.5M10 2.75c2 2 3 4.4 3 7.25s-1 5.25-3 7.25c-2-2-3-4.4-3-7.25s1-5.25 3-7.25Z" />
	</Icon>
);

/** More about this. */
export const InfoIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="10" cy="10" r="7.25" />
		<path d="M10 9.25v4.25M10 6.5v.1" />
	</Icon>
);

/** Out of here. */
export const LeaveIcon = (props: IconProps) => (
	<Icon {...props} class={`mirrors ${props.class ?? ""}`}>
		<path d="M8 3.5H4v13h4M8.5 10H17m0 0-3.25-3.25M17 10l-3.25 3.25" />
	</Icon>
);

/** Show what is typed. */
export const EyeIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M2 10c1.75-3.25 4.5-5 8-5s6.25 1.75 8 5c-1.75 3.25-4.5 5-8 5s-6.25-1.75-8-5Z" />
		<circle cx="10" cy="10" r="2.25" />
	</Icon>
);

/** A wheel: how things are set. */
export const GearIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="10" cy="10" r="3.25" />
		<path d="M10 2.5v2.25M10 15.25v2.25M2.5 10h2.25M15.25 10h2.25M4.7 4.7l1.6 1.6M13.7 13.7l1.6 1.6M15.3 4.7l-1.6 1.6M6.3 13.7l-1.6 1.6" />
	</Icon>
);

/** A funnel: what is left of all. */
export const ViewsIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M4 4.5h12l-4.5 5.5v5l-3 1.5V10L4 4.5Z" />
	</Icon>
);

/** Somebody is named. */
export const AtIcon = (props: IconProps) => (
	<Icon {...props}>
		<circle cx="10" cy="10" r="2.75" />
		<path d="M12.75 7.5v3.25a2 2 0 0 0 4 0V10a6.75 6.75 0 1 0-2.75 5.45" />
	</Icon>
);

/** One more. */
export const PlusIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M10 4v12M4 10h12" />
	</Icon>
);

/** A glass: search. */
export const SearchIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M8.75 14a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5ZM12.5 12.5l4 4" />
	</Icon>
);

/** Two sheets: take it along. */
export const CopyIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M7 7h9.25v9.25H7V7Z" />
		<path d="M4.25 13h-.5V3.75H13v.5" />
	</Icon>
);

/** A paper clip: files go with it. */
export const PaperclipIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="m15.75 9.25-5.9 5.9a3.5 3.5 0 0 1-4.95-4.95l6.3-6.3a2.35 2.35 0 0 1 3.3 3.3l-6.1 6.1a1.15 1.15 0 0 1-1.65-1.65l5.5-5.5" />
	</Icon>
);

/** A sheet with a folded corner: a file. */
export const FileIcon = (props: IconProps) => (
	<Icon {...props}>
		<path d="M5 2.75h6.25L15 6.5v10.75H5V2.75Z" />
		<path d="M11 2.75V6.5h4" />
	</Icon>
);
