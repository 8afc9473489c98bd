// Generated from the crate `protocol` by `make types`; `cargo test -p protocol` fails when it drifts.

export type SessionSummary = { 
/**
 * The session.
 */
id: SessionId, 
/**
 * The site's key.
 */
site: string, 
/**
 * By which way the customer came.
 */
channel: Channel, 
/**
 * Where it is in its life.
 */
status: Status, 
/**
 * The customer.
 */
contact: ContactSummary, 
/**
 * Who holds it.
 */
assignee: AgentRef | null, 
/**
 * The number that people call it by: 1, 2, 3 … over the whole installation.
 */
number: number, 
/**
 * What was promised of it, for the team, if a service level fits it.
 */
sla?: SlaStanding, 
/**
 * The last entry's place, whoever may see it.
 */
last_seq: Seq, 
/**
 * Grows with every change; an older summary never replaces a newer one.
 */
version: number, 
/**
 * The last thing said.
 */
last_message: LastMessage | null, 
/**
 * Messages of the other side that the reader's side has not read.
 */
unread: number, 
/**
 * How far each side has read.
 */
read: ReadPositions, 
/**
 * Since when the customer has been waiting for an answer.
 */
waiting_since: UtcMillis | null, 
/**
 * The closed session that this one continues.
 */
previous_session_id: SessionId | null, 
/**
 * The session that continues this closed one.
 */
next_session_id: SessionId | null, 
/**
 * When it began.
 */
created_at: UtcMillis, 
/**
 * The last entry's time.
 */
updated_at: UtcMillis, 
/**
 * When it ended.
 */
closed_at: UtcMillis | null, 
/**
 * How the customer found it.
 */
rating?: Rating, } & Partial<Ticket>;

export type Entry = { 
/**
 * Chosen by the sender; unique within the session.
 */
id: EntryId, 
/**
 * Its place in the log.
 */
seq: Seq, 
/**
 * Message, note or event.
 */
kind: EntryKind, 
/**
 * Who said or did it.
 */
sender: Sender, 
/**
 * The text; empty for events.
 */
body: string, 
/**
 * Files that came with it.
 */
attachments: Array<Attachment>, 
/**
 * What happened, for entries of kind `event`.
 */
event?: Event, 
/**
 * Agents whom a note names, or whom the clock tells of what is due, so that they hear of it.
 */
mentions?: Array<AgentId>, 
/**
 * When the server decided it.
 */
created_at: UtcMillis, 
/**
 * When its text was last changed; `body` is the newest.
 */
edited_at?: UtcMillis, 
/**
 * When it was taken away; `body` is empty then.
 */
deleted_at?: UtcMillis, };

export type EntryKind = "message" | "note" | "event";

export type Sender = { "kind": "customer", 
/**
 * The contact.
 */
id: ContactId, 
/**
 * As the customer gave it.
 */
name?: string, } | { "kind": "agent", 
/**
 * The agent.
 */
id: AgentId, 
/**
 * The display name at that time.
 */
name?: string, } | { "kind": "system" };

export type AgentRef = { 
/**
 * The agent.
 */
id: AgentId, 
/**
 * The display name.
 */
name: string, };

export type Attachment = { 
/**
 * The file's id.
 */
id: string, 
/**
 * Its sanitised name.
 */
name: string, 
/**
 * Its type, found from its content.
 */
content_type: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Where to read it: for who has it, without a credential, for at least an hour. When it no longer works, read the
 * entry again.
 */
url: string, 
/**
 * Where to read a small picture of it, in the same way.
 */
thumbnail_url?: string, 
/**
 * Of a picture: how wide it is, in pixels, as it is to be shown.
 */
width?: number, 
/**
 * Of a picture: how high it is.
 */
height?: number, };

export type Event = { "type": "started", 
/**
 * By which way the customer came.
 */
channel: Channel, 
/**
 * The closed session that this one continues.
 */
previous_session_id?: SessionId, } | { "type": "assigned", 
/**
 * The holder.
 */
agent: AgentRef | null, } | { "type": "transferred", 
/**
 * Who held it, if anybody did.
 */
from?: AgentRef, 
/**
 * Who holds it.
 */
to: AgentRef, } | { "type": "status_changed", 
/**
 * Before.
 */
from: Status, 
/**
 * After.
 */
to: Status, } | { "type": "reopened", 
/**
 * The status it returned to.
 */
to: Status, } | { "type": "closed", 
/**
 * The status it had.
 */
from: Status, } | { "type": "continued", 
/**
 * The session that carries on.
 */
session_id: SessionId, } | { "type": "taken_as_message", 
/**
 * Why.
 */
because: TakenBecause, 
/**
 * When the site opens again, if it is closed and that is known.
 */
opens_at?: UtcMillis, } | { "type": "rated", 
/**
 * 1 (bad) to 5 (good).
 */
score: number, 
/**
 * The customer's words.
 */
comment?: string, } | { "type": "edited", 
/**
 * Which.
 */
entry: EntryId, 
/**
 * Its place.
 */
seq: Seq, 
/**
 * The newest text; empty if the entry was deleted since.
 */
body: string, 
/**
 * It is a note.
 */
note: boolean, } | { "type": "deleted", 
/**
 * Which.
 */
entry: EntryId, 
/**
 * Its place.
 */
seq: Seq, 
/**
 * It is a note.
 */
note: boolean, } | { "type": "joined", 
/**
 * Who.
 */
agent: AgentRef, } | { "type": "priority_changed", 
/**
 * Before.
 */
from: Priority, 
/**
 * After.
 */
to: Priority, } | { "type": "subject_changed", 
/**
 * After.
 */
to: string | null, } | { "type": "category_changed", 
/**
 * After.
 */
to: string | null, } | { "type": "tagged", 
/**
 * Those that came.
 */
added: Array<string>, 
/**
 * Those that went.
 */
removed: Array<string>, } | { "type": "attributes_changed", 
/**
 * Those that came, or are another now.
 */
set: { [key in string]: string }, 
/**
 * Those that went.
 */
removed: Array<string>, } | { "type": "snoozed", 
/**
 * When it comes back.
 */
until: UtcMillis, } | { "type": "unsnoozed" } | { "type": "routed", 
/**
 * Who was looked at, who was chosen, and who was skipped for what.
 */
why: Routed, } | { "type": "merged", 
/**
 * The session in which it goes on.
 */
into: SessionId, 
/**
 * That session's number.
 */
number: number, } | { "type": "merged_from", 
/**
 * The session; its log stays its own.
 */
session_id: SessionId, 
/**
 * Its number.
 */
number: number, 
/**
 * How many messages it has.
 */
messages: number, 
/**
 * The last entry of it that belongs here.
 */
last_seq: Seq, 
/**
 * Since when its customer waits.
 */
waiting_since?: UtcMillis, 
/**
 * Since when it waited for a holder.
 */
queued_since?: UtcMillis, } | { "type": "unmerged", 
/**
 * The other session.
 */
session_id: SessionId, 
/**
 * Its number.
 */
number: number, } | { "type": "team_changed", 
/**
 * After.
 */
to: TeamRef | null, } | { "type": "skills_changed", 
/**
 * After.
 */
to: Array<AskedSkill>, } | { "type": "language_changed", 
/**
 * After, a BCP 47 tag.
 */
to: string | null, } | { "type": "handed_on", 
/**
 * Who held it, if anybody did.
 */
from?: AgentRef, 
/**
 * For whom it is from now on; absent: for any team.
 */
team?: TeamRef, 
/**
 * What it asks for from now on.
 */
skills: Array<AskedSkill>, } | { "type": "offer", 
/**
 * What happened.
 */
offer: OfferEvent, } | { "type": "waited_too_long", 
/**
 * Which.
 */
to: TeamRef, } | { "type": "answered" } | { "type": "sla_warned", 
/**
 * The service level's name.
 */
policy: string, 
/**
 * What was promised.
 */
target: SlaTarget, 
/**
 * Until when.
 */
due_at: UtcMillis, } | { "type": "sla_breached", 
/**
 * The service level's name.
 */
policy: string, 
/**
 * What was promised.
 */
target: SlaTarget, 
/**
 * Until when.
 */
due_at: UtcMillis, } | { "type": "reminded", 
/**
 * For what.
 */
about: Reminder, } | { "type": "automated", 
/**
 * Which.
 */
rule: RuleRef, 
/**
 * The entry that set it off.
 */
because: Seq, 
/**
 * What it would have done, and could not.
 */
skipped?: Array<SkippedAction>, } | { "type": "macro_ran", 
/**
 * Which.
 */
ran: MacroRef, } | { "type": "ending", 
/**
 * When.
 */
at: UtcMillis, } | { "type": "contact_changed", 
/**
 * Whose it was.
 */
from: ContactId, 
/**
 * Whose it is.
 */
to: ContactId, 
/**
 * That contact's name.
 */
name?: string, 
/**
 * A merge was undone.
 */
undone: boolean, } | { "type": "contact_blocked", 
/**
 * Why.
 */
reason: string, 
/**
 * Until when; absent: until somebody lifts it.
 */
until?: UtcMillis, } | { "type": "contact_unblocked" };

export type Status = "open" | "in_progress" | "resolved" | "closed";

export type Channel = "web" | "whatsapp" | "email" | "api";

export type Role = "agent" | "supervisor" | "admin";

export type View = ViewName | ViewId | ViewFilter;

export type ViewName = "mine" | "unassigned" | "waiting" | "snoozed" | "mentions" | "all";

export type ViewFilter = { 
/**
 * Any of these; empty: any.
 */
status?: Array<Status>, 
/**
 * Held by `me`, by nobody (`none`), or by this agent.
 */
assignee?: Assigned, 
/**
 * Any of these; empty: any.
 */
priority?: Array<Priority>, 
/**
 * Those with this tag.
 */
tag?: string, 
/**
 * Those of this category.
 */
category?: string, 
/**
 * Those of this team.
 */
team?: TeamId, 
/**
 * Those of the site with this key.
 */
site?: string, 
/**
 * Those that came this way.
 */
channel?: Channel, 
/**
 * Only those that are put aside, or only those that are not.
 */
snoozed?: boolean, 
/**
 * Those that went on at or after this.
 */
from?: UtcMillis, 
/**
 * Those that had begun by then.
 */
to?: UtcMillis, 
/**
 * What stands first; `recent` unless said otherwise.
 */
sort?: SessionSort, };

