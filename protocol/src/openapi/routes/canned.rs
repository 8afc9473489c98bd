//! Canned answers.

use crate::{
    Attachment, CannedId,
    ErrorCode::{
        Conflict, FilesUnavailable, Forbidden, Infected, Overloaded, RateLimited, ScannerUnavailable,
    },
    TeamId, limits,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, patch, post},
    },
    rest::{
        AttachCanned, AttachedCanned, CannedAnswer, CannedCategory, CannedFile, CannedScope, EditCanned,
        ImportedCanned, PreviewCanned, RenderCanned, RenderedCanned,
    },
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Canned answers",
        about: "What the team says often, written once. Every agent has their own, those of their teams and those for all; \
                supervisors and admins see and change every team's, and those for all. Of several with one shortcut, \
                one's own comes before a team's, that before one for all; of two teams', the one that was made first.",
        operations: vec![
            get("/canned", "listCanned", "List canned answers")
                .by(Who::Team)
                .text("q", limits::SEARCH_CHARS, "Found in shortcut, title or text: every word of it, up to four.")
                .text("category", limits::CATEGORY_CHARS, "Only of this category.")
                .query::<CannedScope>("scope", "Only of this scope.")
                .query::<TeamId>("team", "Only this team's.")
                .query::<bool>("usable", "Only those that you have, without the shadowed ones.")
                .one_of(
                    "sort",
                    &["shortcut", "uses", "recent", "match"],
                    "`uses`: the most used first; `recent`: the last used first; `match`: those whose shortcut begins with \
                     `q` first, then the most used.",
                )
                .paged()
                .lists::<CannedAnswer>(),
            post("/canned", "createCanned", "Make a canned answer")
                .by(Who::Team)
                .note("The text may hold variables, `{{contact.name}}`, with a default, `{{contact.name | there}}`, and \
                       blanks, `{{? order number}}`. `\\{{` stands for the braces themselves. Variables: `contact.name`, \
                       `contact.first_name`, `contact.email`, `contact.phone`, `agent.name`, `agent.first_name`, \
                       `agent.signature`, `session.number`, `session.subject`, `site.name`, and `attributes.…`, the \
                       session's own.")
                .takes::<EditCanned>()
                .requires(&["shortcut", "body"])
                .makes::<CannedAnswer>()
                .refuses(&[Forbidden, Conflict]),
            get("/canned/categories", "listCannedCategories", "List the categories of canned answers")
                .by(Who::Team)
                .paged()
                .lists::<CannedCategory>(),
            post("/canned/preview", "previewCanned", "Fill in a text for a customer who is an example")
                .by(Who::Team)
                .takes::<PreviewCanned>()
                .answers::<RenderedCanned>(),
            get("/canned/export", "exportCanned", "Save the canned answers that one sees to a file")
                .by(Who::Team)
                .note("In CSV, a cell that a spreadsheet would take for a formula begins with `'`; an import takes that away.")
                .one_of("format", &["json", "csv"], "Of which type.")
                .query::<CannedScope>("scope", "Only of this scope.")
                .files::<CannedFile>(&["application/json", "text/csv"]),
            post("/canned/import", "importCanned", "Make canned answers from a file")
                .by(Who::Team)
                .note("All of them or none: a refusal names the rows, in JSON from 0, in CSV from 1 with the row of names. \
                       At most 4 MiB. CSV may have the names of Chatwoot's columns, too: `short_code` and `content`.")
                .one_of("existing", &["refuse", "replace"], "What becomes of those whose shortcut is there already.")
                .takes::<CannedFile>()
                .also("text/csv")
                .answers::<ImportedCanned>()
                .refuses(&[Forbidden, Conflict]),
            of_canned(get("/canned/{canned}", "getCanned", "Read a canned answer")).answers::<CannedAnswer>(),
            of_canned(patch("/canned/{canned}", "updateCanned", "Change a canned answer"))
                .takes::<EditCanned>()
                .answers::<CannedAnswer>()
                .refuses(&[Forbidden, Conflict]),
            of_canned(delete("/canned/{canned}", "deleteCanned", "Delete a canned answer"))
                .done()
                .refuses(&[Forbidden]),
            of_canned(post("/canned/{canned}/render", "renderCanned", "Fill in a canned answer"))
                .note("For the customer of a session. The text is plain: nothing in it is read again, or made markup.")
                .takes::<RenderCanned>()
                .answers::<RenderedCanned>(),
            of_canned(post("/canned/{canned}/attachments", "addCannedFile", "Give a canned answer a file"))
                .note("For who may change the answer. The same is taken as in a chat, and as many as a message can have; the \
                       files of all answers have at most a hundred times the bytes of the largest. DELETE \
                       `/attachments/{attachment}` takes one away.")
                .takes_file()
                .makes::<Attachment>()
                .refuses(&[Forbidden, Infected, RateLimited, Overloaded, ScannerUnavailable, FilesUnavailable]),
            of_canned(post("/canned/{canned}/attach", "attachCanned", "Take a canned answer's files into a chat"))
                .note("Copies of them, as if you had uploaded them to the session: the next message names them. They stay as they \
                       are, whatever becomes of the answer.")
                .takes::<AttachCanned>()
                .makes::<AttachedCanned>()
                .refuses(&[RateLimited, Overloaded, FilesUnavailable]),
            of_canned(post("/canned/{canned}/used", "cannedUsed", "Count a use of a canned answer")).done(),
        ],
    }
}

fn of_canned(operation: Operation) -> Operation {
    operation.by(Who::Team).path::<CannedId>("canned", "The canned answer.")
}
