//! The desk on duty: what each of the team is now, who is given what waits, and where customers stand in the queue.
//!
//! Each node reads the same rows and reckons the same from them (`routing`, pure), tells its own people, and writes down
//! which of them it sees. What must happen once, one node does: it holds the lease of routing. An assignment is an append
//! that says what it rests on, so who was claimed meanwhile, or is claimed by two nodes at once, has one holder.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use persistence::{Lease, OnDuty, Queued, StoreError};
use protocol::{
    AgentId, Availability, Load, Routed, RoutedBy, RoutingMode, ServerFrame, SessionId, SkipReason, UtcMillis,
};
use tokio::{sync::Notify, time::Instant};

use crate::{
    Caller, Done, Hub, HubError, Inner,
    routing::{
        availability::{Connection, Effective, Facts, Rules, effective},
        estimate::Recent,
        policy::{Candidate, Need},
        queue::{self, Assignment, Waiting},
    },
    session::Command,
    state::Action,
};

/// How the desk works.
#[derive(Debug, Clone, Copy)]
pub struct DutyConfig {
    /// Whether what waits is given to agents.
    pub mode: RoutingMode,
    /// When agents are away and offline by themselves.
    pub rules: Rules,
    /// How long an agent may be offline before what they hold goes back in line.
    pub return_after: Duration,
}

impl Default for DutyConfig {
    fn default() -> Self {
        Self { mode: RoutingMode::Manual, rules: Rules::default(), return_after: Duration::from_mins(2) }
    }
}

/// Most that waits of which is known who waits where; who stands further behind has no place yet.
const QUEUED: u32 = 2_000;
/// Most that one look gives back for one agent.
const RETURNED: u32 = 100;
/// Assignments under way at a time.
const AT_ONCE: usize = 64;
/// How often a node writes down who is connected to it.
const SEEN: Duration = Duration::from_secs(5);
/// Who was not written down for so long is connected to no node.
const UNSEEN: Duration = Duration::from_secs(12);
/// How long one node goes on being the one who routes, after its last look.
const HELD: Duration = Duration::from_secs(5);

/// What this node knows of the desk between two looks.
pub(crate) struct Duty {
    known: Mutex<Known>,
    looking: tokio::sync::Mutex<()>,
    woken: Notify,
}

/// Where a session stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InLine {
    /// 1 is next.
    pub(crate) position: u32,
    /// How many wait in the same queue.
    pub(crate) waiting: u32,
    /// How long it may still take; none: we can't tell.
    pub(crate) estimate_s: Option<u64>,
}

struct Known {
    told: HashMap<AgentId, (Availability, Load)>,
    places: HashMap<SessionId, InLine>,
    /// Since when those wait whom the last look saw waiting.
    waited: HashMap<SessionId, UtcMillis>,
    recent: Recent,
    seen_at: Option<Instant>,
}

impl Duty {
    pub(crate) fn new(now: UtcMillis) -> Self {
        let known = Known {
            told: HashMap::new(),
            places: HashMap::new(),
            waited: HashMap::new(),
            recent: Recent::since(now),
            seen_at: None,
        };
        Self { known: Mutex::new(known), looking: tokio::sync::Mutex::default(), woken: Notify::new() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a session stands in the queue, as far as this node knows.
    pub(crate) fn place(&self, session: SessionId) -> Option<InLine> {
        self.known().places.get(&session).copied()
    }
}

impl Duty {
    /// Something changed that the next look should not wait for.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }
}

impl Inner {
    /// Something changed that the next look should not wait for, if there is anything to be given out.
    pub(crate) fn called_to_duty(&self) {
        if self.mode() == RoutingMode::Automatic {
            self.duty.wake();
        }
    }

    /// How what waits finds its agents, as far as this node knows.
    fn mode(&self) -> RoutingMode {
        self.settings.routing_mode().unwrap_or(self.config.duty.mode)
    }
}

/// One of the team, and what they are now.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What is stored.
    pub on_duty: OnDuty,
    /// What follows from it.
    pub now: Availability,
}

impl Standing {
    fn load(&self) -> Load {
        Load { active: self.on_duty.active, max: self.on_duty.max }
    }

    fn candidate(&self) -> Candidate {
        let OnDuty { agent, disabled, max, active, languages, skills, teams, given_at, .. } = &self.on_duty;
        Candidate {
            agent: agent.clone(),
            availability: self.now,
            disabled: *disabled,
            active: *active,
            max: *max,
            skills: skills.clone(),
            teams: teams.clone(),
            languages: languages.clone(),
            free_since: *given_at,
        }
    }
}

impl Hub {
    /// Comes back when something changed that [`Hub::attend`] should not wait for.
    pub async fn duty_calls(&self) {
        self.inner.duty.woken.notified().await;
    }

