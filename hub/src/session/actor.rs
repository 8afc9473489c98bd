//! The task of one session on this node: it owns the session's state, orders what is appended, and tells followers.
//!
//! Its loop is a closed set of events: a command, the outcome of the append in flight, the outcome of a read mark, a
//! lapse of time, the stop. What is decided stands in `state`, how it is stored in `appends`, who hears in `followers`.

use std::{pin::pin, sync::Arc, time::Duration};

use persistence::Session;
use protocol::{Channel, Entry, EntryKind, Event, Seq, SessionId};
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};

use super::{
    Command, Follow, Followed, From, Known, Mode, Outcome, SessionHandle, Snapshot,
    ahead::Ahead,
    appends::Appends,
    elsewhere::Following,
    followers::{Follower, Followers, queue_frame},
    landing,
    marks::Marks,
    recent::Recent,
    refusal::{Refusal, refuse},
    signals::party_of,
    state::{self, Action, Farewell},
};
use crate::{Caller, Fresh, HubError, Inner};

/// How long after a failed question the store is asked again.
pub(super) const ASK_AGAIN: Duration = Duration::from_millis(500);
/// Commands taken in one turn.
const TOGETHER: usize = 64;
/// When nothing is to happen by itself.
const FAR: Duration = Duration::from_secs(3_600);
/// Entries, and bytes of their bodies, that a new follower is given through its queue: less than half of it, also
/// when every character is one that JSON escapes.
const QUEUED_ENTRIES: usize = 64;
const QUEUED_BYTES: usize = 48 * 1024;

pub(crate) struct Actor {
    pub(super) hub: Arc<Inner>,
    pub(super) session: Arc<Session>,
    pub(super) recent: Recent,
    pub(super) followers: Followers,
    pub(super) appends: Appends,
    pub(super) ahead: Ahead,
    pub(super) marks: Marks,
    /// The store may have gone ahead of us: ask it then.
    pub(super) ask_at: Option<Instant>,
    pub(super) last_used: Instant,
    /// When the store was asked last how far the session is.
    pub(super) asked_at: Instant,
    /// An append may still be stored of which nobody knows whether it was: the store is asked until then.
    pub(super) uncertain_until: Option<Instant>,
    /// The store has less than was read from it before: another one, or an older copy. All begin anew.
    pub(super) outlived: bool,
    pub(super) known: Arc<Known>,
    /// While somebody follows the session here, this node hears of it from the others.
    pub(super) following: Option<Following>,
}

/// Runs the session until it is idle or the hub stops. Ends with the handle out of the registry and every command
/// answered.
pub(crate) async fn run(
    hub: Arc<Inner>,
    id: SessionId,
    handle: SessionHandle,
    mut commands: mpsc::Receiver<Box<Command>>,
    stale: Arc<Notify>,
    fresh: Option<Fresh>,
) {
    let refusal = match load(hub.clone(), id, handle.known.clone(), fresh).await {
        Ok(mut actor) => loop {
            if let Some(refusal) = actor.serve(&mut commands, &stale).await {
                actor.tell_ahead();
                break refusal;
            }
            // Under the registry's lock, as telling is: what came meanwhile is this actor's, since what comes
            // after it must not overtake it through another one.
            let unread = || !commands.is_empty();
            hub.sessions.remove_if(&id, |_, registered| registered.is(&handle) && !unread());
            if !unread() {
                return;
            }
        },
        Err(refusal) => refusal,
    };
    hub.sessions.remove_if(&id, |_, registered| registered.is(&handle));
    commands.close();
    while let Some(command) = commands.recv().await {
        if let Command::Remote(publication) = &*command {
            // Lists can be told without an actor.
            hub.inbox.changed(&publication.session);
        }
        refuse(*command, &refusal);
    }
}

