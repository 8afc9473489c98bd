//! Files that come with messages.

use uuid::Uuid;

use crate::{
    Attachment,
    ErrorCode::{
        Blocked, FilesUnavailable, Infected, Overloaded, RangeNotSatisfiable, RateLimited, ScannerUnavailable,
    },
    SessionId,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, post},
    },
};

/// What files are handed out as, unless an admin allows more.
const TYPES: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "application/pdf",
    "application/zip",
    "text/plain",
    "text/csv",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
];

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Files",
        about: "A file is uploaded to a session, and then named by a message (`attachments`). Until then only its uploader \
                has it, and after a day without a message it is thrown away.",
        operations: vec![
            post("/sessions/{id}/attachments", "uploadAttachment", "Upload a file")
                .by(Who::Both)
                .path::<SessionId>("id", "The session.")
                .note(
                    "Its type is found from its content, and its name must fit that. Pictures lose what a camera writes \
                     into them (where and when), and get a thumbnail. What is taken, GET `/sites/{site}` says (`uploads`).",
                )
                .takes_file()
                .makes::<Attachment>()
                .refuses(&[Blocked, Infected, RateLimited, Overloaded, ScannerUnavailable, FilesUnavailable]),
            of_file(get("/attachments/{attachment}", "getAttachment", "Read a file"))
                .note(
                    "For who sees the message that it came with, or the canned answer that it is of; or for anybody who has the \
                     `url` that was told of it, which is signed, for at least an hour. Parts of it can be asked for (`Range`).",
                )
                .query::<u64>("expires", "Until when the signature holds; part of an entry's `url`.")
                .query::<String>("signature", "Part of an entry's `url`.")
                .files::<String>(TYPES)
                .partly(TYPES)
                .cached()
                .refuses(&[RangeNotSatisfiable, FilesUnavailable]),
            of_file(get("/attachments/{attachment}/thumbnail", "getThumbnail", "Read a file's small picture"))
                .query::<u64>("expires", "Until when the signature holds; part of an entry's `thumbnail_url`.")
                .query::<String>("signature", "Part of an entry's `thumbnail_url`.")
                .files::<String>(&["image/jpeg", "image/png"])
                .cached()
                .refuses(&[FilesUnavailable]),
            of_file(delete("/attachments/{attachment}", "deleteAttachment", "Take back an upload"))
                .note("For its uploader, while no message names it. What a message brought goes with the message. That of a \
                       canned answer: for who may change the answer.")
                .done(),
        ],
    }
}

fn of_file(operation: Operation) -> Operation {
    operation.by(Who::Both).path::<Uuid>("attachment", "The file.")
}
