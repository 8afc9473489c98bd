//! The desk on duty: what each of the team is now, who is given what waits, and where customers stand in the queue.
//!
//! Each node reads the same rows and reckons the same from them (`routing`, pure), tells its own people, and writes down
//! which of them it sees. What must happen once, one node does: it holds the lease of routing. An assignment is an append
//! that says what it rests on, so who was claimed meanwhile, or is claimed by two nodes at once, has one holder.

mod giving;
mod needs;
mod telling;
mod waits;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use persistence::{Lease, OnDuty, Queued, Session, StoreError};
use protocol::{
    AgentId, Availability, Load, RoutingMode, SessionId, SkillId, TeamId, UtcMillis,
    rest::{QueuePlace, RoutingSettings},
};
use tokio::{sync::Notify, time::Instant};

use self::{
    telling::{Told, ToldOffer},
    waits::KnownHours,
};
use crate::{
    Caller, Done, Hub, HubError, Inner,
    routing::{
        availability::{Connection, Effective, Facts, Rules, effective},
        estimate::Recent,
        policy::Candidate,
    },
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
    /// Whether a session is taken as a message when nobody is here, or the site is closed.
    pub take_messages: bool,
}

impl Default for DutyConfig {
    fn default() -> Self {
        Self {
            mode: RoutingMode::Manual,
            rules: Rules::default(),
            return_after: Duration::from_mins(2),
            take_messages: false,
        }
    }
}

/// Most that waits of which is known who waits where; who stands further behind has no place yet.
const QUEUED: u32 = 2_000;
/// Most that one look gives back for one agent.
const RETURNED: u32 = 100;
/// Appends under way at a time.
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
    /// A session has begun here: there is something to look at, though nobody may be connected.
    begun: AtomicBool,
}

struct Known {
    told: HashMap<AgentId, Told>,
    /// What agents who are connected here are asked.
    offers: HashMap<SessionId, ToldOffer>,
    /// Offers in a row that agents left unanswered, as far as this node ended them.
    unanswered: HashMap<AgentId, u32>,
    places: HashMap<SessionId, QueuePlace>,
    /// Since when those wait whom the last look saw waiting.
    waited: HashMap<SessionId, UtcMillis>,
    recent: Recent,
    seen_at: Option<Instant>,
    hours: KnownHours,
}

/// What one look at the desk sees.
struct Look {
    now: UtcMillis,
    team: Vec<Standing>,
    /// In the order of the queue.
    waiting: Vec<Queued>,
    settings: RoutingSettings,
    /// The teams and skills that there are; what asks for others asks for nobody in particular.
    groups: (HashSet<TeamId>, HashSet<SkillId>),
    /// As the server was started.
    mode: RoutingMode,
}

impl Look {
    /// How a session finds its agent.
    fn mode_of(&self, one: &Queued) -> RoutingMode {
        self.settings.mode_of(one.work.team.as_ref().map(|team| team.id), one.site).unwrap_or(self.mode)
    }

    /// Whether any session finds its agent by itself.
    fn routes(&self) -> bool {
        routes(&self.settings, self.mode)
    }

    /// Takes over what became of a session that was seen waiting.
    fn update(&mut self, id: SessionId, now: &Session) {
        if now.ticket.queued_since.is_none() {
            self.waiting.retain(|one| one.session != id);
        } else if let Some(one) = self.waiting.iter_mut().find(|one| one.session == id) {
            one.work = now.ticket.work.clone();
        }
    }
}

fn routes(settings: &RoutingSettings, started_as: RoutingMode) -> bool {
    let modes =
        settings.sites.values().map(|site| site.mode).chain(settings.teams.values().map(|team| team.mode));
    let for_all = settings.mode.unwrap_or(started_as);
    modes.flatten().chain([for_all]).any(|mode| mode != RoutingMode::Manual)
}