async fn load(
    hub: Arc<Inner>,
    id: SessionId,
    known: Arc<Known>,
    fresh: Option<Fresh>,
) -> Result<Box<Actor>, Refusal> {
    // What was read a moment ago is as good as what would be read now: no actor of the session can have been born,
    // appended and gone since. Other nodes can have; who follows makes us ask (`follow`).
    let fresh = fresh.filter(|fresh| fresh.asked_at.elapsed() < hub.config.idle_after / 2);
    let Fresh { session, asked_at } = match fresh {
        Some(fresh) => fresh,
        None => {
            let asked_at = Instant::now();
            match hub.store.session(id).await {
                Ok(Some(session)) => Fresh { session: Arc::new(session), asked_at },
                Ok(None) => return Err(Refusal::Missing),
                Err(error) => return Err(Refusal::Unreadable(error.into())),
            }
        }
    };
    Ok(Box::new(Actor {
        recent: Recent::new(session.last_seq),
        followers: Followers::new(hub.config.presence_grace, hub.link.is_some()),
        appends: Appends::default(),
        ahead: Ahead::default(),
        marks: Marks::new(session.read),
        ask_at: None,
        last_used: Instant::now(),
        asked_at,
        uncertain_until: None,
        outlived: false,
        known,
        following: None,
        session,
        hub,
    }))
}

impl Actor {
    async fn serve(
        &mut self,
        commands: &mut mpsc::Receiver<Box<Command>>,
        stale: &Notify,
    ) -> Option<Refusal> {
        let stop = self.hub.stop.clone();
        // Made once and kept: to register them anew at every turn costs more than what most turns do.
        let mut stopped = pin!(stop.cancelled());
        let mut marked_stale = pin!(stale.notified());
        let mut alarm = pin!(tokio::time::sleep_until(self.next_wake().unwrap_or(Instant::now() + FAR)));
        loop {
            self.fold_ahead();
            self.start_append();
            self.start_mark();
            self.tell_nodes();
            if self.outlived {
                return Some(Refusal::Stopping);
            }
            // An alarm that rings too early costs a look; only one that is too late is set anew.
            if let Some(wake) = self.next_wake()
                && wake < alarm.deadline()
            {
                alarm.as_mut().reset(wake);
            }
            let may_stop = self.appends.is_idle() && (self.marks.is_idle() || self.marks.failed());
            // What happens now and then is in boxes: most of its life a session waits, and most sessions do.
            tokio::select! {
                // What was read is stored before the end, unless the store is away.
                () = &mut stopped, if may_stop => return Some(Refusal::Stopping),
                () = &mut alarm => {
                    if Box::pin(self.lapse()).await {
                        self.tell_nodes();
                        return None;
                    }
                    alarm.as_mut().reset(self.next_wake().unwrap_or(Instant::now() + FAR));
                }
                () = &mut marked_stale => {
                    marked_stale.set(stale.notified());
                    self.ask_at = Some(Instant::now());
                }
                landed = landing(self.appends.in_flight()) => {
                    if let Some(refusal) = Box::pin(self.landed(landed)).await {
                        return Some(refusal);
                    }
                }
                (mark, stored) = landing(self.marks.in_flight()) => Box::pin(self.marked(mark, stored)).await,
                command = commands.recv() => {
                    let mut command = *command?;
                    // What is said together goes into the same append. Only what waits for nothing is taken so: what
                    // asks the store must not hold back what has landed meanwhile.
                    for left in (0..TOGETHER).rev() {
                        let Command::Act { caller, action, outcome } = command else {
                            Box::pin(self.handle(command)).await;
                            break;
                        };
                        self.act(caller, action, outcome);
                        let next = if left > 0 { commands.try_recv().ok() } else { None };
                        let Some(next) = next else { break };
                        command = *next;
                    }
                }
            }
        }
    }

    fn act(&mut self, caller: Caller, action: Action, outcome: Outcome) {
        self.last_used = Instant::now();
        let action = self.meant(&caller, action);
        self.appends.enqueue(caller, action, outcome, self.last_used);
    }

    /// A word that ends the chat is more than a message, where there is no button for it.
    fn meant(&self, caller: &Caller, action: Action) -> Action {
        match action {
            Action::Message { id, body }
                if self.session.channel != Channel::Web && matches!(caller, Caller::Customer(_)) =>
            {
                let rules = self.hub.rules.rules();
                if rules.is_command(body.as_str()) {
                    let answer = rules.closing_text().to_owned();
                    Action::Farewell { id, words: Box::new(Farewell { body, answer }) }
                } else {
                    Action::Message { id, body }
                }
            }
            action => action,
        }
    }

