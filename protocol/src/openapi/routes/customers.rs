//! How a chat begins.

use crate::{
    ErrorCode::{Blocked, Forbidden, IdentityMismatch, OriginRefused, Overloaded, RateLimited},
    openapi::{
        document::Tag,
        operation::{Who, get, post},
    },
    rest::{CustomerMe, SiteConfig, StartSession, StartedSession},
};

const KEY: &str = "The site's key, as in the script tag.";

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Customers",
        about: "How a chat begins, and what a customer has.",
        operations: vec![
            get("/sites/{site}", "getSiteConfig", "Read what a widget needs to know of its site")
                .path::<String>("site", KEY)
                .answers::<SiteConfig>()
                .refuses(&[OriginRefused]),
            post("/sites/{site}/sessions", "startSession", "Start a chat")
                .note(
                    "The same `id` again within ten minutes, with the same name, phone and e-mail, is answered with the \
                     same session and a fresh token. Which of name, phone, e-mail and message are required is the \
                     site's setting: by default name and phone.",
                )
                .path::<String>("site", KEY)
                .takes::<StartSession>()
                .makes::<StartedSession>()
                .refuses(&[Blocked, Forbidden, OriginRefused, IdentityMismatch, RateLimited, Overloaded]),
            get("/me", "getMe", "Read what a customer's token reaches")
                .by(Who::Customer)
                .answers::<CustomerMe>(),
        ],
    }
}
