//! The table of routes, a file for each tag: whoever adds a route to `gateway/src/router.rs` adds its row here.

mod agents;
mod automation;
mod canned;
mod contacts;
mod customers;
mod files;
mod login;
mod said;
mod server;
mod sessions;
mod sites;
mod teams;
mod views;

use super::document::Tag;

/// Every tag, in the order in which they are shown.
pub(super) fn tags() -> Vec<Tag> {
    vec![
        customers::tag(),
        sessions::tag(),
        said::tag(),
        files::tag(),
        sessions::ticket_tag(),
        contacts::tag(),
        views::tag(),
        said::desk_tag(),
        canned::tag(),
        login::tag(),
        agents::tag(),
        teams::tag(),
        automation::tag(),
        sites::tag(),
        server::tag(),
    ]
}