    async fn handle(&mut self, command: Command) {
        // What other nodes say of it does not make a session used here.
        if !matches!(
            command,
            Command::Remote(_)
                | Command::Placed(_)
                | Command::Signal { .. }
                | Command::Exchange
                | Command::NodeGone(_)
        ) {
            self.last_used = Instant::now();
        }
        match command {
            Command::Act { caller, action, outcome } => self.act(caller, action, outcome),
            Command::Follow { follow, reply } => {
                let connection = follow.connection;
                if reply.send(self.follow(follow).await).is_err() {
                    // Nobody waits any more, so nobody would leave.
                    self.followers.remove(connection, Instant::now());
                }
            }
            Command::Leave { connection, asked } => self.followers.leave(connection, asked, Instant::now()),
            Command::Look { caller, after, reply } => drop(reply.send(self.look(&caller, after).await)),
            Command::Typing { caller, on, reply } => drop(reply.send(self.typing(&caller, on).await)),
            Command::Read { caller, seq, reply } => drop(reply.send(self.read(&caller, seq).await)),
            Command::Remote(publication) => self.remote(publication).await,
            Command::Placed(place) => self.followers.placed(&self.session, place),
            Command::Signal { from, signal } => self.signalled(from, signal),
            Command::Exchange => self.followers.exchange(Instant::now()),
            Command::NodeGone(node) => self.followers.node_gone(node, Instant::now()),
        }
    }

    async fn follow(&mut self, follow: Follow) -> Result<Followed, HubError> {
        let Follow { caller, connection, outbound, unseen, from, mode, asked } = follow;
        // A new stream ends the old one, or the two would mix.
        self.followers.remove(connection, Instant::now());
        if self.hub.link.is_some() && self.following.is_none() && self.asked_at < asked {
            // Nobody told this node what happened since.
            self.catch_up().await?;
        }
        self.admit(&caller).await?;
        let after = match from {
            From::Latest(_) => None,
            From::After { epoch: Some(epoch), .. } if epoch != self.hub.epoch => {
                return Ok(Followed::Behind { session: self.session.clone(), reset: true });
            }
            From::After { seq, .. } => {
                if seq > self.session.last_seq {
                    // Another node may have told the client more than we have heard.
                    self.catch_up().await?;
                }
                if seq > self.session.last_seq {
                    return Ok(Followed::Behind { session: self.session.clone(), reset: true });
                }
                Some(seq)
            }
        };
        let audience = caller.audience();
        let at_hand = after.and_then(|after| self.recent.after(after, audience));
        let Some(entries) = at_hand.filter(|entries| fits_a_queue(entries)) else {
            return Ok(Followed::Behind { session: self.session.clone(), reset: false });
        };
        match mode {
            Mode::Open => {
                outbound.push(crate::opened_frame(
                    &self.hub,
                    &self.session,
                    audience,
                    &entries,
                    after,
                    false,
                ));
            }
            Mode::CatchUp => {
                for entry in &entries {
                    outbound.push(protocol::encode_entry(self.session.id, &self.hub.signed(entry)).into());
                }
            }
            Mode::Quiet => {}
        }
        if !matches!(mode, Mode::Quiet) {
            self.followers.greet(&self.session, &caller, &outbound);
            if let (Caller::Customer(_), Some(place)) = (&caller, self.hub.duty.place(self.session.id)) {
                outbound.push(queue_frame(&self.session, Some(place)));
            }
        }
        let snapshot = self.snapshot(&caller, entries);
        self.followers.add(&self.session, Follower { connection, caller, outbound, unseen, asked });
        Ok(Followed::Live(Box::new(snapshot)))
    }

    async fn look(&mut self, caller: &Caller, after: Option<Seq>) -> Result<Snapshot, HubError> {
        self.admit(caller).await?;
        let entries = after.and_then(|after| self.recent.after(after, caller.audience())).unwrap_or_default();
        Ok(self.snapshot(caller, entries))
    }

