import type { FileWords } from "../ui/files.js";

/** All that the widget says. Whole sentences, so that a translation is free to turn them round. */
export const words = {
	chatWith: (site: string) => `Chat with ${site}`,
	close: "Close chat",
	back: "Back to the shop",
	hereNow: "here now",
	deskOpen: "We are here now",
	deskEmpty: "No one is at the desk just now",
	deskEmptyLong: "No one is at the desk just now. Leave a message, and we write back.",
	backToday: (time: string) => `Back at ${time}`,
	backTomorrow: (time: string) => `Back tomorrow at ${time}`,
	backOn: (day: string, time: string) => `Back on ${day} at ${time}`,
	leaveMessage: (back: string) => `${back}. Leave a message, and we write back.`,
	phoneWhy: "Leave your number in case we get cut off.",
	connecting: "connecting",

	name: "Your name",
	phone: "Phone",
	email: "E-mail",
	message: "Message",
	optional: "Optional",
	messageHint: "What is it about?",
	countryCode: "Country code",
	start: "Start chat",
	starting: "Starting",
	needName: "Please write your name.",
	needPhone: "Please write your phone number.",
	needEmail: "Please write your e-mail address.",
	needMessage: "Please write what it is about.",
	phoneShort: "This number looks too short.",
	phoneLong: "This number looks too long.",
	phoneOdd: "A phone number has digits only.",
	emailOdd: "This e-mail address looks incomplete.",
	startFailed: "That did not get through. Try again.",
	chatGone: "Your last chat is not open here any more. You can start a new one.",
	tooFast: (seconds: number) =>
		`A little too fast. You can try again in ${count(seconds, "second", "seconds")}.`,

	busyLong: "Everybody is busy for longer than usual. Leave a message, and we write back.",
	inLine: (position: number) =>
		position === 1 ? "You're next." : `You're number ${position.toLocaleString()} in line.`,
	wait: (seconds: number) =>
		seconds < 120 ? "Less than 2 minutes." : `About ${Math.round(seconds / 60).toLocaleString()} minutes.`,

	write: "Write a message",
	dropHere: "Drop files here",
	sendsWhenThere: "Sends as soon as the files are there.",
	filesBegin: "One moment",
	filesFailed: "Attaching did not work.",
	send: "Send",
	left: (characters: number) => `${characters.toLocaleString()} left`,
	tooLong: (characters: number) => `${count(characters, "character", "characters")} too many`,

	sending: "Sending",
	sent: "Sent",
	delivered: "Delivered",
	read: "Read",
	waits: "Sends when you are back online",
	slowed: (seconds: number) => `A little too fast. Sends in ${count(seconds, "second", "seconds")}.`,
	notSent: "Not sent.",
	tryAgain: "Try again",
	remove: "Delete",

	edited: "(edited)",
	edit: "Edit",
	editing: "Editing your message",
	moreFor: "Edit or delete this message",
	sureToDelete: "Delete this message?",
	keepIt: "Keep it",
	cancel: "Cancel",
	save: "Save",
	amendFailed: "That did not work.",
	deleted: "Message deleted",

	howWasIt: "How was this chat?",
	stars: (score: number) => `${score} of 5`,
	ratingWhy: "Anything to add? (optional)",
	sendRating: "Send rating",
	ratingFailed: "That did not get through. Try again.",
	thanks: (score: number) => `Thank you! You gave ${score} of 5.`,
	change: "Change",

	thread: "Messages",
	older: "Loading earlier messages",
	newest: "Newest messages",
	unread: (messages: number) => `${messages} new`,
	writing: (name: string | undefined) => (name === undefined ? "Someone is writing" : `${name} is writing`),
	joined: (name: string) => `${name} joined the chat`,
	takesOver: (name: string, from: string) => `${name} takes over from ${from}`,
	endedBy: (name: string) => `${name} ended the chat.`,
	endedByYou: "You ended the chat.",
	ended: "The chat has ended.",
	writeAgain: "Write again to start a new one.",
	said: (name: string | undefined, text: string) => (name === undefined ? text : `${name}: ${text}`),
	theTeam: "The team",

	reconnecting: "Reconnecting.",
	reconnectingMore: "What you write will be sent.",
	backOnline: "Back online",
	elsewhere: "This chat goes on in another window.",
	dismiss: "Dismiss",
	goOnHere: "Go on here",
	unavailable: "The chat is not available here just now.",
	outdated: "The chat has a new version. Reload the page to go on.",
} as const;

function count(number: number, one: string, many: string): string {
	return `${number.toLocaleString()} ${number === 1 ? one : many}`;
}

export const fileWords: FileWords = {
	attach: "Attach files",
	open: (name, size) => `Open ${name}, ${size}`,
};