export type Assigned = "me" | "none" | string;

export type SessionSort = "recent" | "waiting";

export type Priority = "low" | "normal" | "high" | "urgent";

export type Availability = "online" | "busy" | "away" | "offline";

export type RoutingMode = "automatic" | "offer" | "manual";

export type RoutedBy = "automatic" | "offer" | "returned";

export type Because = "returning_customer" | "only_one" | "language" | "least_loaded" | "most_skilled" | "longest_idle" | "equal";

export type OfferEnd = "accepted" | "declined" | "unanswered" | "gone" | "withdrawn";

export type Pass = "declined" | "unanswered" | "handed_on";

export type AskedSkill = { 
/**
 * Which.
 */
skill: SkillRef, 
/**
 * Known at this level, or better.
 */
level: number, };

export type TakenBecause = "closed" | "away" | "waited";

export type Offer = { 
/**
 * Who.
 */
agent: AgentRef, 
/**
 * From this time on it is too late to answer.
 */
until: UtcMillis, };

export type Passed = { 
/**
 * Who.
 */
agent_id: AgentId, 
/**
 * How.
 */
how: Pass, };

export type OfferState = { 
/**
 * Who is being asked.
 */
standing: Offer | null, 
/**
 * Who has passed in this round, each once.
 */
passed: Array<Passed>, 
/**
 * When the last one passed; the beginning of time if nobody has.
 */
last_pass: UtcMillis, 
/**
 * Zero before the first offer.
 */
round: number, 
/**
 * How many offers were made in all.
 */
made: number, };

export type SkillRef = { 
/**
 * The skill.
 */
id: SkillId, 
/**
 * Its name at that time.
 */
name: string, };

export type Load = { 
/**
 * Sessions that the agent holds or is being offered.
 */
active: number, 
/**
 * As many as the agent takes at once.
 */
max: number, };

export type Routed = { 
/**
 * What made routing act.
 */
mode: RoutedBy, 
/**
 * How many agents it looked at. Who is neither chosen nor skipped could have taken the session too.
 */
considered: number, 
/**
 * Who it became, and what put that agent before the others.
 */
chosen?: Chosen, 
/**
 * Who could not take it, and why: first whom the customer had before, then those who came closest; at most
 * twenty.
 */
skipped: Array<Skipped>, 
/**
 * How many more were skipped.
 */
skipped_more: number, };

export type Chosen = { 
/**
 * Who.
 */
agent: AgentRef, 
/**
 * What put this agent before the others.
 */
because: Because, 
/**
 * What the agent had to do before this session.
 */
load: Load, };

export type Skipped = { 
/**
 * Who.
 */
agent: AgentRef, 
/**
 * Why not. One reason, though there may be more.
 */
reason: SkipReason, };

export type SkipReason = { "type": "disabled" } | { "type": "not_online", 
/**
 * What the agent was instead.
 */
status: Availability, } | { "type": "not_in_team" } | { "type": "missing_skill", 
/**
 * The first one that is lacking.
 */
skill: SkillRef, 
/**
 * The level that is asked for.
 */
level: number, 
/**
 * The agent's own level, if any.
 */
has?: number, } | { "type": "language" } | { "type": "declined" } | { "type": "unanswered" } | { "type": "handed_on" } | { "type": "late" } | { "type": "at_maximum", 
/**
 * Sessions that the agent has.
 */
active: number, 
/**
 * As many as the agent takes at once.
 */
max: number, };

export type OfferEvent = { "type": "offered", 
/**
 * Who.
 */
agent: AgentRef, 
/**
 * The offer ends at this time, if it is not answered before.
 */
until: UtcMillis, 
/**
 * 1 until everybody has passed, 2 until everybody has passed again, and so on.
 */
round: number, } | { "type": "ended", 
/**
 * Whose.
 */
agent: AgentId, 
/**
 * How.
 */
end: OfferEnd, };

export type PartyKind = "customer" | "agent";

export type Party = { 
/**
 * Customer or agent.
 */
kind: PartyKind, 
/**
 * The contact's or agent's id; absent where it is the team as a whole.
 */
id?: string, 
/**
 * The display name, where there is one.
 */
name?: string, };

export type Presence = { 
/**
 * Who.
 */
who: Party, 
/**
 * Here, or gone (after the grace period).
 */
online: boolean, };

export type Receipt = { 
/**
 * Who has read.
 */
who: Party, 
/**
 * Read up to and including this entry.
 */
seq: Seq, 
/**
 * Handed to one of this side's connections up to here. A hint: it may fall back to `seq`.
 */
delivered: Seq, };

export type You = { 
/**
 * Customer or agent.
 */
kind: PartyKind, 
/**
 * The contact's or agent's id.
 */
id: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * Agents only.
 */
role?: Role, };

export type ReadPositions = { 
/**
 * The customer.
 */
customer: Seq, 
/**
 * The team, whoever of it read furthest.
 */
team: Seq, };

export type LastMessage = { 
/**
 * Its place.
 */
seq: Seq, 
/**
 * Who said it.
 */
sender: PartyKind, 
/**
 * Its first characters, on one line.
 */
preview: string, 
/**
 * When.
 */
created_at: UtcMillis, };

export type ContactSummary = { 
/**
 * The contact.
 */
id: ContactId, 
/**
 * As given.
 */
name: string | null, 
/**
 * E.164. To a customer only what that customer gave.
 */
phone?: string, 
/**
 * As given. To a customer only what that customer gave.
 */
email?: string, 
/**
 * The site has vouched for who this is (contract §2); of a session: for who began it, too.
 */
verified: boolean, 
/**
 * Blocked until then; `9999-01-01T00:00:00.000Z`: without an end. For the team only.
 */
blocked_until?: UtcMillis, };

export type Ticket = { 
/**
 * What it is about.
 */
subject: string | null, 
/**
 * How urgent it is.
 */
priority: Priority, 
/**
 * What kind of matter it is.
 */
category: string | null, 
/**
 * Words by which it is found; sorted, each once.
 */
tags: Array<string>, 
/**
 * Put aside until then.
 */
snoozed_until: UtcMillis | null, 
/**
 * Since when it waits for somebody to hold it; it stands in line by this.
 */
queued_since: UtcMillis | null, 
/**
 * What else is known about the matter: an order number, a serial number.
 */
attributes: { [key in string]: string }, 
/**
 * The session in which this one goes on, since it was merged.
 */
merged_into?: MergedInto, 
/**
 * Sessions that were merged into this one, at most [`limits::MERGED`](crate::limits::MERGED).
 */
merged_from?: Array<MergedSource>, 
/**
 * For which team it is; null: for anybody.
 */
team: TeamRef | null, 
/**
 * What whoever answers must know.
 */
skills: Array<AskedSkill>, 
/**
 * The customer's language, as a BCP 47 tag.
 */
language: string | null, 
/**
 * Where its offers stand; absent while nobody was asked.
 */
offers?: OfferState, 
/**
 * Who handed it on, while it waits for the next one.
 */
handed_on_by?: AgentId, 
/**
 * It was taken as a message, for this reason, and waits to be answered.
 */
as_message?: TakenBecause, 
/**
 * It waited too long for the team that it was for.
 */
waited_too_long?: boolean, 
/**
 * The address of the page where it began, without its query.
 */
page?: string, };

export type MergedInto = { 
/**
 * The session in which it goes on.
 */
session_id: SessionId, 
/**
 * That session's number.
 */
number: number, 
/**
 * When. It can be undone for [`limits::UNMERGE`](crate::limits::UNMERGE).
 */
at: UtcMillis, 
/**
 * The status it had.
 */
status: Status, 
/**
 * Since when its customer waited.
 */
waiting_since?: UtcMillis, 
/**
 * Since when it waited for a holder.
 */
queued_since?: UtcMillis, 
/**
 * Until when it was put aside.
 */
snoozed_until?: UtcMillis, 
/**
 * When it had ended.
 */
closed_at?: UtcMillis, };

export type MergedSource = { 
/**
 * The session.
 */
session_id: SessionId, 
/**
 * Its number.
 */
number: number, 
/**
 * Since when this session's customer waited, before it.
 */
waiting_before?: UtcMillis, 
/**
 * And after it.
 */
waiting_after?: UtcMillis, 
/**
 * Since when this session stood in line, before it.
 */
queued_before?: UtcMillis, 
/**
 * And after it.
 */
queued_after?: UtcMillis, };

export type Rating = { 
/**
 * 1 (bad) to 5 (good).
 */
score: number, 
/**
 * The customer's words.
 */
comment?: string, 
/**
 * When it was first given.
 */
rated_at: UtcMillis, 
/**
 * When it was last changed.
 */
changed_at: UtcMillis, 
/**
 * Until when the customer can change it.
 */
changeable_until: UtcMillis, };

export type Notification = { 
/**
 * Why.
 */
kind: NotificationKind, 
/**
 * Where.
 */
session: SessionId, 
/**
 * Which line of its log.
 */
seq: Seq, 
/**
 * The session's number.
 */
number: number, 
/**
 * The customer's name.
 */
contact: string | null, 
/**
 * By whom.
 */
from: Sender, 
/**
 * The first characters of the note, on one line; else empty.
 */
preview: string, 
/**
 * When.
 */
created_at: UtcMillis, 
/**
 * When the agent took note of it.
 */
read_at: UtcMillis | null, };

export type NotificationKind = "mention" | "assigned" | "due";

