//! How a session begins.

use std::{sync::Arc, time::Duration};

use persistence::{
    ContactClaim, Grant, NewGrant, NewSession, Session, Site, StoreError, StoredStart, TokenHash,
};
use protocol::{
    AskedSkill, Audience, Channel, ContactId, Entry, EntryId, Event, GrantId, MessageBody, Seq, SessionId,
    SiteId, SkillRef, TeamRef, language_tag, limits, rest::SiteRouting,
};
use uuid::Uuid;

use crate::{Caller, Hub, HubError, state};

/// How long a start can be asked for again. Its id opens the session anew, so it does not do so for ever.
const REPEATABLE: Duration = Duration::from_secs(10 * 60);

/// A session to begin, checked by the gateway.
#[derive(Debug, Clone)]
pub struct Start {
    /// Where.
    pub site: Arc<Site>,
    /// By which way the customer came.
    pub channel: Channel,
    /// The site's own id of the customer, if its hash was checked.
    pub verified_external_id: Option<String>,
    /// As said.
    pub name: Option<String>,
    /// As said, E.164.
    pub phone: Option<String>,
    /// As said.
    pub email: Option<String>,
    /// The client's id of this start.
    pub start_key: Option<Uuid>,
    /// Hash of the token that the customer will get.
    pub token: TokenHash,
    /// The first message.
    pub message: Option<MessageBody>,
    /// BCP 47.
    pub locale: Option<String>,
    /// The page and extra fields, for the team.
    pub context: serde_json::Value,
}

/// A session that has begun.
#[derive(Debug, Clone)]
pub struct Started {
    /// The session.
    pub session: Session,
    /// What the token opens.
    pub grant: Grant,
    /// The log so far.
    pub entries: Vec<Arc<Entry>>,
}