impl Duty {
    pub(crate) fn new(now: UtcMillis) -> Self {
        let known = Known {
            told: HashMap::new(),
            offers: HashMap::new(),
            unanswered: HashMap::new(),
            places: HashMap::new(),
            waited: HashMap::new(),
            recent: Recent::since(now),
            seen_at: None,
            hours: KnownHours::default(),
        };
        Self {
            known: Mutex::new(known),
            looking: tokio::sync::Mutex::default(),
            woken: Notify::new(),
            begun: AtomicBool::new(false),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a session stands in the queue, as far as this node knows.
    pub(crate) fn place(&self, session: SessionId) -> Option<QueuePlace> {
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
    /// Something changed that the next look should not wait for, if there is anything to be done about it.
    pub(crate) fn called_to_duty(&self) {
        let settings = self.settings.routing();
        if routes(&settings, self.config.duty.mode) || self.takes_messages(&settings) {
            self.duty.wake();
        }
    }

    /// A session has begun.
    pub(crate) fn begun(&self) {
        self.duty.begun.store(true, Ordering::Relaxed);
        self.called_to_duty();
    }

    fn takes_messages(&self, settings: &RoutingSettings) -> bool {
        settings.take_messages.unwrap_or(self.config.duty.take_messages)
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
    /// Whether they are at the desk, with room or without.
    fn is_here(&self) -> bool {
        matches!(self.now, Availability::Online | Availability::Busy)
    }

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

    /// An agent answers the offer of a session.
    ///
    /// # Errors
    /// The rule against it: nobody asks this agent (any more), or another one has the session.
    pub async fn answer_offer(
        &self,
        caller: Caller,
        session: SessionId,
        accepts: bool,
    ) -> Result<Done, HubError> {
        let done = self.act(caller.clone(), session, Action::Answer(accepts)).await?;
        if let (Caller::Agent { agent, .. }, true) = (&caller, accepts) {
            // It is theirs, whatever becomes of this note.
            if let Err(error) = self.inner.store.agents_given(&[agent.id], self.clock().now()).await {
                tracing::debug!(%error, "that an agent was given a session could not be noted");
            }
        }
        Ok(done)
    }

    /// Looks at the desk: tells the team who is what, gives out what waits, and tells customers where they stand. To be
    /// called every second or so, and when [`Hub::duty_calls`].
    ///
    /// # Errors
    /// `Unavailable`: the next look does what this one did not.
    pub async fn attend(&self) -> Result<(), StoreError> {
        let settings = self.fresh_settings().await?.routing.clone();
        let duty = &self.inner.duty;
        let _one_look_at_a_time = duty.looking.lock().await;
        let here = self.inner.people.connected();
        let mode = self.inner.config.duty.mode;
        let nobody = here.is_empty() && self.inner.sessions.is_empty() && duty.known().told.is_empty();
        if nobody && !routes(&settings, mode) && !duty.begun.load(Ordering::Relaxed) {
            return Ok(());
        }
        let now = self.clock().now();
        self.say_who_is_seen(&here, now).await?;
        let team = self.team().await?;
        duty.begun.store(false, Ordering::Relaxed);
        let waiting = self.inner.store.queued(QUEUED).await?;
        let asks = waiting.iter().any(|one| one.work.team.is_some() || !one.work.skills.is_empty());
        let groups = if asks { self.inner.store.groups().await? } else { Default::default() };
        let mut look = Look { now, team, waiting, settings, groups, mode };
        let due = self.due(&look).await?;
        if self.is_routing(&look, !due.is_empty()).await? {
            let statuses: Vec<_> = look.team.iter().map(|one| (one.on_duty.agent.id, one.now)).collect();
            self.inner.store.record_availability(&statuses, now).await?;
            self.move_along(&mut look, due).await;
            if look.routes() {
                self.take_back(&look).await?;
                self.give(&mut look).await?;
            }
        }
        self.tell_team(&look.team);
        self.tell_offers(&look).await?;
        self.tell_places(&look);
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
    async fn is_routing(&self, look: &Look, due: bool) -> Result<bool, StoreError> {
        let changed = {
            let known = self.inner.duty.known();
            look.team
                .iter()
                .any(|one| known.told.get(&one.on_duty.agent.id).is_none_or(|told| told.status != one.now))
        };
        let routes =
            look.routes() && (look.team.iter().any(|one| self.is_gone(one, look.now)) || look.could_give());
        if !changed && !routes && !due {
            return Ok(false);
        }
        self.inner.store.claim(Lease::Routing, self.inner.node, HELD).await
    }

    fn is_gone(&self, one: &Standing, now: UtcMillis) -> bool {
        let gone = one.on_duty.seen_at.is_none_or(|at| now.since(at) >= self.inner.config.duty.return_after);
        one.now == Availability::Offline && one.on_duty.active > 0 && gone
    }

    /// Does it, unless it rests on what is no longer so; answers what the session is then, if that is known.
    async fn route(&self, session: SessionId, action: Action) -> Option<Arc<Session>> {
        match self.act(Caller::System, session, action).await {
            Ok(Done::Changed(session)) => Some(session),
            Ok(Done::Sent { .. }) | Err(HubError::NotFound) => None,
            Err(error) => {
                tracing::warn!(%error, session.id = %session, "a session could not be routed");
                None
            }
        }
    }

    /// The same for many: in their order, but not one after the other, for what came in overnight is many appends. What
    /// became of them is seen in `look`.
    async fn route_all(
        &self,
        look: &mut Look,
        actions: Vec<(SessionId, Action)>,
    ) -> Vec<(SessionId, Option<AgentId>)> {
        let routed = actions.into_iter().map(|(id, action)| {
            let done = self.route(id, action);
            async move { (id, done.await) }
        });
        let routed: Vec<_> = stream::iter(routed).buffered(AT_ONCE).collect().await;
        let mut holders = Vec::with_capacity(routed.len());
        for (id, session) in routed {
            holders.push((id, session.as_ref().and_then(|session| Some(session.assignee.as_ref()?.id))));
            if let Some(session) = session {
                look.update(id, &session);
            }
        }
        holders
    }
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
