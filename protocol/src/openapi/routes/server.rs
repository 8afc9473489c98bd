//! The server itself.

use std::collections::BTreeMap;

use crate::openapi::{
    document::Tag,
    operation::{Who, get},
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Server",
        about: "For those who run it.",
        operations: vec![
            get("//healthz", "getHealth", "Ask whether the process lives")
                .by(Who::Anybody)
                .files::<String>(&["text/plain"])
                .meaning("It does."),
            get("//readyz", "getReadiness", "Ask whether the server can work")
                .answers::<BTreeMap<String, serde_json::Value>>()
                .meaning("The store is reachable, and the server is not about to stop.")
                .or::<BTreeMap<String, serde_json::Value>>(503, "Not now."),
            get("//api/openapi.json", "getDocument", "Read this document")
                .answers::<BTreeMap<String, serde_json::Value>>()
                .cached(),
        ],
    }
}
