//! What becomes of those for whom nobody is here, or whose wait is too long.

use std::{collections::HashMap, sync::Arc, time::Duration};

use persistence::{Queued, StoreError};
use protocol::{SessionId, SiteId, TakenBecause, TeamRef, rest::Fallback};
use tokio::time::Instant;

use super::Look;
use crate::{
    Hours, Hub,
    routing::policy::would_do,
    state::{Action, Step},
};

/// Most that one look moves along.
const TOGETHER: usize = 200;
/// How old a copy of the sites' opening hours may be.
const FRESH: Duration = Duration::from_secs(5);

/// The opening hours of the sites, and when they were read.
#[derive(Default)]
pub(super) struct KnownHours(Arc<HashMap<SiteId, Hours>>, Option<Instant>);

impl Hub {
    /// What is to be moved along in line.
    pub(super) async fn due(&self, look: &Look) -> Result<Vec<(SessionId, Step)>, StoreError> {
        let takes = self.inner.takes_messages(&look.settings);
        let candidate_for = |one: &&Queued| one.work.as_message.is_none();
        if !(takes || look.settings.max_wait_s.is_some())
            || !look.waiting.iter().any(|one| candidate_for(&one))
        {
            return Ok(Vec::new());
        }
        let hours = if takes { self.hours().await? } else { Arc::default() };
        let fallback = self.fallback(look).await?;
        let here: Vec<_> =
            look.team.iter().filter(|one| one.is_here()).map(super::Standing::candidate).collect();
        let closed = |one: &Queued| {
            let hours = hours.get(&one.site).filter(|hours| !hours.is_open(look.now))?;
            Some(Step::TakeAsMessage { because: TakenBecause::Closed, opens_at: hours.next_change(look.now) })
        };
        let away = |one: &Queued| {
            let need = look.need(one, &here);
            let nobody = !here.iter().any(|candidate| would_do(&need, candidate));
            nobody.then_some(Step::TakeAsMessage { because: TakenBecause::Away, opens_at: None })
        };
        let step = |one: &Queued| {
            let message = if takes { closed(one).or_else(|| away(one)) } else { None };
            message.or_else(|| look.waited_too_long(one, fallback.as_ref()))
        };
        let due = look.waiting.iter().filter(candidate_for);
        Ok(due.filter_map(|one| step(one).map(|step| (one.session, step))).take(TOGETHER).collect())
    }

    /// Does it.
    pub(super) async fn move_along(&self, look: &mut Look, due: Vec<(SessionId, Step)>) {
        let due = due.into_iter().map(|(session, step)| (session, Action::Step(Box::new(step))));
        self.route_all(look, due.collect()).await;
    }

    async fn hours(&self) -> Result<Arc<HashMap<SiteId, Hours>>, StoreError> {
        {
            let known = self.inner.duty.known();
            if known.hours.1.is_some_and(|read| read.elapsed() < FRESH) {
                return Ok(known.hours.0.clone());
            }
        }
        let sites = self.inner.store.sites().await?;
        let compiled = |hours| Hours::compile(hours).ok();
        let hours = sites.iter().filter_map(|site| Some((site.id, site.hours.as_ref().and_then(compiled)?)));
        let hours: Arc<HashMap<_, _>> = Arc::new(hours.collect());
        self.inner.duty.known().hours = KnownHours(hours.clone(), Some(Instant::now()));
        Ok(hours)
    }

    /// The team that takes what waited too long, if it is one and there is one.
    async fn fallback(&self, look: &Look) -> Result<Option<TeamRef>, StoreError> {
        match look.settings.fallback {
            Fallback::Team { team_id } if look.settings.max_wait_s.is_some() => {
                let team = self.inner.store.team(team_id).await?;
                Ok(team.map(|team| TeamRef { id: team.id, name: team.name }))
            }
            Fallback::Team { .. } | Fallback::LeaveMessage => Ok(None),
        }
    }
}

impl Look {
    fn waited_too_long(&self, one: &Queued, team: Option<&TeamRef>) -> Option<Step> {
        let most = Duration::from_secs(self.settings.max_wait_s?.into());
        if self.now.since(one.since) < most {
            return None;
        }
        match (self.settings.fallback, team) {
            (Fallback::Team { .. }, Some(team)) => {
                let new = one.work.team.as_ref().is_none_or(|now| now.id != team.id);
                (new && !one.work.waited_too_long).then(|| Step::FallBack(team.clone()))
            }
            // A team that is gone takes nothing: better a message than to wait for ever.
            (Fallback::LeaveMessage | Fallback::Team { .. }, _) => {
                Some(Step::TakeAsMessage { because: TakenBecause::Waited, opens_at: None })
            }
        }
    }
}
