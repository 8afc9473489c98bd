//! The first start: the demo site, the first admin, and what the operator is told.

use std::sync::Arc;

use hub::Clock;
use persistence::{Agent, Store};
use protocol::{AgentId, Email, Role, SiteId, UtcMillis};

use crate::{api::sites, auth::password, config::Serve};

/// The key of the site that is there from the start.
pub(crate) const DEMO_SITE: &str = "demo";

/// What the operator must know after the first start.
pub(crate) struct FirstStart {
    pub admin: String,
    /// Given by us, so to be shown; one given by flag or variable is known.
    pub one_time_password: Option<String>,
}

/// On an empty store, makes the demo site and the first admin.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn bootstrap(
    store: &Store,
    config: &Serve,
    clock: &Clock,
) -> anyhow::Result<Option<FirstStart>> {
    if !store.sites().await?.is_empty() || !store.agents().await?.is_empty() {
        return Ok(None);
    }
    let email = &config.admin_email;
    let (given, one_time) = match &config.admin_password {
        Some(password) => (password.as_str().to_owned(), None),
        None => {
            let password = password::one_time();
            (password.clone(), Some(password))
        }
    };
    let now = clock.now();
    let mut site = sites::new_site(SiteId::new(clock.mint()), DEMO_SITE, "Tern & Tide", now);
    site.allowed_origins = vec!["localhost".to_owned()];
    let admin = new_agent(clock, email, "Admin", Role::Admin, &given, one_time.is_some(), now)?;
    // Another process may have been faster.
    let made = store.bootstrap(&site, &admin).await?;
    Ok(made.then(|| FirstStart { admin: email.as_str().to_owned(), one_time_password: one_time }))
}

/// A new member of the team.
///
/// # Errors
/// The password could not be hashed.
pub(crate) fn new_agent(
    clock: &Clock,
    email: &Email,
    name: &str,
    role: Role,
    password: &str,
    must_change_password: bool,
    now: UtcMillis,
) -> anyhow::Result<Agent> {
    Ok(Agent {
        id: AgentId::new(clock.mint()),
        email: email.as_str().to_owned(),
        name: name.to_owned(),
        role,
        password_hash: password::hash(password)?,
        must_change_password,
        disabled: false,
        created_at: now,
    })
}

/// What a start prints: where things are, and on the first start how to get in.
pub(crate) fn greeting(base: &str, first: Option<&FirstStart>) -> Arc<str> {
    let mut lines = vec![
        String::new(),
        "  Hubbub is running.".to_owned(),
        String::new(),
        format!("  Demo shop   {base}/demo"),
        format!("  Console     {base}/console"),
    ];
    if let Some(first) = first {
        lines.push(format!("  Sign in as  {}", first.admin));
        lines.push(match &first.one_time_password {
            Some(password) => {
                format!("  Password    {password}   (for the first login only; shown this once)")
            }
            None => "  Password    the one that was given".to_owned(),
        });
    }
    lines.push(String::new());
    lines.join("\n").into()
}
