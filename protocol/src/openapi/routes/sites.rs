//! Sites and the workspace, as admins have them.

use crate::{
    ErrorCode::Conflict,
    SiteId,
    openapi::{
        document::Tag,
        operation::{Who, get, patch, post},
    },
    rest::{EditSettings, EditSite, Settings, Site},
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Sites and settings",
        about: "A site is one shop, with its own key, colours, opening hours and allowed origins.",
        operations: vec![
            get("/sites", "listSites", "List the sites")
                .by(Who::Team)
                .note("`identity_secrets` for admins only.")
                .lists::<Site>(),
            post("/sites", "createSite", "Make a site")
                .by(Who::Admins)
                .takes::<EditSite>()
                .requires(&["key"])
                .makes::<Site>()
                .refuses(&[Conflict]),
            patch("/sites/{site}", "updateSite", "Change a site")
                .by(Who::Admins)
                .path::<SiteId>("site", "The site's id.")
                .takes::<EditSite>()
                .answers::<Site>(),
            get("/settings", "getSettings", "Read the workspace's settings").by(Who::Team).answers::<Settings>(),
            patch("/settings", "updateSettings", "Change the workspace's settings")
                .by(Who::Admins)
                .note("A section that is there takes the place of the one that was; one that is left out stays.")
                .takes::<EditSettings>()
                .answers::<Settings>(),
        ],
    }
}