export type Notifications = { 
/**
 * The items.
 */
items: Array<Notification>, 
/**
 * Asks for the next page; null at the end.
 */
next_cursor: string | null, 
/**
 * How many there are in all.
 */
total: number, 
/**
 * How many of them were not read.
 */
unread: number, 
/**
 * Sessions that are open.
 */
open: number, 
/**
 * Sessions in progress.
 */
in_progress: number, 
/**
 * As many as the list `unassigned` has.
 */
unassigned: number, 
/**
 * As many as the list `waiting` has.
 */
waiting: number, 
/**
 * Something is unread, or a customer waits whom nobody holds.
 */
has_alerts: boolean, };

export type ReadNotifications = { 
/**
 * Those of this session; without it, all.
 */
session?: SessionId, };

export type EditEntry = { 
/**
 * The new text.
 */
body: string, };

export type EntryVersion = { 
/**
 * The text.
 */
body: string, 
/**
 * Until when it said so.
 */
until: UtcMillis, 
/**
 * Who changed it, or took it away.
 */
by: Sender, };

export type SlaStanding = { 
/**
 * The service level's name.
 */
policy: string, 
/**
 * The team's first answer.
 */
first_response?: SlaDue, 
/**
 * The answer to what the customer wrote later; absent while nobody waits for one.
 */
next_response?: SlaDue, 
/**
 * That it is resolved; absent while it is put aside and nobody knows for how long.
 */
resolution?: SlaDue, };

export type SlaDue = { 
/**
 * When the team is warned.
 */
warn_at?: UtcMillis, 
/**
 * When it is too late.
 */
due_at: UtcMillis, 
/**
 * When it was done.
 */
met_at?: UtcMillis, 
/**
 * How it stood when this was made.
 */
state: SlaState, };

export type SlaState = "fine" | "warned" | "breached";

export type SlaTarget = "first_response" | "next_response" | "resolution";

export type Reminder = "unassigned" | "unresolved";

export type ClientFrame = { "type": "hello", 
/**
 * A customer's or program's credential; an agent in a browser uses the cookie.
 */
token?: string, 
/**
 * Sessions to follow at once, each from its cursor.
 */
sessions?: Array<Follow>, 
/**
 * Who is asking, for the log.
 */
client?: ClientInfo, } | { "type": "open", 
/**
 * Which.
 */
session: SessionId, 
/**
 * "I have everything up to here"; without it, the last entries come.
 */
after?: Seq, 
/**
 * The store that the cursor belongs to.
 */
epoch?: Epoch, 
/**
 * Without being seen: in no presence, typing or receipt (supervisors).
 */
unseen?: boolean, } | { "type": "leave", 
/**
 * Which.
 */
session: SessionId, } | { "type": "watch", 
/**
 * Which.
 */
view: View, 
/**
 * Most sessions to show; 0: only how many there are.
 */
limit?: number, } | { "type": "unwatch", 
/**
 * Which.
 */
view: View, } | { "type": "send", 
/**
 * Chosen by the client; the same again is the same send (promise 3).
 */
id: EntryId, 
/**
 * Where.
 */
session: SessionId, 
/**
 * The text.
 */
body: string, 
/**
 * Files uploaded before.
 */
attachments?: Array<string>, 
/**
 * A note for the team instead of a message (agents).
 */
note?: boolean, 
/**
 * Agents whom a note names, at most [`limits::MENTIONS`](crate::limits::MENTIONS).
 */
mentions?: Array<string>, 
/**
 * Not if a colleague has said something behind this entry (agents).
 */
after?: Seq, } | { "type": "typing", 
/**
 * Where.
 */
session: SessionId, 
/**
 * Started or stopped.
 */
on: boolean, } | { "type": "read", 
/**
 * Where.
 */
session: SessionId, 
/**
 * Up to and including.
 */
seq: Seq, } | { "type": "availability", 
/**
 * What.
 */
status: Availability, } | { "type": "ping" };

export type Follow = { 
/**
 * Which.
 */
id: SessionId, 
/**
 * "I have everything up to here".
 */
after?: Seq, 
/**
 * The store that the cursor belongs to.
 */
epoch?: Epoch, 
/**
 * Without being seen: in no presence, typing or receipt (supervisors).
 */
unseen?: boolean, };

export type ClientInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, };

export type ServerFrame = { "type": "welcome", 
/**
 * This connection, for the log.
 */
connection: ConnectionId, 
/**
 * Who the server takes the client for.
 */
you: You, 
/**
 * The store's identity, to be sent with cursors.
 */
epoch: Epoch, 
/**
 * How often to ping, and how often the server will.
 */
heartbeat_s: number, 
/**
 * The server's clock.
 */
time: UtcMillis, 
/**
 * A customer's sessions, newest first; empty for agents, who watch lists.
 */
sessions: Array<SessionSummary>, } | { "type": "opened", 
/**
 * The session as a whole.
 */
session: SessionSummary, 
/**
 * What the client does not have yet.
 */
entries: Array<Entry>, 
/**
 * Older ones exist.
 */
more: boolean, 
/**
 * The cursor could not be served: forget what you have.
 */
reset: boolean, } | { "type": "listed", 
/**
 * Which.
 */
view: View, 
/**
 * What stands first.
 */
sort: SessionSort, 
/**
 * The first of them.
 */
sessions: Array<SessionSummary>, 
/**
 * How many the list has in all.
 */
total: number, 
/**
 * The list has more than were sent.
 */
more: boolean, } | { "type": "entry", 
/**
 * Where.
 */
session: SessionId, 
/**
 * The line.
 */
entry: Entry, } | { "type": "ack", 
/**
 * The send's id.
 */
id: EntryId, 
/**
 * Where it was stored: another session than asked for, if that one was closed.
 */
session: SessionId, 
/**
 * Its place.
 */
seq: Seq, 
/**
 * When it was decided.
 */
created_at: UtcMillis, 
/**
 * It was stored by an earlier try.
 */
duplicate: boolean, } | { "type": "typing", 
/**
 * Where.
 */
session: SessionId, 
/**
 * Who.
 */
who: Party, 
/**
 * Started or stopped.
 */
on: boolean, } | { "type": "receipt", 
/**
 * Where.
 */
session: SessionId, 
/**
 * Who.
 */
who: Party, 
/**
 * Read up to and including.
 */
seq: Seq, 
/**
 * Handed over up to and including.
 */
delivered: Seq, } | { "type": "presence", 
/**
 * Where.
 */
session: SessionId, 
/**
 * Who.
 */
who: Party, 
/**
 * Came or went.
 */
online: boolean, } | { "type": "session", 
/**
 * As it is now.
 */
session: SessionSummary, } | { "type": "added", 
/**
 * Which list.
 */
view: View, 
/**
 * Which session.
 */
session: SessionId, } | { "type": "removed", 
/**
 * Which list.
 */
view: View, 
/**
 * Which session.
 */
session: SessionId, } | { "type": "views_changed" } | { "type": "queue", 
/**
 * Which.
 */
session: SessionId, 
/**
 * 1 is next.
 */
position: number, 
/**
 * How many wait in the same queue.
 */
waiting: number, 
/**
 * How long it may still take, in seconds; absent: we can't tell.
 */
estimate_s?: number, } | { "type": "queue_left", 
/**
 * Which.
 */
session: SessionId, } | { "type": "offer", 
/**
 * Which.
 */
session: SessionSummary, 
/**
 * From this time on it is too late to answer.
 */
until: UtcMillis, } | { "type": "offer_ended", 
/**
 * Which session it was about.
 */
session: SessionId, 
/**
 * How it ended.
 */
end: OfferEnd, } | { "type": "availability", 
/**
 * Who.
 */
agent: AgentRef, 
/**
 * What.
 */
status: Availability, 
/**
 * Sessions that the agent holds.
 */
active: number, 
/**
 * As many as the agent takes at once.
 */
max: number, } | { "type": "notification", 
/**
 * What.
 */
notification: Notification, } | { "type": "error", 
/**
 * The stable word.
 */
code: ErrorCode, 
/**
 * What to do about it.
 */
message: string, 
/**
 * The `id` of the frame that it answers.
 */
id?: EntryId, 
/**
 * The `session` of the frame that it answers.
 */
session?: SessionId, 
/**
 * The list that is not kept live.
 */
view?: View, 
/**
 * The same frame may succeed later.
 */
retryable: boolean, 
/**
 * When to try again.
 */
retry_after_ms?: number, } | { "type": "pong" } | { "type": "bye", 
/**
 * Why: the word of the close code.
 */
reason: string, 
/**
 * When to come back.
 */
retry_after_ms: number, };

export type ErrorCode = "bad_frame" | "bad_request" | "unauthenticated" | "bad_login" | "totp_required" | "forbidden" | "origin_refused" | "identity_mismatch" | "blocked" | "password_change_required" | "not_found" | "link_expired" | "method_not_allowed" | "request_timeout" | "already_claimed" | "offer_over" | "wrong_status" | "not_mergeable" | "changed_meanwhile" | "in_use" | "answered_meanwhile" | "too_late" | "entry_deleted" | "conflict" | "last_admin" | "too_large" | "unsupported_type" | "range_not_satisfiable" | "infected" | "invalid" | "rate_limited" | "too_many_connections" | "internal" | "overloaded" | "store_unavailable" | "scanner_unavailable" | "files_unavailable" | "draining";

export type FieldError = { 
/**
 * Its name, as in the request.
 */
field: string, 
/**
 * What is wrong, and the limit where there is one.
 */
message: string, };

export type Problem = { 
/**
 * A name for the kind of problem (RFC 9457 §3.1.1): `urn:hubbub:problem:` and the code.
 */
type: string, 
/**
 * A short title.
 */
title: string, 
/**
 * The HTTP status.
 */
status: number, 
/**
 * The stable word.
 */
code: ErrorCode, 
/**
 * What to do about it.
 */
detail: string, 
/**
 * The fields at fault.
 */
errors: Array<FieldError>, };

