//! Chats, as both sides and as the team have them.

use crate::{
    AgentId, Channel, Entry, Epoch,
    ErrorCode::{
        AlreadyClaimed, AnsweredMeanwhile, Blocked, Forbidden, NotMergeable, OfferOver, Overloaded,
        RateLimited, TooLarge, TooLate, TooManyConnections, WrongStatus,
    },
    Priority, SessionId, SessionSummary, Status, TeamId, UtcMillis, ViewId, limits,
    openapi::{
        document::Tag,
        operation::{Operation, Who, get, patch, post},
    },
    rest::{
        AssignSession, Bulk, MergeSession, NewBulk, PatchSession, PollAnswer, PollRequest, SendMessage, Sent,
        SessionContext, SessionEvents, SessionsPage, SetPage, SetRating, SetRead, SetTyping, TransferSession,
    },
};

/// Cursors are exact as JSON numbers.
const SEQ_MAX: u64 = (1 << 53) - 1;

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Sessions",
        about: "A session is one chat between a customer and the team. What is said and done in it are the entries of its \
                log, in one order.",
        operations: vec![
            on_session(get("/sessions/{id}", "getSession", "Read a session")).answers::<SessionSummary>(),
            on_session(get("/sessions/{id}/entries", "listEntries", "Read a session's log"))
                .note("Oldest first; with `before`, the last ones before it.")
                .number("after", 0..=SEQ_MAX, None, "Only entries after this `seq`. Not together with `before`.")
                .number("before", 0..=SEQ_MAX, None, "Only entries before this `seq`.")
                .paged()
                .lists::<Entry>(),
            on_session(get("/sessions/{id}/events", "pollSession", "Wait for news of a session (long-poll)"))
                .note(
                    "Answers at once with the entries after `after`, else holds up to `wait` seconds. The next request's \
                     `after` is the answer's `last_seq`: so a lost answer loses nothing. Ask again at once while there \
                     are entries. Without `after` the last entries come, with `reset: true`.",
                )
                .number("after", 0..=SEQ_MAX, None, "\"I have everything up to here.\"")
                .query::<Epoch>("epoch", "The store that `after` belongs to, from an earlier answer.")
                .number("wait", 0..=limits::POLL_WAIT.as_secs(), Some(25), "Seconds to hold the request.")
                .query::<String>("state", "The `state` of the last answer.")
                .answers::<SessionEvents>()
                .refuses(&[Blocked, TooLarge, TooManyConnections]),
            post("/events", "poll", "Wait for news of several sessions and lists (long-poll)")
                .by(Who::Both)
                .note("Sessions and lists without news are left out. Lists (`views`) are for the team.")
                .takes::<PollRequest>()
                .answers::<PollAnswer>()
                .refuses(&[Blocked, TooManyConnections]),
            on_session(post("/sessions/{id}/messages", "sendMessage", "Say something"))
                .note(
                    "You choose the `id`: the same again is the same send, stored once. A message to a resolved session \
                     opens it again; one to a closed session starts another, which `session` of the answer names.",
                )
                .note("With `after`, an agent's is refused if a colleague's message stands behind that entry.")
                .takes::<SendMessage>()
                .makes::<Sent>()
                .refuses(&[AnsweredMeanwhile, Blocked, RateLimited, Overloaded]),
            on_session(post("/sessions/{id}/typing", "setTyping", "Say that one is typing, or stopped"))
                .takes::<SetTyping>()
                .done()
                .refuses(&[Blocked]),
            on_session(post("/sessions/{id}/page", "setPage", "Say on which page one is"))
                .note("For the customer.")
                .takes::<SetPage>()
                .done()
                .refuses(&[Blocked, RateLimited]),
            on_session(post("/sessions/{id}/read", "setRead", "Say how far one has read"))
                .takes::<SetRead>()
                .done(),
            on_session(post("/sessions/{id}/close", "closeSession", "End a chat"))
                .answers::<SessionSummary>()
                .refuses(&[Blocked, WrongStatus, Overloaded]),
            on_session(post("/sessions/{id}/rating", "rateSession", "Rate a chat"))
                .note("For the customer, once the chat is resolved or closed. Given once, and changed within a day. Counts as a send.")
                .takes::<SetRating>()
                .done()
                .refuses(&[Blocked, WrongStatus, TooLate, RateLimited, Overloaded]),
            on_session(get("/sessions/{id}/transcript", "getTranscript", "Read a session's log as a file"))
                .one_of("format", &["html", "txt", "json", "csv"], "What kind of file.")
                .files::<Vec<Entry>>(&["text/html", "text/plain", "application/json", "text/csv"])
                .meaning("The file; at most 10,000 entries."),
        ],
    }
}