    fn snapshot(&self, caller: &Caller, entries: Vec<Arc<Entry>>) -> Snapshot {
        let place = match caller {
            Caller::Customer(_) => self.hub.duty.place(self.session.id),
            Caller::Agent { .. } | Caller::System => None,
        };
        Snapshot { place, ..self.followers.snapshot(&self.session, caller, entries) }
    }

    async fn typing(&mut self, caller: &Caller, on: bool) -> Result<(), HubError> {
        self.admit(caller).await?;
        if matches!(caller, Caller::Customer(_)) && self.session.contact.is_blocked(self.hub.clock.now()) {
            return Err(HubError::Blocked);
        }
        self.followers.types(&self.session, caller.party(), on, Instant::now());
        Ok(())
    }

    /// Folds in one entry that is durable, and tells the followers.
    pub(super) fn advance(&mut self, entry: &Arc<Entry>) {
        state::apply(Arc::make_mut(&mut self.session), entry);
        self.deliver(entry);
    }

    pub(super) fn deliver(&mut self, entry: &Arc<Entry>) {
        self.recent.push(entry.clone());
        let delivered = self.followers.deliver(&self.session, &self.hub.signed(entry));
        self.hub.metrics.delivered.increment(delivered);
        match (&entry.event, entry.kind) {
            (Some(Event::Assigned { .. } | Event::Transferred { .. }), _) => {
                self.followers.holder_changed(&self.session, Instant::now());
            }
            (Some(Event::Closed { .. }), _) => self.followers.closed(&self.session),
            (None, EntryKind::Message) if self.followers.somebody_types() => {
                if let Some(party) = party_of(&entry.sender) {
                    self.followers.set_typing(&self.session, &party, false, Instant::now());
                }
            }
            _ => {}
        }
    }

    /// Takes over what only the store's row says, and tells what was read elsewhere.
    pub(super) fn adopt(&mut self, row: &Session) {
        let before = std::mem::replace(&mut self.session, Arc::new(row.clone()));
        self.adopt_readings(&before);
        self.followers.read_elsewhere(&self.session, before.read);
    }

    /// Keeps what `before` knew better: read positions that the row does not hold yet, and a newer version.
    pub(super) fn adopt_readings(&mut self, before: &Session) {
        let session = Arc::make_mut(&mut self.session);
        session.read.customer = session.read.customer.max(before.read.customer);
        session.read.team = session.read.team.max(before.read.team);
        if session.version < before.version {
            (session.version, session.unread) = (before.version, before.unread);
        }
    }

    fn next_wake(&mut self) -> Option<Instant> {
        let idle = self.is_unused().then(|| self.last_used + self.hub.config.idle_after);
        [idle, self.followers.next_lapse(), self.next_ask(), self.marks.retry_at()]
            .into_iter()
            .flatten()
            .min()
    }

    fn is_unused(&self) -> bool {
        self.followers.nobody() && self.appends.is_idle() && self.marks.is_idle() && self.next_ask().is_none()
    }

    /// When the store is asked how far the session is.
    fn next_ask(&self) -> Option<Instant> {
        [self.ask_at, self.ahead.ask_at].into_iter().flatten().min()
    }

    /// Lets happen what is due; true if the session has nothing left to do here.
    async fn lapse(&mut self) -> bool {
        let now = Instant::now();
        self.followers.lapse(&self.session, now);
        if self.next_ask().is_some_and(|at| at <= now) {
            self.ahead.ask_at = None;
            // A failure is tried again by the clock.
            let _ = self.catch_up().await;
        }
        self.is_unused() && self.last_used + self.hub.config.idle_after <= now
    }
}

/// Whether a gap is so short that it may go through the follower's queue beside what comes live. A longer one is read
/// from the store at the reader's own pace: pushed at once, it would look like a reader who is too slow.
fn fits_a_queue(entries: &[Arc<Entry>]) -> bool {
    entries.len() <= QUEUED_ENTRIES
        && entries.iter().map(|entry| entry.weight()).sum::<usize>() <= QUEUED_BYTES
}
