//! Contacts, and the attributes that contacts and sessions have.

use crate::{
    ContactId,
    ErrorCode::{ChangedMeanwhile, Conflict, Forbidden, InUse, NotMergeable},
    SessionSummary,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, patch, post},
    },
    rest::{
        Attribute, BlockContact, Contact, EditAttribute, EditContact, MergeContact, NewAttribute, NewContact,
    },
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Contacts",
        about: "The customers as persons. Who may not see all chats sees those who have a chat that they may see, and those \
                who never chatted.",
        operations: vec![
            get("/contacts", "listContacts", "List and find contacts")
                .by(Who::Team)
                .note(
                    "Those that were merged into another one are found as that one. `total` counts at most 10,000.",
                )
                .query::<String>(
                    "q",
                    "Beginnings of words of the name or the e-mail address, or digits of the phone number; all of them.",
                )
                .query::<String>("name", "Beginnings of words of the name.")
                .query::<String>("phone", "With this number, in any writing.")
                .query::<String>("email", "With this e-mail address.")
                .query::<String>("external_id", "With this id of the site's own.")
                .query::<bool>("blocked", "Only those that are blocked, or only the others.")
                .query::<String>("site", "Of the site with this key.")
                .one_of(
                    "sort",
                    &["recent", "created", "name"],
                    "By the last change, or by the first contact, the newest first; or by name.",
                )
                .paged()
                .lists::<Contact>(),
            post("/contacts", "createContact", "Make a contact")
                .by(Who::Team)
                .note("With `external_id` for supervisors and admins: it vouches for who the person is.")
                .takes::<NewContact>()
                .makes::<Contact>()
                .refuses(&[Forbidden, Conflict]),
            of_contact(get("/contacts/{contact}", "getContact", "Read a contact")).answers::<Contact>(),
            of_contact(patch("/contacts/{contact}", "updateContact", "Change a contact"))
                .note("With the `version` that you have seen, so that nobody's change is lost.")
                .takes::<EditContact>()
                .answers::<Contact>()
                .refuses(&[Conflict, ChangedMeanwhile]),
            of_contact(delete("/contacts/{contact}", "deleteContact", "Delete a contact"))
                .by(Who::Leads)
                .note("One that never chatted, and that none was merged into.")
                .done()
                .refuses(&[InUse]),
            of_contact(get("/contacts/{contact}/sessions", "listContactSessions", "List a contact's sessions"))
                .note("Those that the caller may see, the newest first.")
                .paged()
                .lists::<SessionSummary>(),
            of_contact(post("/contacts/{contact}/block", "blockContact", "Keep a contact from writing"))
                .note(
                    "At once, on all nodes: what they send, and new chats under the same phone number or external id, are \
                     refused (403 `blocked`), and their connections end (4504).",
                )
                .takes::<BlockContact>()
                .answers::<Contact>()
                .refuses(&[ChangedMeanwhile]),
            of_contact(post("/contacts/{contact}/unblock", "unblockContact", "Lift a block"))
                .answers::<Contact>()
                .refuses(&[ChangedMeanwhile]),
            of_contact(post("/contacts/{contact}/merge", "mergeContact", "Let a contact go on in another one"))
                .note(
                    "Its chats are the other one's from now on, for the team: no customer gets to see a chat by it. Answers \
                     with the one in which it goes on, which takes over what it lacks unless it is verified. A verified one can \
                     only be merged into, and not into another one. At most 500 chats.",
                )
                .takes::<MergeContact>()
                .answers::<Contact>()
                .refuses(&[NotMergeable]),
            of_contact(post("/contacts/{contact}/unmerge", "unmergeContact", "Undo a merge of contacts"))
                .note("Answers with the contact that stands for itself again, with the chats that it had.")
                .answers::<Contact>()
                .refuses(&[NotMergeable]),
            get("/attributes", "listAttributes", "List the defined attributes").by(Who::Team).lists::<Attribute>(),
            post("/attributes", "createAttribute", "Define an attribute")
                .by(Who::Leads)
                .takes::<NewAttribute>()
                .makes::<Attribute>()
                .refuses(&[Conflict]),
            of_attribute(patch("/attributes/{attribute}", "updateAttribute", "Change an attribute"))
                .takes::<EditAttribute>()
                .answers::<Attribute>(),
            of_attribute(delete("/attributes/{attribute}", "deleteAttribute", "Delete an attribute"))
                .note("Contacts keep its values, hidden until it is defined again; sessions keep showing theirs.")
                .done(),
        ],
    }
}

fn of_contact(operation: Operation) -> Operation {
    operation.by(Who::Team).path::<ContactId>("contact", "The contact.")
}

fn of_attribute(operation: Operation) -> Operation {
    operation.by(Who::Leads).path::<uuid::Uuid>("attribute", "The definition.")
}