export type Page<T> = { 
/**
 * The items.
 */
items: Array<T>, 
/**
 * Asks for the next page; null at the end.
 */
next_cursor: string | null, 
/**
 * How many there are in all.
 */
total: number, };

export type SiteConfig = { 
/**
 * The site's public key.
 */
key: string, 
/**
 * The shop's name.
 */
name: string, 
/**
 * Colours.
 */
theme: Theme, 
/**
 * The first words of the pre-chat form.
 */
greeting: string, 
/**
 * Languages that the team answers in.
 */
locales: Array<string>, 
/**
 * What to ask before the chat.
 */
prechat: Array<PrechatField>, 
/**
 * Null: always open.
 */
opening_hours: OpeningHours | null, 
/**
 * Within the opening hours now. What is written outside of them is taken all the same.
 */
open_now: boolean, 
/**
 * While it is closed: when it opens again; null when that is not planned.
 */
opens_at: UtcMillis | null, 
/**
 * What files are taken.
 */
uploads: UploadLimits, 
/**
 * Somebody of the team is here now.
 */
online: boolean, 
/**
 * Most characters of a message.
 */
message_chars: number, };

export type Theme = { 
/**
 * The site's colour, `#rrggbb`.
 */
color: string, };

export type UploadLimits = { 
/**
 * Most bytes of one.
 */
max_bytes: number, 
/**
 * Most of one message.
 */
max_files: number, 
/**
 * Of these types; what a file is, is found from its content.
 */
types: Array<string>, 
/**
 * The endings that fit these types, with their dot: for a page's file picker.
 */
endings: Array<string>, };

export type PrechatField = { 
/**
 * Which.
 */
name: PrechatName, 
/**
 * The start is refused without it.
 */
required: boolean, };

export type PrechatName = "name" | "phone" | "email" | "message";

export type StartSession = { 
/**
 * Chosen by the client: the same start again, within some minutes, is answered with the same session.
 */
id?: string, 
/**
 * The customer's name.
 */
name?: string, 
/**
 * The phone number, in any usual writing, with country code.
 */
phone?: string, 
/**
 * The e-mail address.
 */
email?: string, 
/**
 * The first message.
 */
message?: string, 
/**
 * BCP 47.
 */
locale?: string, 
/**
 * By which way the customer comes: `web` unless it says `api`, as a program does that shows no buttons.
 */
channel?: Channel, 
/**
 * Who the site says this is.
 */
identity?: Identity, 
/**
 * The page that the customer is on.
 */
page?: PageContext, 
/**
 * Whatever else the site asked.
 */
fields?: { [key in string]: string }, };

export type Identity = { 
/**
 * The site's own id of the visitor.
 */
external_id: string, 
/**
 * Hex HMAC-SHA256 of `external_id` under the site's secret. Without it the claim is unverified.
 */
hash?: string, 
/**
 * What the page says of the visitor: at most 20, shown to the team as said by the page. The hash is of `external_id`
 * alone, so this changes no contact: whoever is to be believed says it by PATCH `/contacts/{id}`.
 */
attributes?: { [key in string]: string }, 
/**
 * How the visitor's account stands, by the page's word: as `attributes`.
 */
account_status?: string, };

export type PageContext = { 
/**
 * Its address.
 */
url?: string, 
/**
 * Its title.
 */
title?: string, 
/**
 * Where the customer came from.
 */
referrer?: string, };

export type SessionsPage = { 
/**
 * The items. With `q` a page may be short, or empty, and yet not be the last.
 */
items: Array<ListedSession>, 
/**
 * Asks for the next page; null at the end.
 */
next_cursor: string | null, 
/**
 * How many there are in all; with `q` and without `total_is_exact`: at least.
 */
total: number, 
/**
 * Whether `total` is more than what was counted so far.
 */
total_is_exact: boolean, };

export type ListedSession = { 
/**
 * Why it was found; only with `q`.
 */
match?: Match, 
/**
 * The session.
 */
id: SessionId, 
/**
 * The site's key.
 */
site: string, 
/**
 * By which way the customer came.
 */
channel: Channel, 
/**
 * Where it is in its life.
 */
status: Status, 
/**
 * The customer.
 */
contact: ContactSummary, 
/**
 * Who holds it.
 */
assignee: AgentRef | null, 
/**
 * The number that people call it by: 1, 2, 3 … over the whole installation.
 */
number: number, 
/**
 * What was promised of it, for the team, if a service level fits it.
 */
sla?: SlaStanding, 
/**
 * The last entry's place, whoever may see it.
 */
last_seq: Seq, 
/**
 * Grows with every change; an older summary never replaces a newer one.
 */
version: number, 
/**
 * The last thing said.
 */
last_message: LastMessage | null, 
/**
 * Messages of the other side that the reader's side has not read.
 */
unread: number, 
/**
 * How far each side has read.
 */
read: ReadPositions, 
/**
 * Since when the customer has been waiting for an answer.
 */
waiting_since: UtcMillis | null, 
/**
 * The closed session that this one continues.
 */
previous_session_id: SessionId | null, 
/**
 * The session that continues this closed one.
 */
next_session_id: SessionId | null, 
/**
 * When it began.
 */
created_at: UtcMillis, 
/**
 * The last entry's time.
 */
updated_at: UtcMillis, 
/**
 * When it ended.
 */
closed_at: UtcMillis | null, 
/**
 * How the customer found it.
 */
rating?: Rating, };

export type Match = { 
/**
 * Where.
 */
field: MatchField, 
/**
 * The entry.
 */
seq?: Seq, 
/**
 * When it was said.
 */
at?: UtcMillis, 
/**
 * The words, with what stands around them; one line.
 */
snippet: Array<SnippetPart>, };

export type MatchField = "number" | "phone" | "email" | "name" | "tag" | "subject" | "category" | "entry";

export type SnippetPart = { 
/**
 * The text, as it is: no markup.
 */
text: string, 
/**
 * It is what was looked for.
 */
hit: boolean, };

export type SessionContext = { 
/**
 * The page on which it began.
 */
page: PageContext, 
/**
 * What else the site asked or told.
 */
fields: { [key in string]: string }, 
/**
 * What the customer looks at the site with, as far as it can be told.
 */
browser: Browser | null, 
/**
 * The customer's language (BCP 47).
 */
locale: string | null, 
/**
 * Who the site says that it is, where nobody proved it.
 */
claimed_external_id: string | null, 
/**
 * What the page said of the visitor at the start; nobody proved it.
 */
claimed_attributes: { [key in string]: string }, 
/**
 * How the visitor's account stands, by the page's word.
 */
claimed_account_status: string | null, 
/**
 * Where the visitor was since, the newest first, at most [`limits::PAGES`](crate::limits::PAGES).
 */
pages: Array<SeenPage>, 
/**
 * Who the customer is.
 */
contact: Contact | null, 
/**
 * The customer's other chats.
 */
history: CustomerHistory, };

export type CustomerHistory = { 
/**
 * How many other chats there are.
 */
sessions: number, 
/**
 * How many of them the caller may not see.
 */
hidden: number, 
/**
 * Those that go on, the newest first, at most [`limits::CONTEXT_SESSIONS`](crate::limits::CONTEXT_SESSIONS).
 */
open: Array<SessionSummary>, 
/**
 * Those that are resolved or closed, as many.
 */
earlier: Array<SessionSummary>, 
/**
 * The last ratings, this chat's among them, as many.
 */
ratings: Array<PastRating>, 
/**
 * When the customer was first here.
 */
first_seen_at: UtcMillis | null, 
/**
 * When the customer was last here, as far as it is known: on a page, or saying something.
 */
last_seen_at: UtcMillis | null, };

export type PastRating = { 
/**
 * Which chat.
 */
session_id: SessionId, 
/**
 * Its number.
 */
number: number, 
/**
 * 1 (bad) to 5 (good).
 */
score: number, 
/**
 * In words.
 */
comment: string | null, 
/**
 * When it was first given.
 */
rated_at: UtcMillis, };

export type Contact = { 
/**
 * The contact.
 */
id: ContactId, 
/**
 * The key of its site: a contact is of one site.
 */
site: string, 
/**
 * The name.
 */
name: string | null, 
/**
 * E.164.
 */
phone: string | null, 
/**
 * The e-mail address.
 */
email: string | null, 
/**
 * The site's own id of the person; who has one is verified.
 */
external_id: string | null, 
/**
 * The site has vouched for who this is.
 */
verified: boolean, 
/**
 * What else is known, by the key of a defined attribute (GET `/attributes`), as the team or the host has said it.
 */
attributes: { [key in string]: string }, 
/**
 * How the account stands, in the host's words.
 */
account_status: string | null, 
/**
 * Whether and why the contact cannot write.
 */
blocked: ContactBlock | null, 
/**
 * The contact in which this one went on: it is not in lists any more.
 */
merged_into: ContactId | null, 
/**
 * How often it was changed: PATCH with it, and nobody's change is lost.
 */
version: number, 
/**
 * When it was made.
 */
created_at: UtcMillis, 
/**
 * When it was last changed.
 */
updated_at: UtcMillis, 
/**
 * Contacts that went on in this one; in GET `/contacts/{contact}` only.
 */
merged?: Array<MergedContact>, 
/**
 * What was done to it, the newest first; in GET `/contacts/{contact}` only.
 */
log?: Array<ContactEvent>, };

export type ContactBlock = { 
/**
 * Why.
 */
reason: string, 
/**
 * Until when; null: until somebody lifts it.
 */
until: UtcMillis | null, 
/**
 * Since when.
 */
at: UtcMillis, 
/**
 * Who did it.
 */
by: AgentRef | null, };

export type ContactEvent = { 
/**
 * When.
 */
at: UtcMillis, 
/**
 * By whom.
 */
by: AgentRef | null, 
/**
 * What.
 */
what: ContactDone, };

