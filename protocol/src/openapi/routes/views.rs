//! Saved views.

use crate::{
    ErrorCode::{Conflict, Forbidden},
    ViewId,
    openapi::{
        document::Tag,
        operation::{Operation, Who, delete, get, patch, post, put},
    },
    rest::{EditView, Page, SavedView, ViewOrder},
};

pub(in crate::openapi) fn tag() -> Tag {
    Tag {
        name: "Saved views",
        about: "A list of chats with a name: a filter that is kept, for oneself or for everybody. Whoever looks sees in \
                it what they may see; `me` in it is whoever looks. Its chats are at GET `/sessions?view=`; a WebSocket \
                keeps it live with `watch`, or with `limit: 0` its count alone.",
        operations: vec![
            get("/views", "listViews", "List everybody's views and one's own")
                .by(Who::Team)
                .note("Everybody's first, both in their order. They are told of changes as `views_changed` frames.")
                .lists::<SavedView>(),
            post("/views", "createView", "Save a view")
                .by(Who::Team)
                .takes::<EditView>()
                .requires(&["name", "filter"])
                .makes::<SavedView>()
                .refuses(&[Conflict, Forbidden]),
            of_view(get("/views/{view}", "getView", "Read a view")).answers::<SavedView>(),
            of_view(patch("/views/{view}", "updateView", "Change a view"))
                .takes::<EditView>()
                .answers::<SavedView>()
                .refuses(&[Conflict, Forbidden]),
            of_view(delete("/views/{view}", "deleteView", "Delete a view")).done().refuses(&[Forbidden]),
            put("/views/order", "orderViews", "Put the views in order")
                .by(Who::Team)
                .takes::<ViewOrder>()
                .answers::<Page<SavedView>>()
                .refuses(&[Forbidden]),
        ],
    }
}

fn of_view(operation: Operation) -> Operation {
    operation.by(Who::Team).path::<ViewId>("view", "The view.")
}
