//! GET `/contacts`.

use axum::extract::State;
use persistence::{Beginning, ContactCursor, ContactFilter, ContactOrder};
use protocol::{
    Email, Phone, UtcMillis, limits, optional_line,
    rest::{AttributeOf, Contact, Page},
};

use super::as_shown;
use crate::{
    api::{attributes::shown, query::Query},
    app::App,
    auth::Member,
    error::{ApiError, InField as _},
};

pub(crate) async fn list(
    State(app): State<App>,
    Member(agent): Member,
    mut query: Query,
) -> Result<axum::Json<Page<Contact>>, ApiError> {
    let visible_to = app.agent_caller(&agent).restricted_to();
    let filter = ContactFilter { visible_to, ..filter(&app, &mut query).await? };
    let order = match query.text("sort").as_deref() {
        None | Some("recent") => ContactOrder::Recent,
        Some("created") => ContactOrder::Created,
        Some("name") => ContactOrder::Name,
        Some(_) => return Err(ApiError::invalid("sort", "must be one of recent, created, name")),
    };
    let limit = query.number("limit", 1..=u64::from(limits::PAGE_MAX))?;
    let limit = limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT);
    let cursor = query.text("cursor").map(|text| parse_cursor(&text, order)).transpose()?;
    query.finish()?;
    let page = app.store.list_contacts(&filter, order, cursor.as_ref(), limit).await?;
    let defined = app.store.attributes_of(AttributeOf::Contact).await?;
    let keys = shown(&defined);
    Ok(axum::Json(Page {
        items: page.items.into_iter().map(|contact| as_shown(&app, contact, &keys)).collect(),
        next_cursor: page.next.map(|next| match next {
            ContactCursor::Recent(at, id) => format!("{}.{id}", at.get()),
            // Not to be taken for one of the last change.
            ContactCursor::Created(at, id) => format!("c{}.{id}", at.get()),
            ContactCursor::Name(name, id) => format!("{id}.{name}"),
        }),
        total: page.total,
    }))
}

async fn filter(app: &App, query: &mut Query) -> Result<ContactFilter, ApiError> {
    let mut said = |name: &str, max: usize| optional_line(query.text(name).as_deref(), max).in_field(name);
    let mut words = Vec::new();
    if let Some(typed) = said("q", limits::CONTACT_QUERY_CHARS)? {
        words = Beginning::of_anything(&typed);
        if words.is_empty() {
            return Err(ApiError::invalid("q", "has no word to search for"));
        }
    }
    if let Some(typed) = said("name", limits::CONTACT_QUERY_CHARS)? {
        let of_name = Beginning::of_name(&typed);
        if of_name.is_empty() {
            return Err(ApiError::invalid("name", "has no word to search for"));
        }
        words.extend(of_name);
    }
    let phone = said("phone", limits::CONTACT_QUERY_CHARS)?;
    let phone = phone.map(|text| Phone::parse(&text)).transpose().in_field("phone")?;
    let email = said("email", limits::EMAIL_CHARS)?;
    let email = email.map(|text| Email::parse(&text)).transpose().in_field("email")?;
    let external_id = said("external_id", limits::EXTERNAL_ID_CHARS)?;
    let site_id = match query.text("site") {
        None => None,
        Some(key) => {
            let site = app.sites.by_key(&key).await?;
            Some(site.ok_or_else(|| ApiError::invalid("site", "is not the key of a site"))?.id)
        }
    };
    let now = app.hub.clock().now();
    Ok(ContactFilter {
        words,
        phone: phone.map(Phone::into_string),
        email: email.map(Email::into_string),
        external_id,
        blocked: query.parse::<bool>("blocked", "true or false")?.map(|blocked| (blocked, now)),
        site_id,
        visible_to: None,
    })
}

fn parse_cursor(text: &str, order: ContactOrder) -> Result<ContactCursor, ApiError> {
    let (first, second) = text.split_once('.').unwrap_or_default();
    let timed = |at: &str| at.parse().ok().map(UtcMillis::new).zip(second.parse().ok());
    let cursor = match order {
        ContactOrder::Recent => timed(first).map(|(at, id)| ContactCursor::Recent(at, id)),
        ContactOrder::Created => {
            first.strip_prefix('c').and_then(timed).map(|(at, id)| ContactCursor::Created(at, id))
        }
        // A name that the store cannot hold is none of its own.
        ContactOrder::Name if second.contains('\0') => None,
        ContactOrder::Name => first.parse().ok().map(|id| ContactCursor::Name(second.to_owned(), id)),
    };
    cursor.ok_or_else(|| ApiError::invalid("cursor", "must be the next_cursor of an earlier page"))
}