export type ContactDone = { "type": "made" } | { "type": "edited", 
/**
 * Their names.
 */
fields: Array<string>, } | { "type": "blocked", 
/**
 * Why.
 */
reason: string, 
/**
 * Until when; null: until somebody lifts it.
 */
until: UtcMillis | null, } | { "type": "unblocked" } | { "type": "merged", 
/**
 * The other one.
 */
into: ContactId, 
/**
 * That one's name.
 */
name: string | null, } | { "type": "merged_from", 
/**
 * The other one.
 */
contact_id: ContactId, 
/**
 * That one's name.
 */
name: string | null, } | { "type": "unmerged", 
/**
 * The other one.
 */
contact_id: ContactId, 
/**
 * That one's name.
 */
name: string | null, };

export type MergedContact = { 
/**
 * The contact.
 */
id: ContactId, 
/**
 * The name that it has.
 */
name: string | null, 
/**
 * The phone number that it has.
 */
phone: string | null, 
/**
 * The e-mail address that it has.
 */
email: string | null, 
/**
 * Into which one it was merged: this one, or one that was merged into this one.
 */
into: ContactId, 
/**
 * When.
 */
at: UtcMillis, };

export type NewContact = { 
/**
 * The key of its site.
 */
site: string, 
/**
 * The name.
 */
name?: string, 
/**
 * The phone number, with country code.
 */
phone?: string, 
/**
 * The e-mail address.
 */
email?: string, 
/**
 * The site's own id of the person, which vouches for them: for supervisors and admins to say.
 */
external_id?: string, 
/**
 * How the account stands.
 */
account_status?: string, 
/**
 * Defined attributes.
 */
attributes?: { [key in string]: string }, };

export type EditContact = { 
/**
 * The `version` that the caller has seen: if it is another by now, nothing changes (409 `changed_meanwhile`).
 */
version?: number, 
/**
 * The name.
 */
name?: string | null, 
/**
 * The phone number, with country code.
 */
phone?: string | null, 
/**
 * The e-mail address.
 */
email?: string | null, 
/**
 * How the account stands.
 */
account_status?: string | null, 
/**
 * Defined attributes that come or change, and (null) those that go.
 */
attributes?: { [key in string]: string | null }, };

export type BlockContact = { 
/**
 * Why; the team reads it, the customer does not.
 */
reason: string, 
/**
 * Until when, in the future; left out: until somebody lifts it.
 */
until?: UtcMillis, };

export type MergeContact = { 
/**
 * The contact in which it goes on: one of the same site.
 */
into: ContactId, };

export type Attribute = { 
/**
 * The definition.
 */
id: string, 
/**
 * What has it.
 */
of: AttributeOf, 
/**
 * By what it is named in `attributes`.
 */
key: string, 
/**
 * What people call it.
 */
label: string, 
/**
 * What its values are.
 */
kind: AttributeKind, 
/**
 * Of a list: what there is to choose.
 */
choices: Array<string>, 
/**
 * What it is for.
 */
about: string | null, 
/**
 * When it was defined.
 */
created_at: UtcMillis, };

export type AttributeOf = "contact" | "session";

export type AttributeKind = "text" | "number" | "boolean" | "date" | "url" | "list";

export type NewAttribute = { 
/**
 * What has it.
 */
of: AttributeOf, 
/**
 * By what it is named: small letters, digits, `_` and `-`, unlike any other's of the same. It stays as it is.
 */
key: string, 
/**
 * What people call it.
 */
label: string, 
/**
 * What its values are. It stays as it is.
 */
kind: AttributeKind, 
/**
 * Of a list, and only of one: what there is to choose, at least one.
 */
choices?: Array<string>, 
/**
 * What it is for.
 */
about?: string, };

export type EditAttribute = { 
/**
 * What people call it.
 */
label?: string, 
/**
 * Of a list: what there is to choose.
 */
choices?: Array<string>, 
/**
 * What it is for; empty: nothing is said.
 */
about?: string, };

export type Browser = { 
/**
 * Its name, and its version where it says one: `Firefox 141`.
 */
name: string | null, 
/**
 * The operating system: `Android`.
 */
os: string | null, };

export type SeenPage = { 
/**
 * Its address.
 */
url: string, 
/**
 * Its title.
 */
title: string | null, 
/**
 * When they came to it.
 */
seen_at: UtcMillis, };

export type SetPage = { 
/**
 * Its address, `http` or `https`, at most [`limits::PAGE_CHARS`](crate::limits::PAGE_CHARS). What stands behind `#`, and
 * what looks like a secret in the query, is not kept.
 */
url: string, 
/**
 * Its title, at most [`limits::PAGE_CHARS`](crate::limits::PAGE_CHARS).
 */
title?: string, };

export type StartedSession = { 
/**
 * The customer's credential. Shown once.
 */
token: string, 
/**
 * The store's identity, to be sent with cursors.
 */
epoch: Epoch, 
/**
 * The session.
 */
session: SessionSummary, 
/**
 * The contact, as far as the caller said it.
 */
contact: ContactSummary, 
/**
 * The log so far.
 */
entries: Array<Entry>, };

export type CustomerMe = { 
/**
 * The contact, as far as the caller said it.
 */
contact: ContactSummary, 
/**
 * The sessions that the token reaches, newest first.
 */
sessions: Array<SessionSummary>, 
/**
 * Unread messages over all of them.
 */
unread: number, };

export type SendMessage = { 
/**
 * Chosen by the client; the same again is the same send.
 */
id: EntryId, 
/**
 * The text; empty only beside files.
 */
body: string, 
/**
 * Files uploaded before, by the same sender to the same session, and not sent yet.
 */
attachments?: Array<string>, 
/**
 * Agents whom a note names, at most [`limits::MENTIONS`](crate::limits::MENTIONS).
 */
mentions?: Array<string>, 
/**
 * Not if a colleague has said something behind this entry (agents).
 */
after?: Seq, };

export type Sent = { 
/**
 * The send's id.
 */
id: EntryId, 
/**
 * Where it was stored: another session than asked for, if that one was closed.
 */
session: SessionId, 
/**
 * Its place.
 */
seq: Seq, 
/**
 * When it was decided.
 */
created_at: UtcMillis, 
/**
 * It was stored by an earlier try.
 */
duplicate: boolean, };

export type SetTyping = { 
/**
 * Started or stopped.
 */
on: boolean, };

export type SetRead = { 
/**
 * Up to and including.
 */
seq: Seq, };

export type SetRating = { 
/**
 * 1 to 5.
 */
score: number, 
/**
 * The customer's words.
 */
comment?: string, };

export type PatchSession = { 
/**
 * The new status.
 */
status?: Status, 
/**
 * The new priority.
 */
priority?: Priority, 
/**
 * What it is about, at most 200 characters.
 */
subject?: string | null, 
/**
 * What kind of matter it is, at most 60 characters.
 */
category?: string | null, 
/**
 * All its tags from now on, at most 20, in lower case and without commas.
 */
tags?: Array<string>, 
/**
 * Attributes that come or change, and (null) those that go; at most 50.
 */
attributes?: { [key in string]: string | null }, 
/**
 * Put aside until then, at most a year ahead; `null`: no longer.
 */
snoozed_until?: string | null, 
/**
 * For which team it is; `null`: for anybody.
 */
team_id?: TeamId | null, 
/**
 * What whoever answers must know, all of it; at most 10.
 */
skills?: Array<SetSkill>, 
/**
 * The customer's language, a BCP 47 tag; `null`: any.
 */
language?: string | null, };

export type AssignSession = { 
/**
 * Who holds it from now on; `null`: it goes back in line.
 */
agent_id: AgentId | null, };

export type MergeSession = { 
/**
 * The session in which it goes on: one of the same customer.
 */
into: SessionId, };

export type NewBulk = { 
/**
 * These sessions.
 */
ids?: Array<SessionId>, 
/**
 * Those that GET `/sessions` finds with these parameters.
 */
filter?: { [key in string]: string }, 
/**
 * What happens to each, by you and with your rights.
 */
action: BulkAction, };

export type BulkAction = { "type": "status", 
/**
 * The new one.
 */
status: Status, } | { "type": "priority", 
/**
 * The new one.
 */
priority: Priority, } | { "type": "tags", 
/**
 * Those that come.
 */
add?: Array<string>, 
/**
 * Those that go.
 */
remove?: Array<string>, } | { "type": "assign", 
/**
 * Who; `null`: it goes back in line.
 */
agent_id: AgentId | null, };

export type Bulk = { 
/**
 * The job.
 */
id: string, 
/**
 * What happens to each session.
 */
action: BulkAction, 
/**
 * Whether it goes on.
 */
state: BulkState, 
/**
 * How many sessions it is about.
 */
total: number, 
/**
 * To how many it happened, or was so already.
 */
done: number, 
/**
 * To how many it could not.
 */
failed: number, 
/**
 * Why; the first [`limits::BULK_ERRORS`](crate::limits::BULK_ERRORS).
 */
errors: Array<BulkError>, 
/**
 * When it began.
 */
started_at: UtcMillis, 
/**
 * When it ended.
 */
ended_at: UtcMillis | null, };

export type BulkState = "running" | "done" | "stopped";

export type BulkError = { 
/**
 * The session.
 */
session_id: SessionId, 
/**
 * The stable word.
 */
code: ErrorCode, 
/**
 * What to do about it.
 */
message: string, };

export type SetAvailability = { 
/**
 * What the agent is from now on.
 */
status: Availability, };

export type StatusSince = { 
/**
 * What.
 */
status: Availability, 
/**
 * From when, until the next one.
 */
since: UtcMillis, };

export type Workload = { 
/**
 * Who.
 */
agent: AgentRef, 
/**
 * What they are now.
 */
status: Availability, 
/**
 * What they chose last; worse news, as being away, come by themselves.
 */
chosen: Availability, 
/**
 * Sessions that the agent holds, open or in progress and not put aside.
 */
active: number, 
/**
 * As many as the agent takes at once.
 */
max: number, };

