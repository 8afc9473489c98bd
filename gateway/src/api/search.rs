//! Finding sessions: GET `/sessions` with `q` or `phone`.

use hub::{Caller, Question};
use persistence::{Search, SearchQuery};
use protocol::rest::{ListedSession, SessionsPage};

use super::{
    query::Query,
    sessions::{page_limit, question_of},
};
use crate::{
    app::App,
    error::{ApiError, InField},
};

/// What is searched for, and in which order it is to be answered.
pub(super) struct Wanted {
    query: SearchQuery,
    newest_first: bool,
}

/// Takes what is searched for, if anything is.
pub(super) fn wanted(query: &mut Query) -> Result<Option<Wanted>, ApiError> {
    let text = query.text("q").filter(|text| !text.trim().is_empty());
    let searched = match (text, query.text("phone")) {
        (None, None) => return Ok(None),
        (Some(text), None) => SearchQuery::parse(&text).in_field("q")?,
        (None, Some(phone)) => SearchQuery::phone(&phone).in_field("phone")?,
        (Some(text), Some(phone)) => {
            SearchQuery::parse(&text).in_field("q")?.of_phone(&phone).in_field("phone")?
        }
    };
    let newest_first = match query.text("sort").as_deref() {
        None | Some("relevance") => false,
        Some("recent") => true,
        Some(_) => {
            return Err(ApiError::invalid("sort", "must be relevance or recent together with q or phone"));
        }
    };
    Ok(Some(Wanted { query: searched, newest_first }))
}

/// A page of what is found among the sessions that the rest of the query asks for.
pub(super) async fn list(
    app: &App,
    caller: &Caller,
    mut query: Query,
    wanted: Wanted,
) -> Result<axum::Json<SessionsPage>, ApiError> {
    let Question { filter, .. } = question_of(app, caller, &mut query).await?;
    let limit = page_limit(&mut query)?;
    let after = query
        .text("cursor")
        .map(|text| {
            text.parse()
                .map_err(|()| ApiError::invalid("cursor", "must be the next_cursor of an earlier page"))
        })
        .transpose()?;
    query.finish()?;
    let Wanted { query, newest_first } = wanted;
    let page = app.store.search_sessions(&Search { query, filter, newest_first, after, limit }).await?;
    // It may have gone to somebody else meanwhile.
    let seen = page.items.into_iter().filter(|found| caller.may_see(&found.session));
    Ok(axum::Json(SessionsPage {
        items: seen
            .map(|found| ListedSession {
                session: app.hub.summary(&found.session, caller.audience()),
                found: Some(found.found),
            })
            .collect(),
        next_cursor: page.next.map(|next| next.to_string()),
        total: page.total,
        total_is_exact: page.exact,
    }))
}