pub(in crate::openapi) fn ticket_tag() -> Tag {
    Tag {
        name: "Tickets",
        about: "What the team does with sessions.",
        operations: vec![
            get("/sessions", "listSessions", "List sessions")
                .by(Who::Team)
                .words_or::<ViewId>(
                    "view",
                    &["mine", "unassigned", "waiting", "snoozed", "mentions", "all"],
                    "Those of this list, in its order; by a name, or a saved view's id. Only with `limit` and `cursor`.",
                )
                .words::<Status>("status", "With one of these statuses.")
                .words_or::<AgentId>(
                    "assignee",
                    &["me", "none"],
                    "Held by oneself, by nobody, or by this agent.",
                )
                .text("site", limits::SITE_KEY_CHARS, "Of the site with this key.")
                .words::<Priority>("priority", "With one of these priorities.")
                .text("tag", limits::TAG_CHARS, "With this tag.")
                .text("category", limits::CATEGORY_CHARS, "Of this category.")
                .query::<TeamId>("team", "Of the team with this id.")
                .query::<bool>("snoozed", "Only those that are put aside, or only the others.")
                .query::<Channel>("channel", "That came this way.")
                .query::<UtcMillis>("from", "That went on at this time or later.")
                .query::<UtcMillis>("to", "That had begun by this time.")
                .query::<String>(
                    "q",
                    "That have all of these words: in what was said or noted, in the customer's name, e-mail or phone, in \
                     subject, category or tags, or as the session's number. At most 200 characters and 12 words. Case and \
                     accents do not count, words in quotes stand side by side, the last word is the beginning of one.",
                )
                .query::<String>("phone", "Whose customer has this phone number, or one that ends so, however it is written. With `q`: both.")
                .one_of(
                    "sort",
                    &["recent", "waiting", "relevance"],
                    "By the last change, the newest first; or those whose customer waits, the longest first. With `q`: by \
                     how well it fits and how new it is, unless by how new it is alone.",
                )
                .paged()
                .note(
                    "With `q`, what was said in the last second or two may not be found yet. Each item says in `match` why \
                     it was found; `seq` is the entry. `total` is `total_is_exact`, or what was counted so far. A page may \
                     be short, or empty: it is the last one when `next_cursor` is null.",
                )
                .answers::<SessionsPage>()
                .refuses(&[Forbidden]),
            on_session(patch("/sessions/{id}", "updateSession", "Change what the team notes of a session"))
                .note("All of it together, or nothing. A customer may say `status: closed` alone.")
                .takes::<PatchSession>()
                .answers::<SessionSummary>()
                .refuses(&[Blocked, WrongStatus, Overloaded]),
            on_session(get("/sessions/{id}/context", "getContext", "Read what surrounds a session"))
                .by(Who::Team)
                .answers::<SessionContext>()
                .refuses(&[Forbidden]),
            on_session(get("/sessions/{id}/related", "listRelated", "List the customer's other sessions"))
                .by(Who::Team)
                .paged()
                .lists::<SessionSummary>()
                .refuses(&[Forbidden]),
            on_session(post("/sessions/{id}/claim", "claimSession", "Take a session"))
                .by(Who::Team)
                .note("`already_claimed` names who holds it.")
                .answers::<SessionSummary>()
                .refuses(&[Forbidden, AlreadyClaimed, WrongStatus, Overloaded]),
            on_session(post(
                "/sessions/{id}/assign",
                "assignSession",
                "Give a session to an agent, or back in line",
            ))
            .by(Who::Team)
            .note("From a colleague takes only a supervisor or an admin.")
            .takes::<AssignSession>()
            .answers::<SessionSummary>()
            .refuses(&[Forbidden, AlreadyClaimed, WrongStatus, Overloaded]),
            on_session(post(
                "/sessions/{id}/transfer",
                "transferSession",
                "Hand a session to a colleague, a team or a skill, with a word",
            ))
            .by(Who::Team)
            .note("To an agent, who has it at once; or back in line for a team, for whoever has a skill, or both.")
            .takes::<TransferSession>()
            .answers::<SessionSummary>()
            .refuses(&[Forbidden, AlreadyClaimed, WrongStatus, Overloaded]),
            on_session(post("/sessions/{id}/merge", "mergeSession", "Let a session go on in another one"))
                .by(Who::Team)
                .note("One of the same customer. Answers with the one in which it goes on.")
                .takes::<MergeSession>()
                .answers::<SessionSummary>()
                .refuses(&[Forbidden, NotMergeable]),
            on_session(post("/sessions/{id}/unmerge", "unmergeSession", "Undo a merge"))
                .by(Who::Team)
                .note("Within 24 hours. What was written to the other session stays there.")
                .answers::<SessionSummary>()
                .refuses(&[Forbidden, NotMergeable]),
            post("/sessions/bulk", "beginBulk", "Do one thing to many sessions")
                .by(Who::Team)
                .note(
                    "A job that goes on when you are gone: each session is changed by itself, by you and with your \
                     rights. Two at a time, each of at most 1,000 sessions.",
                )
                .takes::<NewBulk>()
                .makes::<Bulk>()
                .refuses(&[RateLimited]),
            get("/bulk/{bulk}", "getBulk", "Read how far such a job is")
                .by(Who::Team)
                .note("Your own, for a day. A job whose server went down is `stopped` after half a minute.")
                .path::<uuid::Uuid>("bulk", "The job.")
                .answers::<Bulk>(),
            on_session(post("/sessions/{id}/accept", "acceptSession", "Take a session that one is asked to take"))
                .by(Who::Team)
                .note("For the agent who is asked. `offer_over`: nobody is, or somebody else.")
                .answers::<SessionSummary>()
                .refuses(&[Forbidden, AlreadyClaimed, OfferOver, Overloaded]),
            on_session(post("/sessions/{id}/decline", "declineSession", "Leave a session to the next agent"))
                .by(Who::Team)
                .note("For the agent who is asked. `offer_over`: nobody is, or somebody else.")
                .answers::<SessionSummary>()
                .refuses(&[Forbidden, AlreadyClaimed, OfferOver, Overloaded]),
            on_session(post("/sessions/{id}/notes", "writeNote", "Write a note for the team"))
                .by(Who::Team)
                .note("As a message, but never seen by customers.")
                .takes::<SendMessage>()
                .makes::<Sent>()
                .refuses(&[Forbidden, WrongStatus, RateLimited, Overloaded]),
        ],
    }
}

fn on_session(operation: Operation) -> Operation {
    operation.by(Who::Both).path::<SessionId>("id", "The session.")
}