export type TransferSession = { 
/**
 * Who holds it from now on.
 */
agent_id?: AgentId, 
/**
 * For which team it is.
 */
team_id?: TeamId, 
/**
 * What whoever takes it must know: a skill, by id or by name.
 */
skill?: string, 
/**
 * How well, 1 to 5; 1 if left out.
 */
level?: number, 
/**
 * What the next one should know: becomes a note.
 */
note?: string, };

export type QueuePlace = { 
/**
 * 1 is next.
 */
position: number, 
/**
 * How many wait in the same queue.
 */
waiting: number, 
/**
 * How long it may still take, in seconds; absent: we can't tell.
 */
estimate_s?: number, };

export type Settings = { 
/**
 * How chats find their agents.
 */
routing: RoutingSettings, 
/**
 * Service levels; a chat has the first that fits it.
 */
sla: Array<SlaPolicy>, 
/**
 * Who is reminded of what.
 */
reminders: ReminderSettings, 
/**
 * When chats end by themselves.
 */
closing: ClosingSettings, };

export type EditSettings = { 
/**
 * How chats find their agents.
 */
routing?: RoutingSettings, 
/**
 * Service levels; at most [`limits::SLA_POLICIES`].
 */
sla?: Array<SlaPolicy>, 
/**
 * Who is reminded of what.
 */
reminders?: ReminderSettings, 
/**
 * When chats end by themselves.
 */
closing?: ClosingSettings, };

export type RoutingSettings = { 
/**
 * For all; null: as the server was started.
 */
mode: RoutingMode | null, 
/**
 * What is different for a site.
 */
sites: Record<SiteId, SiteRouting>, 
/**
 * What is different for a team; goes before what is for the site.
 */
teams: Record<TeamId, TeamRouting>, 
/**
 * Seconds that an agent has to answer an offer; null: 30.
 */
offer_seconds: number | null, 
/**
 * After so many offers in a row that an agent left unanswered, the agent is away; null: never.
 */
away_after_unanswered: number | null, 
/**
 * Seconds after which a wait is too long; null: never.
 */
max_wait_s: number | null, 
/**
 * What happens then.
 */
fallback: Fallback, 
/**
 * Whether nobody will do who does not speak the customer's language; else whoever does comes first.
 */
language_required: boolean, 
/**
 * Whether a chat is taken as a message when nobody is here, or the site is closed; null: as the server was started.
 */
take_messages: boolean | null, };

export type SiteRouting = { 
/**
 * How its chats find their agents.
 */
mode: RoutingMode | null, 
/**
 * For which team a chat that begins there is.
 */
team: TeamId | null, 
/**
 * What whoever answers a chat that begins there must know.
 */
skills: Array<SetSkill>, };

export type TeamRouting = { 
/**
 * How its chats find their agents.
 */
mode: RoutingMode | null, };

export type Fallback = { "type": "leave_message" } | { "type": "team", 
/**
 * Which.
 */
team_id: TeamId, };

export type SessionEvents = { 
/**
 * The store's identity.
 */
epoch: Epoch, 
/**
 * The cursor could not be served: forget what you have.
 */
reset: boolean, 
/**
 * The entries after the cursor; at most a page, so ask again at once while there are some.
 */
entries: Array<Entry>, 
/**
 * The cursor for the next request.
 */
last_seq: Seq, 
/**
 * Who is typing now.
 */
typing: Array<Party>, 
/**
 * Who is here now.
 */
presence: Array<Presence>, 
/**
 * How far each side has read.
 */
receipts: Array<Receipt>, 
/**
 * The session as a whole.
 */
session: SessionSummary, 
/**
 * A customer's place in the queue, while it is in line.
 */
queue?: QueuePlace, 
/**
 * Names the typing, presence, receipts, summary and place above: sent back as `state`, the next request is
 * answered at once if they have changed since.
 */
state: string, 
/**
 * How long to wait before the next request.
 */
retry_after_ms: number, };

export type PollRequest = { 
/**
 * Sessions to follow.
 */
sessions?: Array<PollSession>, 
/**
 * Lists to watch (agents), each once.
 */
views?: Array<PollView>, 
/**
 * Seconds to hold the request if there is nothing new: 0–30, default 25.
 */
wait?: number, };

export type PollSession = { 
/**
 * Which.
 */
id: SessionId, 
/**
 * "I have everything up to here"; without it, the last entries come, with `reset`.
 */
after?: Seq, 
/**
 * The store that the cursor belongs to.
 */
epoch?: Epoch, 
/**
 * The `state` of the last answer.
 */
state?: string, 
/**
 * Without being seen: in no presence, typing or receipt (supervisors).
 */
unseen?: boolean, };

export type PollView = { 
/**
 * Which.
 */
view: View, 
/**
 * Most sessions to show: 0–200, default 50; 0: only how many there are.
 */
limit?: number, 
/**
 * The `version` of the last answer.
 */
version?: string, };

export type SavedView = { 
/**
 * The view.
 */
id: ViewId, 
/**
 * What it is called.
 */
name: string, 
/**
 * Whose it is; null: everybody's.
 */
owner_id: AgentId | null, 
/**
 * Which sessions. `me` is whoever looks.
 */
filter: ViewFilter, 
/**
 * When it was made.
 */
created_at: UtcMillis, 
/**
 * When it was last changed.
 */
updated_at: UtcMillis, };

export type EditView = { 
/**
 * What it is called; among everybody's, and among each agent's own, each name once.
 */
name?: string, 
/**
 * It is everybody's, not one's own (supervisors and admins); a new one is one's own.
 */
shared?: boolean, 
/**
 * Which sessions.
 */
filter?: ViewFilter, };

export type ViewOrder = { 
/**
 * The order of everybody's (supervisors and admins), or of one's own.
 */
shared: boolean, 
/**
 * All of them, each once.
 */
views: Array<ViewId>, };

export type PollAnswer = { 
/**
 * The store's identity.
 */
epoch: Epoch, 
/**
 * News of sessions.
 */
sessions: Array<SessionEvents>, 
/**
 * Lists that changed, whole.
 */
views: Array<ListedView>, 
/**
 * Sessions of the request that are not there, or not open to the caller (any more).
 */
missing: Array<SessionId>, 
/**
 * Lists of the request that are not there, or not open to the caller (any more).
 */
missing_views?: Array<View>, 
/**
 * How long to wait before the next request.
 */
retry_after_ms: number, };

export type ListedView = { 
/**
 * Which.
 */
view: View, 
/**
 * Names this content; for the next request.
 */
version: string, 
/**
 * What stands first.
 */
sort: SessionSort, 
/**
 * The first of them.
 */
sessions: Array<SessionSummary>, 
/**
 * How many the list has in all.
 */
total: number, 
/**
 * The list has more than were sent.
 */
more: boolean, };

export type Login = { 
/**
 * The agent's e-mail.
 */
email: string, 
/**
 * The password.
 */
password: string, 
/**
 * With a second factor: the code of now, or a recovery code.
 */
totp?: string, };

export type ChangePassword = { 
/**
 * The one in force.
 */
current: string, 
/**
 * The new one: 10 to 200 characters.
 */
new: string, };

export type AgentMe = { 
/**
 * Who.
 */
you: You, 
/**
 * The e-mail.
 */
email: string, 
/**
 * Nothing but `/auth/…` works until the password was changed.
 */
password_change_required: boolean, 
/**
 * A login asks for a code, too.
 */
second_factor?: boolean, };

export type LinkKind = "invitation" | "reset";

export type WelcomeToken = { 
/**
 * The token.
 */
token: string, };

export type Welcome = { 
/**
 * What it is for.
 */
kind: LinkKind, 
/**
 * The display name.
 */
name: string, 
/**
 * The login name.
 */
email: string, 
/**
 * Accepting it asks for a code, too.
 */
second_factor?: boolean, };

export type AcceptWelcome = { 
/**
 * The token of the link.
 */
token: string, 
/**
 * The password to be: 10 to 200 characters.
 */
password: string, 
/**
 * Another display name.
 */
name?: string, 
/**
 * With a second factor: the code of now, or a recovery code.
 */
totp?: string, };

export type ConfirmPassword = { 
/**
 * The one in force.
 */
password: string, };

export type NewTotp = { 
/**
 * The secret, in Base32, to be typed into an authenticator.
 */
secret: string, 
/**
 * The same as `otpauth://…`, to be shown as a QR code.
 */
url: string, };

export type ConfirmTotp = { 
/**
 * The code of now.
 */
code: string, };

export type RecoveryCodes = { 
/**
 * Ten of them.
 */
recovery_codes: Array<string>, };

export type AgentLogin = { 
/**
 * The login; ends it, opens nothing.
 */
id: LoginId, 
/**
 * What the browser said that it is; empty if it said nothing.
 */
label: string, 
/**
 * When it began.
 */
created_at: UtcMillis, 
/**
 * When it was last used, to within five minutes.
 */
seen_at: UtcMillis, 
/**
 * It is the one that asks.
 */
current: boolean, };

export type Agent = { 
/**
 * The agent.
 */
id: AgentId, 
/**
 * The display name.
 */
name: string, 
/**
 * What they may do.
 */
role: Role, 
/**
 * The address of a picture; null: none.
 */
avatar_url: string | null, 
/**
 * The teams, by name.
 */
teams: Array<TeamRef>, 
/**
 * The skills, by name.
 */
skills: Array<AgentSkill>, 
/**
 * Languages that they answer in (BCP 47), the preferred one first.
 */
languages: Array<string>, 
/**
 * Chats that they are given at a time; 0: none.
 */
max_chats: number, 
/**
 * May not log in.
 */
disabled: boolean, 
/**
 * The login name.
 */
email?: string, 
/**
 * What stands below their messages where that is usual, as in a mail.
 */
signature?: string, 
/**
 * Has not chosen a password yet.
 */
invited?: boolean, 
/**
 * A login asks for a code, too.
 */
second_factor?: boolean, 
/**
 * When they were added.
 */
created_at?: UtcMillis, 
/**
 * When any of this was last changed.
 */
updated_at?: UtcMillis, };

