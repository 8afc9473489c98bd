//! Filling in a canned answer for a customer.

use std::collections::BTreeMap;

use axum::extract::State;
use hub::first_word;
use protocol::{
    AgentRef, Attachment, CannedId, Filled, Template, TemplateVariable as Known, Variable,
    rest::{PreviewCanned, RenderCanned, RenderedCanned},
};

use super::{body, seen};
use crate::{
    api::{PathId, blanks, body::Json, macros::filling},
    app::App,
    auth::Member,
    error::{ApiError, InField as _},
};

/// POST `/canned/{canned}/render`.
pub(crate) async fn render(
    State(app): State<App>,
    Member(me): Member,
    PathId(id): PathId<CannedId>,
    Json(RenderCanned { session_id, blanks }): Json<RenderCanned>,
) -> Result<axum::Json<RenderedCanned>, ApiError> {
    let answer = seen(&app, &me, id).await?;
    let session = app.hub.session(&app.agent_caller(&me), session_id).await?;
    let template = Template::parse(&answer.body).in_field("body")?;
    let blanks = blanks::checked(template.blanks(), blanks)?;
    let filling = filling(&app, &me, session.site_id).await?;
    let agent = AgentRef { id: me.id, name: me.name };
    let filled = template.fill(|variable| filling.value(variable, &session, Some(&agent)), &blanks);
    answered(&app, filled, answer.attachments)
}

/// POST `/canned/preview`.
pub(crate) async fn preview(
    State(app): State<App>,
    Member(me): Member,
    Json(said): Json<PreviewCanned>,
) -> Result<axum::Json<RenderedCanned>, ApiError> {
    let text = body(&said.body, app.config.limits.message_chars).in_field("body")?;
    let template = Template::parse(&text).in_field("body")?;
    let signature = app.store.member(me.id).await?.map(|member| member.profile.signature);
    let shop = app.sites.all().await?.first().map(|site| site.name.clone());
    let example = |variable: &Variable| match variable {
        Variable::Known(Known::ContactName) => Some("Ana Lopez".to_owned()),
        Variable::Known(Known::ContactFirstName) => Some("Ana".to_owned()),
        Variable::Known(Known::ContactEmail) => Some("ana@example.com".to_owned()),
        Variable::Known(Known::ContactPhone) => Some("+447700900123".to_owned()),
        Variable::Known(Known::AgentName) => Some(me.name.clone()),
        Variable::Known(Known::AgentFirstName) => Some(first_word(&me.name)),
        Variable::Known(Known::AgentSignature) => signature.clone(),
        Variable::Known(Known::SessionNumber) => Some("1042".to_owned()),
        Variable::Known(Known::SessionSubject) => Some("Where is my order?".to_owned()),
        Variable::Known(Known::SiteName) => shop.clone(),
        Variable::Attribute(_) => None,
    };
    answered(&app, template.fill(example, &BTreeMap::new()), Vec::new())
}

fn answered(
    app: &App,
    Filled { body, missing }: Filled,
    attachments: Vec<Attachment>,
) -> Result<axum::Json<RenderedCanned>, ApiError> {
    let (chars, limit) = (body.trim().chars().count(), app.config.limits.message_chars);
    if chars > limit {
        let message = format!("has {chars} characters when it is filled in; the limit is {limit}");
        return Err(ApiError::invalid("body", message));
    }
    Ok(axum::Json(RenderedCanned { body, missing, attachments }))
}
