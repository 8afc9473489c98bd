//! What becomes of what was said, and who is told of it in person.

use crate::{
    Entry, EntryId,
    ErrorCode::{EntryDeleted, Forbidden, Overloaded, RateLimited, TooLate, WrongStatus},
    SessionId, SessionSummary,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, patch, post},
    },
    rest::{EditEntry, EntryVersion, Notifications, ReadNotifications},
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Entries",
        about: "What was said can be changed and taken away for a while. From then on everybody reads the newest text, or \
                none, on every way.",
        operations: vec![
            on_entry(patch("/sessions/{id}/entries/{entry}", "editEntry", "Change what one said"))
                .note("For its author, within 15 minutes, and not in a closed session.")
                .takes::<EditEntry>()
                .answers::<Entry>()
                .refuses(&[Forbidden, WrongStatus, TooLate, EntryDeleted, RateLimited, Overloaded]),
            on_entry(delete("/sessions/{id}/entries/{entry}", "deleteEntry", "Take away what was said"))
                .note("The same; supervisors and admins at any time, whoever said it.")
                .done()
                .refuses(&[Forbidden, WrongStatus, TooLate, RateLimited, Overloaded]),
            on_entry(get(
                "/sessions/{id}/entries/{entry}/history",
                "listEntryVersions",
                "Read what an entry said before",
            ))
            .note("For its author, if that is one of the team, and for supervisors and admins. The oldest first.")
            .lists::<EntryVersion>()
            .refuses(&[Forbidden]),
        ],
    }
}

pub(in crate::openapi) fn desk_tag() -> Tag {
    Tag {
        name: "Notifications",
        about: "What an agent is told in person.",
        operations: vec![
            get("/notifications", "listNotifications", "List what one was told")
                .by(Who::Team)
                .note("The newest first; at most 500 are kept. Only of sessions that one may see.")
                .paged()
                .answers::<Notifications>(),
            post("/notifications/read", "readNotifications", "Say that one took note of it")
                .by(Who::Team)
                .takes::<ReadNotifications>()
                .done(),
            post("/sessions/{id}/join", "joinSession", "Take part in a session from now on")
                .path::<SessionId>("id", "The session.")
                .by(Who::Both)
                .note("For supervisors and admins, who could look on unseen. The team is told, the customer is not.")
                .answers::<SessionSummary>()
                .refuses(&[Forbidden, WrongStatus, Overloaded]),
        ],
    }
}

fn on_entry(operation: Operation) -> Operation {
    operation.by(Who::Both).path::<SessionId>("id", "The session.").path::<EntryId>("entry", "The entry.")
}