export type TeamRef = { 
/**
 * The team.
 */
id: TeamId, 
/**
 * Its name; of a session, at the time when it became the session's.
 */
name: string, };

export type AgentSkill = { 
/**
 * The skill.
 */
id: SkillId, 
/**
 * Its name.
 */
name: string, 
/**
 * How well: 1 to 5.
 */
level: number, };

export type SetSkill = { 
/**
 * The skill, by id or by name.
 */
skill: string, 
/**
 * How well: 1 to 5.
 */
level: number, };

export type NewAgent = { 
/**
 * The login name.
 */
email: string, 
/**
 * The display name.
 */
name: string, 
/**
 * What they may do.
 */
role: Role, 
/**
 * Chats that they are given at a time: 0 to 100, default 5.
 */
max_chats?: number, 
/**
 * Languages that they answer in (BCP 47), at most 20.
 */
languages?: Array<string>, 
/**
 * The teams.
 */
teams?: Array<TeamId>, 
/**
 * The skills.
 */
skills?: Array<SetSkill>, };

export type EditAgent = { 
/**
 * The login name.
 */
email?: string, 
/**
 * The display name.
 */
name?: string, 
/**
 * What they may do. Another role ends their logins.
 */
role?: Role, 
/**
 * Shuts them out, or lets them in again.
 */
disabled?: boolean, 
/**
 * Chats that they are given at a time: 0 to 100.
 */
max_chats?: number, 
/**
 * Languages that they answer in (BCP 47), at most 20.
 */
languages?: Array<string>, 
/**
 * At most 500 characters.
 */
signature?: string, 
/**
 * The address of a picture, `https://…`; null: none.
 */
avatar_url?: string | null, 
/**
 * The teams, all of them.
 */
teams?: Array<TeamId>, };

export type Link = { 
/**
 * Where it leads. The token stands after the `#`, which no browser sends.
 */
url: string, 
/**
 * Until when.
 */
expires_at: UtcMillis, };

export type InvitedAgent = { 
/**
 * The new member.
 */
agent: Agent, 
/**
 * What to send them.
 */
invitation: Link, };

export type Team = { 
/**
 * The team.
 */
id: TeamId, 
/**
 * Its name.
 */
name: string, 
/**
 * Who is in it.
 */
members: Array<AgentId>, 
/**
 * When it was made.
 */
created_at: UtcMillis, };

export type EditTeam = { 
/**
 * Its name: at most 60 characters, unlike any other team's.
 */
name?: string, 
/**
 * Who is in it, all of them: at most 200.
 */
members?: Array<AgentId>, };

export type Skill = { 
/**
 * The skill.
 */
id: SkillId, 
/**
 * Its name.
 */
name: string, 
/**
 * How many agents have it.
 */
agents: number, 
/**
 * When it was made.
 */
created_at: UtcMillis, };

export type EditSkill = { 
/**
 * Its name: at most 60 characters, unlike any other skill's.
 */
name: string, };

export type CannedScope = "personal" | "team" | "all";

export type AttachCanned = { 
/**
 * The session that they are to be sent in.
 */
session_id: SessionId, };

export type AttachedCanned = { 
/**
 * The files, which wait for a message.
 */
attachments: Array<Attachment>, };

export type CannedAnswer = { 
/**
 * The answer.
 */
id: CannedId, 
/**
 * The word that it is found by.
 */
shortcut: string, 
/**
 * What it is about; empty: nothing is said.
 */
title: string, 
/**
 * What kind of answer it is; empty: none.
 */
category: string, 
/**
 * The text, with `{{variables}}` and `{{? blanks}}`.
 */
body: string, 
/**
 * Its files, for who sees it.
 */
attachments: Array<Attachment>, 
/**
 * Who has it.
 */
scope: CannedScope, 
/**
 * Which team has it.
 */
team: TeamRef | null, 
/**
 * Another one that you have comes before it by the same shortcut.
 */
shadowed: boolean, 
/**
 * How often it was used.
 */
uses: number, 
/**
 * When it was used last.
 */
last_used_at: UtcMillis | null, 
/**
 * When it was made.
 */
created_at: UtcMillis, 
/**
 * Who made it.
 */
created_by: AgentRef, 
/**
 * When it was last changed.
 */
updated_at: UtcMillis, 
/**
 * Who changed it.
 */
updated_by: AgentRef, };

export type EditCanned = { 
/**
 * The word that it is found by: letters and digits of any language, `_` and `-`; kept in lower case.
 */
shortcut?: string, 
/**
 * What it is about.
 */
title?: string, 
/**
 * What kind of answer it is.
 */
category?: string, 
/**
 * The text.
 */
body?: string, 
/**
 * Who has it; a new one is personal unless it says otherwise.
 */
scope?: CannedScope, 
/**
 * Which team has it, for the scope `team`.
 */
team_id?: TeamId, };

export type CannedCategory = { 
/**
 * Its name.
 */
name: string, 
/**
 * How many answers of it you see.
 */
answers: number, };

export type RenderCanned = { 
/**
 * The session whose customer it is for.
 */
session_id: SessionId, 
/**
 * What stands in the blanks, by their names.
 */
blanks?: { [key in string]: string }, };

export type PreviewCanned = { 
/**
 * The text, with `{{variables}}` and `{{? blanks}}`.
 */
body: string, };

export type RenderedCanned = { 
/**
 * The text; what is missing stands in it as `[name]`.
 */
body: string, 
/**
 * What is missing, in its order.
 */
missing: Array<MissingPart>, 
/**
 * The answer's files; POST `/canned/{id}/attach` makes them yours to send.
 */
attachments: Array<Attachment>, };

export type MissingPart = { 
/**
 * The blank, or the variable that has no value here.
 */
name: string, 
/**
 * A blank, not a variable.
 */
blank: boolean, 
/**
 * Where it stands in the text, in characters (Unicode code points).
 */
at: number, 
/**
 * How long it is there, in characters.
 */
length: number, };

export type CannedFile = { 
/**
 * The answers.
 */
items: Array<CannedRow>, };

export type CannedRow = { 
/**
 * The word that it is found by.
 */
shortcut: string, 
/**
 * What it is about.
 */
title?: string, 
/**
 * What kind of answer it is.
 */
category?: string, 
/**
 * The text.
 */
body: string, 
/**
 * Who has it: `personal` (if it is empty, too), `team` or `all`.
 */
scope?: string, 
/**
 * The team's name, for the scope `team`.
 */
team?: string, };

export type ImportedCanned = { 
/**
 * So many are new.
 */
created: number, 
/**
 * So many took the place of what was there.
 */
replaced: number, };

export type TemplateVariable = "contact.name" | "contact.first_name" | "contact.email" | "contact.phone" | "agent.name" | "agent.first_name" | "agent.signature" | "session.number" | "session.subject" | "site.name";

export type Site = { 
/**
 * The site.
 */
id: SiteId, 
/**
 * The public key, in the script tag.
 */
key: string, 
/**
 * The shop's name.
 */
name: string, 
/**
 * The site's colour, `#rrggbb`.
 */
color: string, 
/**
 * The first words of the pre-chat form.
 */
greeting: string, 
/**
 * What to ask before the chat.
 */
prechat: Array<PrechatField>, 
/**
 * Origins whose pages may use the site: `https://shop.example`, or `localhost` for any port of it.
 */
allowed_origins: Array<string>, 
/**
 * Secrets that sign identities; up to two live at once. For admins only.
 */
identity_secrets?: Array<string>, 
/**
 * Opening hours; null: always open.
 */
hours: OpeningHours | null, 
/**
 * When it was made.
 */
created_at: UtcMillis, };

export type EditSite = { 
/**
 * The public key: lower-case letters, digits and hyphens. Cannot be changed later.
 */
key?: string, 
/**
 * The shop's name.
 */
name?: string, 
/**
 * The site's colour, `#rrggbb`.
 */
color?: string, 
/**
 * The first words of the pre-chat form.
 */
greeting?: string, 
/**
 * What to ask before the chat.
 */
prechat?: Array<PrechatField>, 
/**
 * Origins whose pages may use the site.
 */
allowed_origins?: Array<string>, 
/**
 * Opening hours; null makes the site always open.
 */
hours?: OpeningHours | null, };

export type OpeningHours = { 
/**
 * The IANA name of the time zone, such as `Europe/Berlin`.
 */
time_zone: string, 
/**
 * Open day and night, but for the holidays; then there is no `week`.
 */
always?: boolean, 
/**
 * The hours of each day; closed on a day that is not named.
 */
week?: { [key in Weekday]?: Array<TimeSpan> }, 
/**
 * The days that differ from the week.
 */
holidays?: Array<Holiday>, };

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

export type TimeSpan = { 
/**
 * Open from then on.
 */
from: TimeOfDay, 
/**
 * Closed from then on.
 */
to: TimeOfDay, };

export type Holiday = { 
/**
 * The day.
 */
date: LocalDate, 
/**
 * What the team calls it.
 */
name?: string, 
/**
 * Open then all the same; closed all day without.
 */
spans?: Array<TimeSpan>, };

export type SlaPolicy = { 
/**
 * What the team calls it.
 */
name: string, 
/**
 * Which sessions it is for.
 */
when?: SlaScope, 
/**
 * What is promised.
 */
targets: SlaTargets, 
/**
 * So long before a due time the team is warned, in seconds of the same clock; 0: not at all.
 */
warn_before_s?: number, 
/**
 * What happens on a breach, in this order.
 */
escalate?: Array<SlaEscalation>, };

export type SlaScope = { 
/**
 * Of one of these priorities.
 */
priorities?: Array<Priority>, 
/**
 * On one of these sites.
 */
sites?: Array<SiteId>, 
/**
 * With one of these tags.
 */
tags?: Array<string>, };

