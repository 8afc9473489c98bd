//! Automation rules: every agent reads them, supervisors and admins write them.

use std::collections::HashSet;

use axum::{extract::State, http::StatusCode};
use hub::{Names, state::Effect};
use protocol::{
    Audience, EntryKind, RuleAction, RuleId, Sender, limits,
    rest::{EditRule, Page, Rule, RuleBody, RuleOrder, RuleTrial, SetSkill, TryRule, automation_name},
};

use super::{PathId, body::Json, needs, query::Query};
use crate::{
    app::App,
    auth::{Lead, Member},
    error::{ApiError, InField},
};

/// How far back the customer's last message is looked for when a rule is tried.
const LOOK_BACK: u32 = 50;

/// GET `/rules`.
pub(crate) async fn list(
    State(app): State<App>,
    _: Member,
    query: Query,
) -> Result<axum::Json<Page<Rule>>, ApiError> {
    query.finish()?;
    let items = app.store.rules().await?;
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// GET `/rules/{id}`.
pub(crate) async fn read(
    State(app): State<App>,
    _: Member,
    PathId(id): PathId<RuleId>,
    query: Query,
) -> Result<axum::Json<Rule>, ApiError> {
    query.finish()?;
    Ok(axum::Json(app.store.rule(id).await?.ok_or_else(ApiError::not_found)?))
}

/// POST `/rules`.
pub(crate) async fn create(
    State(app): State<App>,
    _: Lead,
    Json(edit): Json<EditRule>,
) -> Result<(StatusCode, axum::Json<Rule>), ApiError> {
    if app.store.rules().await?.len() >= limits::RULES {
        let message = format!("are as many as can be: the limit is {}", limits::RULES);
        return Err(ApiError::invalid("rules", message));
    }
    let now = app.hub.clock().now();
    let name = edit.name.as_deref().ok_or_else(|| ApiError::invalid("name", "is missing"))?;
    let rule = Rule {
        id: RuleId::new(app.hub.clock().mint()),
        name: automation_name(name).in_field("name")?,
        enabled: edit.enabled.unwrap_or(true),
        does: checked(&app, edit.applied_to(RuleBody::default())).await?,
        created_at: now,
        updated_at: now,
    };
    app.store.create_rule(&rule).await?;
    app.hub.rules_changed().await?;
    Ok((StatusCode::CREATED, axum::Json(rule)))
}

/// PATCH `/rules/{id}`.
pub(crate) async fn update(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<RuleId>,
    Json(edit): Json<EditRule>,
) -> Result<axum::Json<Rule>, ApiError> {
    let mut rule = app.store.rule(id).await?.ok_or_else(ApiError::not_found)?;
    if let Some(name) = &edit.name {
        rule.name = automation_name(name).in_field("name")?;
    }
    rule.enabled = edit.enabled.unwrap_or(rule.enabled);
    let does = edit.applied_to(rule.does.clone());
    // Whom it names may be gone since: that does not stand against another name, or against putting it out of force.
    if does != rule.does {
        rule.does = checked(&app, does).await?;
    }
    rule.updated_at = app.hub.clock().now();
    if !app.store.update_rule(&rule).await? {
        return Err(ApiError::not_found());
    }
    app.hub.rules_changed().await?;
    Ok(axum::Json(rule))
}

/// DELETE `/rules/{id}`.
pub(crate) async fn delete(
    State(app): State<App>,
    _: Lead,
    PathId(id): PathId<RuleId>,
) -> Result<StatusCode, ApiError> {
    if !app.store.delete_rule(id).await? {
        return Err(ApiError::not_found());
    }
    app.hub.rules_changed().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// PUT `/rules/order`.
pub(crate) async fn order(
    State(app): State<App>,
    _: Lead,
    Json(RuleOrder { rules: order }): Json<RuleOrder>,
) -> Result<axum::Json<Page<Rule>>, ApiError> {
    let known: HashSet<_> = app.store.rules().await?.into_iter().map(|rule| rule.id).collect();
    let named: HashSet<_> = order.iter().copied().collect();
    if named != known || order.len() != known.len() {
        return Err(ApiError::invalid("rules", "must name every rule once"));
    }
    app.store.order_rules(&order).await?;
    app.hub.rules_changed().await?;
    let items = app.store.rules().await?;
    let total = items.len() as u64;
    Ok(axum::Json(Page { items, next_cursor: None, total }))
}

/// POST `/rules/try`.
pub(crate) async fn try_out(
    State(app): State<App>,
    Lead(agent): Lead,
    Json(TryRule { session_id, does }): Json<TryRule>,
) -> Result<axum::Json<RuleTrial>, ApiError> {
    let body = checked(&app, does).await?;
    let session = app.hub.session(&app.agent_caller(&agent), session_id).await?;
    let said = app.store.entries_before(session_id, None, LOOK_BACK, Audience::Customer).await?;
    let message = said
        .iter()
        .rev()
        .find(|entry| entry.kind == EntryKind::Message && matches!(entry.sender, Sender::Customer { .. }));
    let names = app.hub.names().await?;
    let message = message.map(|entry| entry.body.as_str());
    let now = app.hub.clock().now();
    Ok(axum::Json(app.hub.automation().try_out(&body, &names, &session, message, now)))
}

/// A rule that can be kept.
async fn checked(app: &App, body: RuleBody) -> Result<RuleBody, ApiError> {
    let mut body = body.checked(app.config.limits.message_chars).map_err(ApiError::invalid_all)?;
    name(app, &mut body.actions).await?;
    Ok(body)
}

/// Names skills by their ids, and refuses whom and what is not there.
pub(super) async fn name(app: &App, actions: &mut [RuleAction]) -> Result<(), ApiError> {
    let known = app.store.skills().await?;
    for (nth, action) in actions.iter_mut().enumerate() {
        if let RuleAction::Skills { skills } = action {
            if skills.len() > limits::ASKED_SKILLS {
                let message = format!("has {} entries; the limit is {}", skills.len(), limits::ASKED_SKILLS);
                return Err(ApiError::invalid(&format!("actions[{nth}].skills"), message));
            }
            let field = |at: usize, part: &str| format!("actions[{nth}].skills[{at}].{part}");
            let asked = needs::skills(skills, &known, field)?;
            let by_id = asked.into_iter();
            *skills = by_id
                .map(|asked| SetSkill { skill: asked.skill.id.to_string(), level: asked.level })
                .collect();
        }
    }
    let names: Names = app.hub.names().await?;
    for (nth, (action, effect)) in actions.iter().zip(names.effects(actions)).enumerate() {
        let Effect::Gone(_) = effect else { continue };
        let (part, what) = match action {
            RuleAction::Assign { .. } => ("agent_id", "is nobody of the team"),
            RuleAction::Team { .. } => ("team_id", "is no team's"),
            _ => ("body", "cannot be used"),
        };
        return Err(ApiError::invalid(&format!("actions[{nth}].{part}"), what));
    }
    Ok(())
}