impl Hub {
    /// Begins a session, durably. The same start again is answered with the same session.
    ///
    /// # Errors
    /// The start's id belongs to somebody else's start, the team has blocked who starts, or the store does not answer.
    pub async fn start(&self, start: Start) -> Result<Started, HubError> {
        let store = &self.inner.store;
        let now = self.inner.clock.now();
        let (external_id, phone) = (start.verified_external_id.as_deref(), start.phone.as_deref());
        let blocked_until = store.start_blocked_until(start.site.id, external_id, phone).await?;
        if blocked_until.is_some_and(|until| until > now) {
            return Err(HubError::Blocked);
        }
        if let Some(started) = self.started_before(&start).await? {
            return Ok(started);
        }
        let mint = || self.inner.clock.mint();
        let claim = ContactClaim {
            site_id: start.site.id,
            verified_external_id: start.verified_external_id.clone(),
            name: start.name.clone(),
            phone: start.phone.clone(),
            email: start.email.clone(),
            new_id: ContactId::new(self.inner.clock.mint_opaque()),
        };
        let contact_id = store.upsert_contact(&claim, now).await?;
        let grant = Grant {
            id: GrantId::new(mint()),
            site_id: start.site.id,
            contact_id,
            verified: start.verified_external_id.is_some(),
            name: start.name.clone(),
            phone: start.phone.clone(),
            email: start.email.clone(),
            blocked_until: None,
        };
        let new_grant = NewGrant {
            id: grant.id,
            site_id: grant.site_id,
            contact_id,
            verified: grant.verified,
            name: grant.name.clone(),
            phone: grant.phone.clone(),
            email: grant.email.clone(),
            start_key: start.start_key,
            token: start.token,
        };
        let rule = self.site_rule(start.site.id).await?;
        self.fresh_automation().await?;
        let (new_session, entries) = self.first_entries(&start, &grant, rule);
        match store.create_session(&new_grant, &new_session).await {
            Ok(session) => {
                self.announce(Arc::new(session.clone()));
                self.inner.begun();
                let entries =
                    entries.into_iter().filter(|entry| entry.visible_to(Audience::Customer)).collect();
                Ok(Started { session, grant, entries })
            }
            // The same start, at the same time, was faster.
            Err(StoreError::Conflict("start")) => {
                self.started_before(&start).await?.ok_or(HubError::Unavailable)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the settings say of chats that begin at a site. Teams and skills that are gone are left out.
    async fn site_rule(&self, site: SiteId) -> Result<Vec<Event>, StoreError> {
        let settings = self.fresh_settings().await?;
        let Some(SiteRouting { team, skills, .. }) = settings.routing.sites.get(&site) else {
            return Ok(Vec::new());
        };
        let store = &self.inner.store;
        let mut events = Vec::new();
        if let Some(id) = team
            && let Some(team) = store.team(*id).await?
        {
            events.push(Event::TeamChanged { to: Some(TeamRef { id: team.id, name: team.name }) });
        }
        if !skills.is_empty() {
            let known = store.skills().await?;
            let asked = skills.iter().filter_map(|asked| {
                let skill = known.iter().find(|skill| skill.id.to_string() == asked.skill)?;
                Some(AskedSkill {
                    skill: SkillRef { id: skill.id, name: skill.name.clone() },
                    level: asked.level,
                })
            });
            events.push(Event::SkillsChanged { to: asked.collect() });
        }
        Ok(events)
    }

    fn first_entries(&self, start: &Start, grant: &Grant, rule: Vec<Event>) -> (NewSession, Vec<Arc<Entry>>) {
        let now = self.inner.clock.now();
        let mint = || self.inner.clock.mint();
        let id = SessionId::new(mint());
        let caller = Caller::Customer(Arc::new(grant.clone()));
        let mut session = state::empty(id, grant, &start.site.key, start.channel, now);
        let language = start.locale.as_deref().and_then(|locale| language_tag(locale).ok());
        let work = &mut Arc::make_mut(&mut session.ticket).work;
        (work.language, work.page) = (language, page_of(&start.context));
        let mut entries: Vec<Arc<Entry>> = Vec::with_capacity(2);
        let started = Event::Started { channel: start.channel, previous_session_id: None };
        let mut drafts = vec![state::Draft::event(started)];
        if let Some(body) = &start.message {
            let action = state::Action::Message { id: EntryId::new(mint()), body: body.clone() };
            if let Ok(state::Decision::Append(said)) = state::decide(&session, &caller, &action, now) {
                drafts.extend(said);
            }
        }
        state::extend(&mut session, &mut entries, drafts, &caller.sender(), now, mint);
        let rule = rule.into_iter().map(state::Draft::event).collect();
        state::extend(&mut session, &mut entries, rule, &Caller::System.sender(), now, mint);
        self.automation().follow(&mut session, &mut entries, 0, now, mint);
        let new_session = NewSession {
            id,
            site_id: grant.site_id,
            grant_id: grant.id,
            contact_id: grant.contact_id,
            channel: start.channel,
            previous: None,
            locale: start.locale.clone(),
            context: start.context.clone(),
            created_at: now,
            entries: entries.clone(),
            change: state::change(&session, &entries),
        };
        (new_session, entries)
    }

    async fn started_before(&self, start: &Start) -> Result<Option<Started>, HubError> {
        let Some(key) = start.start_key else { return Ok(None) };
        let store = &self.inner.store;
        let Some(StoredStart { grant, external_id, session_id, created_at }) =
            store.find_start(start.site.id, key).await?
        else {
            return Ok(None);
        };
        let now = self.inner.clock.now();
        // Also vouched for as the same person: else an unverified claim would be given what a verified one opens.
        let same = external_id == start.verified_external_id
            && grant.verified == start.verified_external_id.is_some()
            && grant.name == start.name
            && grant.phone == start.phone
            && grant.email == start.email;
        if !same || now.since(created_at) > REPEATABLE {
            return Err(HubError::Forbidden("This id was used for another start. Choose a new one."));
        }
        store.add_token(grant.id, &start.token, now).await?;
        let session = store.session(session_id).await?.ok_or(HubError::NotFound)?;
        // If nobody knew whether the first try was stored, nobody was told.
        self.announce(Arc::new(session.clone()));
        let entries =
            store.entries_after(session_id, Seq::ZERO, limits::PAGE_MAX, Audience::Customer).await?;
        Ok(Some(Started { session, grant, entries: entries.into_iter().map(Arc::new).collect() }))
    }
}

/// The page's address without what may be secret, and no longer than a rule has use for.
fn page_of(context: &serde_json::Value) -> Option<String> {
    let url = context.pointer("/page/url")?.as_str()?;
    let address = url.split(['?', '#']).next().unwrap_or_default();
    Some(address.chars().take(limits::CONDITION_CHARS).collect())
}