export type SlaTargets = { 
/**
 * Seconds from the start until the team's first answer.
 */
first_response_s?: number, 
/**
 * Seconds from what the customer wrote later until the team's answer to it.
 */
next_response_s?: number, 
/**
 * Seconds from the start until it is resolved, without those in which it slept.
 */
resolution_s?: number, 
/**
 * Only the seconds within the site's opening hours count.
 */
business_hours?: boolean, };

export type SlaEscalation = "raise_priority" | "notify" | "reassign";

export type ReminderSettings = { 
/**
 * Supervisors, of a chat that nobody has taken for so long.
 */
unassigned_after_s: number | null, 
/**
 * The holder, of a chat that is not resolved after so long.
 */
unresolved_after_s: number | null, };

export type ClosingSettings = { 
/**
 * A chat ends when the team spoke last and the customer has not answered for so long; null: never.
 */
inactive_after_s: number | null, 
/**
 * So long before that the customer is told; 0: not at all.
 */
warn_before_s: number, 
/**
 * What the customer is told then. `{minutes}` stands for the minutes that are left.
 */
warning_text: string, 
/**
 * What the customer reads when the chat ends by itself, or by a word; empty: nothing.
 */
closing_text: string, 
/**
 * A chat that is in progress is resolved when the team spoke last and the customer has not answered for so long;
 * null: never.
 */
resolve_after_s: number | null, 
/**
 * What is resolved can be re-opened by a message for so long, and is closed then; null: it stays.
 */
reopen_window_s: number | null, 
/**
 * A customer's message that is just one of these ends the chat, on channels without buttons.
 */
commands: Array<string>, };

export type Trigger = "started" | "customer_message" | "agent_message" | "assigned" | "unassigned" | "resolved" | "reopened" | "closed" | "tagged" | "priority_changed" | "category_changed" | "team_changed" | "rated" | "taken_as_message" | "waited_too_long" | "reminded" | "sla_warned" | "sla_breached";

export type ConditionField = "message" | "page" | "name" | "email" | "phone" | "verified" | "language" | "site" | "channel" | "hours" | "status" | "priority" | "subject" | "category" | "tag" | "agent" | "team" | "attribute" | "rating";

export type ConditionTest = "is" | "is_not" | "contains" | "contains_not" | "starts_with" | "is_set" | "is_not_set" | "at_least" | "at_most";

export type Condition = { 
/**
 * What is looked at.
 */
field: ConditionField, 
/**
 * Which attribute; of other fields absent.
 */
name?: string, 
/**
 * How it is compared.
 */
test: ConditionTest, 
/**
 * With what; of `is_set` and `is_not_set` with nothing.
 */
values?: Array<string>, };

export type RuleAction = { "type": "tags", 
/**
 * Those that come.
 */
add?: Array<string>, 
/**
 * Those that go.
 */
remove?: Array<string>, } | { "type": "priority", 
/**
 * The new one.
 */
priority: Priority, } | { "type": "category", 
/**
 * The new one.
 */
category: string | null, } | { "type": "subject", 
/**
 * The new one.
 */
subject: string | null, } | { "type": "attribute", 
/**
 * Which.
 */
name: string, 
/**
 * The new value.
 */
value: string | null, } | { "type": "assign", 
/**
 * Who.
 */
agent_id: AgentId | null, } | { "type": "assign_me" } | { "type": "team", 
/**
 * Which.
 */
team_id: TeamId | null, } | { "type": "skills", 
/**
 * All of them.
 */
skills: Array<SetSkill>, } | { "type": "status", 
/**
 * The new one.
 */
status: Status, } | { "type": "snooze", 
/**
 * In minutes.
 */
minutes: number, } | { "type": "message", 
/**
 * What.
 */
body: string, } | { "type": "note", 
/**
 * What.
 */
body: string, };

export type RuleRef = { 
/**
 * The rule.
 */
id: RuleId, 
/**
 * Its name at that time.
 */
name: string, };

export type MacroRef = { 
/**
 * The macro.
 */
id: MacroId, 
/**
 * Its name at that time.
 */
name: string, };

export type SkippedAction = { 
/**
 * The type of the action.
 */
action: string, 
/**
 * Why not.
 */
why: string, };

export type RuleBody = { 
/**
 * It looks when one of these happens.
 */
on: Array<Trigger>, 
/**
 * All of these must be so.
 */
all?: Array<Condition>, 
/**
 * One of these must be so, if there are any.
 */
any?: Array<Condition>, 
/**
 * What it does, in this order.
 */
actions: Array<RuleAction>, };

export type Rule = { 
/**
 * The rule.
 */
id: RuleId, 
/**
 * What the team calls it.
 */
name: string, 
/**
 * Whether it does anything.
 */
enabled: boolean, 
/**
 * When it was made.
 */
created_at: UtcMillis, 
/**
 * When it was last changed.
 */
updated_at: UtcMillis, 
/**
 * It looks when one of these happens.
 */
on: Array<Trigger>, 
/**
 * All of these must be so.
 */
all?: Array<Condition>, 
/**
 * One of these must be so, if there are any.
 */
any?: Array<Condition>, 
/**
 * What it does, in this order.
 */
actions: Array<RuleAction>, };

export type EditRule = { 
/**
 * What the team calls it; no other rule's name.
 */
name?: string, 
/**
 * Whether it does anything; a new one does.
 */
enabled?: boolean, 
/**
 * As in [`RuleBody`].
 */
on?: Array<Trigger>, 
/**
 * As in [`RuleBody`].
 */
all?: Array<Condition>, 
/**
 * As in [`RuleBody`].
 */
any?: Array<Condition>, 
/**
 * As in [`RuleBody`].
 */
actions?: Array<RuleAction>, };

export type RuleOrder = { 
/**
 * Every rule, once.
 */
rules: Array<RuleId>, };

export type TryRule = { 
/**
 * Which session. Its last message by the customer is taken for the one that set the rule off.
 */
session_id: SessionId, 
/**
 * It looks when one of these happens.
 */
on: Array<Trigger>, 
/**
 * All of these must be so.
 */
all?: Array<Condition>, 
/**
 * One of these must be so, if there are any.
 */
any?: Array<Condition>, 
/**
 * What it does, in this order.
 */
actions: Array<RuleAction>, };

export type RuleTrial = { 
/**
 * Whether it fits the session.
 */
fits: boolean, 
/**
 * Of each condition in `all`, whether it is so.
 */
all: Array<boolean>, 
/**
 * Of each condition in `any`, whether it is so.
 */
any: Array<boolean>, 
/**
 * What would become of each action.
 */
actions: Array<TriedAction>, };

export type TriedAction = { 
/**
 * Its type.
 */
action: string, 
/**
 * Whether it would change something.
 */
changes: boolean, 
/**
 * Why it could not be done.
 */
refused?: string, 
/**
 * What a message or a note would say; a blank that is not filled in stands in it as `[name]`.
 */
says?: string, };

export type Macro = { 
/**
 * The macro.
 */
id: MacroId, 
/**
 * What it is called.
 */
name: string, 
/**
 * Whose it is; null: everybody's.
 */
owner_id: AgentId | null, 
/**
 * What it does, in this order.
 */
actions: Array<RuleAction>, 
/**
 * When it was made.
 */
created_at: UtcMillis, 
/**
 * When it was last changed.
 */
updated_at: UtcMillis, };

export type EditMacro = { 
/**
 * What it is called; of everybody's, and of each agent's, no two have the same.
 */
name?: string, 
/**
 * Everybody's, and not its maker's alone. Supervisors and admins make those.
 */
shared?: boolean, 
/**
 * What it does, in this order.
 */
actions?: Array<RuleAction>, };

export type RunMacro = { 
/**
 * Chosen by the client: the same again runs it no second time.
 */
id: EntryId, 
/**
 * What stands in the blanks of its texts, by their names; all of them.
 */
blanks?: { [key in string]: string }, };

export type MacroRun = { 
/**
 * Of the request.
 */
id: EntryId, 
/**
 * Where the log says so; null: there was nothing to change.
 */
seq: Seq | null, 
/**
 * It had run before, by an earlier try of the same request.
 */
duplicate: boolean, };

export type PreviewMacro = { 
/**
 * What stands in the blanks, as far as it is known.
 */
blanks?: { [key in string]: string }, };

export type MacroPreview = { 
/**
 * What would become of each action. If one is refused, none is done.
 */
actions: Array<TriedAction>, 
/**
 * The names of the blanks to fill in, each once, in their order.
 */
blanks: Array<string>, };

export type SessionId = string;

export type EntryId = string;

export type ContactId = string;

export type AgentId = string;

export type TeamId = string;

export type ViewId = string;

export type SkillId = string;

export type CannedId = string;

export type LoginId = string;

export type RuleId = string;

export type MacroId = string;

export type SiteId = string;

export type ConnectionId = string;

export type Epoch = string;

export type UtcMillis = string;

export type TimeOfDay = string;

export type LocalDate = string;

export type Seq = number;

export type JsonValue = unknown;

export const SUBPROTOCOL = "hubbub.v1";

export const CLOSE = {
	NORMAL: 1000,
	BINARY_FRAME: 1003,
	BAD_UTF8: 1007,
	FRAME_TOO_BIG: 1009,
	INTERNAL: 1011,
	RESTART: 1012,
	OVERLOADED: 1013,
	HEARTBEAT_MISSED: 4000,
	TOO_SLOW: 4001,
	HELLO_MISSING: 4002,
	RATE_LIMITED: 4003,
	BAD_CREDENTIAL: 4500,
	ORIGIN_REFUSED: 4501,
	REPLACED: 4502,
	PROTOCOL_VERSION: 4503,
	BLOCKED: 4504,
} as const;

export const LIMITS = {
	messageChars: 8000,
	nameChars: 100,
	emailChars: 254,
	typingMs: 6000,
	heartbeatMs: 25000,
	pollWaitS: 25,
	amendMs: 900000,
	ratingMs: 86400000,
	commentChars: 2000,
	mentions: 20,
	shortcutChars: 40,
	cannedTitleChars: 100,
	categoryChars: 60,
	passwordCharsMin: 10,
} as const;