    /// What each of the team is now.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn team(&self) -> Result<Vec<Standing>, StoreError> {
        let now = self.clock().now();
        let here: HashSet<AgentId> =
            self.inner.people.connected().into_iter().map(|(agent, _)| agent).collect();
        let rules = self.inner.config.duty.rules;
        let stand = |on_duty: OnDuty| {
            let Effective { status, .. } = effective(&facts(&on_duty, &here, now), rules, now);
            let now = if on_duty.disabled { Availability::Offline } else { status };
            Standing { on_duty, now }
        };
        Ok(self.inner.store.on_duty().await?.into_iter().map(stand).collect())
    }

    /// An agent chooses what to be from now on.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn choose_availability(&self, agent: AgentId, chosen: Availability) -> Result<(), StoreError> {
        self.inner.people.acts(agent, self.clock().now());
        self.inner.store.choose_availability(agent, chosen, self.clock().now()).await?;
        self.inner.duty.wake();
        Ok(())
    }

    /// Looks at the desk: tells the team who is what, gives out what waits, and tells customers where they stand. To be
    /// called every second or so, and when [`Hub::duty_calls`].
    ///
    /// # Errors
    /// `Unavailable`: the next look does what this one did not.
    pub async fn attend(&self) -> Result<(), StoreError> {
        self.fresh_settings().await?;
        let duty = &self.inner.duty;
        let _one_look_at_a_time = duty.looking.lock().await;
        let here = self.inner.people.connected();
        let nobody = here.is_empty() && self.inner.sessions.is_empty() && duty.known().told.is_empty();
        if nobody && self.inner.mode() == RoutingMode::Manual {
            return Ok(());
        }
        let now = self.clock().now();
        self.say_who_is_seen(&here, now).await?;
        let team = self.team().await?;
        let mut waiting = self.inner.store.queued(QUEUED).await?;
        if self.is_routing(&team, &waiting).await? {
            let statuses: Vec<_> = team.iter().map(|one| (one.on_duty.agent.id, one.now)).collect();
            self.inner.store.record_availability(&statuses, now).await?;
            if self.inner.mode() == RoutingMode::Automatic {
                self.take_back(&team, now).await?;
                self.hand_out(&team, &mut waiting, now).await?;
            }
        }
        self.tell_team(&team);
        let online = team.iter().filter(|one| one.now == Availability::Online).count();
        self.tell_places(&waiting, u32::try_from(online).unwrap_or(u32::MAX), now);
        Ok(())
    }

    async fn say_who_is_seen(&self, here: &[(AgentId, UtcMillis)], now: UtcMillis) -> Result<(), StoreError> {
        let due = {
            let mut known = self.inner.duty.known();
            let due = known.seen_at.is_none_or(|at| at.elapsed() >= SEEN);
            if due {
                known.seen_at = Some(Instant::now());
            }
            due
        };
        if due && !here.is_empty() {
            self.inner.store.agents_seen(here, now).await?;
        }
        Ok(())
    }

    /// Whether there is anything that one node has to do, and this is the one. To ask for the lease is to write.
    async fn is_routing(&self, team: &[Standing], waiting: &[Queued]) -> Result<bool, StoreError> {
        let now = self.clock().now();
        let changed = {
            let known = self.inner.duty.known();
            team.iter()
                .any(|one| known.told.get(&one.on_duty.agent.id).is_none_or(|(told, _)| *told != one.now))
        };
        let has_room =
            |one: &Standing| one.now == Availability::Online && one.on_duty.active < one.on_duty.max;
        let routes = self.inner.mode() == RoutingMode::Automatic
            && (team.iter().any(|one| self.is_gone(one, now))
                || (!waiting.is_empty() && team.iter().any(has_room)));
        if !changed && !routes {
            return Ok(false);
        }
        self.inner.store.claim(Lease::Routing, self.inner.node, HELD).await
    }

    fn is_gone(&self, one: &Standing, now: UtcMillis) -> bool {
        let gone = one.on_duty.seen_at.is_none_or(|at| now.since(at) >= self.inner.config.duty.return_after);
        one.now == Availability::Offline && one.on_duty.active > 0 && gone
    }

    /// What an agent holds who has been gone for too long goes back in line.
    async fn take_back(&self, team: &[Standing], now: UtcMillis) -> Result<(), StoreError> {
        for one in team.iter().filter(|one| self.is_gone(one, now)) {
            let holder = &one.on_duty.agent;
            for session in self.inner.store.held_by(holder.id, RETURNED).await? {
                let reason = SkipReason::NotOnline { status: one.now };
                let why = Box::new(Routed::returned(holder.clone(), reason));
                self.route(session, Action::Return { holder: holder.id, why }).await;
            }
        }
        Ok(())
    }

    /// Gives what waits to who can take it; what is given away leaves `waiting`.
    async fn hand_out(
        &self,
        team: &[Standing],
        waiting: &mut Vec<Queued>,
        now: UtcMillis,
    ) -> Result<(), StoreError> {
        let mut candidates: Vec<_> = team.iter().map(Standing::candidate).collect();
        let mut queue: Vec<_> = waiting.iter().map(in_line).collect();
        let assignments = queue::hand_out(&mut queue, &mut candidates, RoutedBy::Automatic, now);
        // In the order of the queue, but not one after the other: what came in overnight is many appends.
        let appends = assignments.into_iter().map(|Assignment { session, agent, why }| {
            let given = self.route(session, Action::Route(Box::new(why)));
            async move { (given.await == Some(agent)).then_some((session, agent)) }
        });
        let given: Vec<_> = stream::iter(appends).buffered(AT_ONCE).collect().await;
        let (sessions, agents): (HashSet<_>, Vec<_>) = given.into_iter().flatten().unzip();
        self.inner.store.agents_given(&agents, now).await?;
        waiting.retain(|one| !sessions.contains(&one.session));
        Ok(())
    }

    /// Does it, unless it rests on what is no longer so; answers who holds the session then.
    async fn route(&self, session: SessionId, action: Action) -> Option<AgentId> {
        match self.act(Caller::System, session, action).await {
            Ok(Done::Changed(session)) => session.assignee.as_ref().map(|agent| agent.id),
            Ok(Done::Sent { .. }) | Err(HubError::NotFound) => None,
            Err(error) => {
                tracing::warn!(%error, session.id = %session, "a session could not be routed");
                None
            }
        }
    }

    fn tell_team(&self, team: &[Standing]) {
        let mut known = self.inner.duty.known();
        for one in team {
            let news = (one.now, one.load());
            if known.told.insert(one.on_duty.agent.id, news) != Some(news) {
                let Load { active, max } = one.load();
                let agent = one.on_duty.agent.clone();
                let frame = ServerFrame::Availability { agent, status: one.now, active, max };
                self.inner.people.tell(&frame.encode().into());
            }
        }
        known.told.retain(|agent, _| team.iter().any(|one| one.on_duty.agent.id == *agent));
    }

    /// Tells those who follow their session here, when their place has changed.
    fn tell_places(&self, waiting: &[Queued], online: u32, now: UtcMillis) {
        let queue: Vec<_> = waiting.iter().map(in_line).collect();
        let mut known = self.inner.duty.known();
        let since: HashMap<_, _> = waiting.iter().map(|one| (one.session, one.since)).collect();
        let waited = std::mem::replace(&mut known.waited, since);
        for (session, since) in waited {
            if !known.waited.contains_key(&session) {
                known.recent.taken(since, now);
            }
        }
        let first = waiting.iter().map(|one| one.since).min().unwrap_or(now);
        let mut places = HashMap::with_capacity(queue.len());
        for place in queue::places(&queue) {
            let estimate = known.recent.estimate(place.position - 1, first, online, now);
            let estimate_s = estimate.map(|wait| wait.as_secs());
            let news = InLine { position: place.position, waiting: place.waiting, estimate_s };
            if known.places.get(&place.session) != Some(&news) {
                self.tell_live(place.session, Command::Placed(news));
            }
            places.insert(place.session, news);
        }
        known.places = places;
    }
}

fn in_line(queued: &Queued) -> Waiting {
    let Queued { session, priority, since, previous } = *queued;
    Waiting { session, priority, since, need: Need { previous, ..Need::default() } }
}

/// Who is connected to this node is known at once; who is to another is read from what it wrote down.
fn facts(on_duty: &OnDuty, here: &HashSet<AgentId>, now: UtcMillis) -> Facts {
    let OnDuty { agent, chosen, seen_at, active_at, active, max, .. } = on_duty;
    let connection = match seen_at {
        _ if here.contains(&agent.id) => Connection::Here,
        Some(at) if now.since(*at) < UNSEEN => Connection::Here,
        Some(at) => Connection::GoneSince(*at),
        None => Connection::Never,
    };
    let last_activity = active_at.or(*seen_at).unwrap_or(now);
    Facts { chosen: *chosen, connection, last_activity, load: Load { active: *active, max: *max } }
}
