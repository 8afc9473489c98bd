//! Live sessions. One actor per session and node orders what is appended and tells everybody who follows.
//!
//! # The life of a message
//! The gateway parses a frame and calls [`Hub::act`]. The session's actor decides (`session::state`, pure), sends the
//! entries to the store's log writer, and waits. Only when they are committed does it answer the sender, hand the
//! encoded entry to every follower, tell the inbox, and tell the other nodes. No node owns a session: the store's
//! compare-and-append orders the nodes, and whoever loses a race reads what it missed and decides again.
//!
//! What is absent: HTTP, clients' sockets, SQL, and any call to the outside but to the store and to Redis.

mod automation;
mod caller;
mod clock;
mod cluster;
mod connection;
mod contacts;
mod due;
mod duty;
mod error;
mod file_urls;
mod filling;
mod follow;
mod hours;
mod inbox;
mod link;
mod merge;
mod metrics;
mod people;
pub mod routing;
mod search;
mod session;
mod settings;
pub mod sla;
mod start;
#[cfg(test)]
mod tests;
mod timers;
mod views;

use std::{borrow::Cow, future::Future, sync::Arc, time::Duration};

use dashmap::{DashMap, Entry as Slot, mapref::one::Ref};
use persistence::{LogWriter, NodeId, Session, Store};
use protocol::{Entry, EntryId, Epoch, Seq, SessionId};
use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use automation::{Automation, Names};
pub use caller::Caller;
pub use clock::Clock;
pub use cluster::{LinkHealth, Silence};
pub use connection::{Answered, Outbound, OutboundReader, Outgoing, QueueLimits, TooSlow, outbound};
pub use contacts::{Blocked, ContactError};
pub use due::Rules;
pub use duty::{DutyConfig, Standing};
pub use error::HubError;
pub use file_urls::FileUrls;
pub use filling::{Filling, first_word};
pub use follow::{Follower, Fresh, Polled, Step};
pub use hours::Hours;
pub use inbox::{Difference, InboxWatch, News, Page, Question, Row};
pub use link::{Beat, Link, Message, Publication, RedisLink, RedisUrl, Signal};
pub use people::AgentHere;
pub use search::Indexer;
pub use session::{Done, From, Snapshot, state};
pub use start::{Start, Started};

use automation::KnownAutomation;
use cluster::Cluster;
use due::{Current, Watch};
use duty::Duty;
use inbox::Inbox;
use metrics::Metrics;
use people::People;
use session::{Command, NotTaken, Outcome, Reply, SessionHandle, actor};
use settings::{KnownHours, KnownSettings};

pub(crate) use follow::opened_frame;

/// The longest that a caller waits for an answer (promise 8 says 5 s; the rest is for the way).
pub const ANSWER_TIME: Duration = Duration::from_millis(4_700);

/// What an operator can set.
#[derive(Debug, Clone)]
pub struct Config {
    /// How long somebody who went away is still taken to be here.
    pub presence_grace: Duration,
    /// How long a session without followers stays in memory.
    pub idle_after: Duration,
    /// How the desk works.
    pub duty: DutyConfig,
    /// Signs where files are; without it, they are read by a credential only.
    pub file_urls: Option<FileUrls>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            presence_grace: Duration::from_secs(15),
            idle_after: Duration::from_secs(30),
            duty: DutyConfig::default(),
            file_urls: None,
        }
    }
}

/// The handle that everybody uses; cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) node: NodeId,
    pub(crate) store: Store,
    pub(crate) writer: LogWriter,
    pub(crate) clock: Clock,
    /// The way to the other nodes, if there are any.
    pub(crate) link: Option<Arc<dyn Link>>,
    pub(crate) cluster: Cluster,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) people: Arc<People>,
    pub(crate) duty: Duty,
    pub(crate) settings: KnownSettings,
    pub(crate) hours: std::sync::Mutex<KnownHours>,
    /// What happens by itself.
    pub(crate) automation: KnownAutomation,
    /// What the clock goes by.
    pub(crate) rules: Arc<Current>,
    /// Who was blocked just now.
    pub(crate) blocked: contacts::Tell,
    /// What is due when.
    pub(crate) watch: tokio::sync::Mutex<Watch>,
    pub(crate) sessions: DashMap<SessionId, SessionHandle>,
    pub(crate) config: Config,
    pub(crate) metrics: Metrics,
    pub(crate) epoch: Epoch,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Set when this node shall no longer say that it lives; and what says it.
    pub(crate) leaving: CancellationToken,
    pub(crate) life: TaskTracker,
    /// Set when the other nodes were told that this one ends; and what carries it there.
    pub(crate) left: CancellationToken,
    pub(crate) hints: TaskTracker,
}

impl Inner {
    pub(crate) fn sign(&self, entry: &mut Entry) {
        if let (false, Some(urls)) = (entry.attachments.is_empty(), &self.config.file_urls) {
            urls.sign(entry, self.clock.now());
        }
    }

    /// The same, of one that is shared.
    pub(crate) fn signed<'a>(&self, entry: &'a Entry) -> Cow<'a, Entry> {
        let mut entry = Cow::Borrowed(entry);
        if !entry.attachments.is_empty() {
            self.sign(entry.to_mut());
        }
        entry
    }
}

impl Hub {
    /// A hub on an open and migrated store; without a link it is alone.
    pub fn new(
        store: Store,
        writer: LogWriter,
        link: Option<Arc<dyn Link>>,
        clock: Clock,
        config: Config,
    ) -> Self {
        let node = NodeId::new(clock.mint());
        let duty = Duty::new(clock.now());
        let rules = Arc::new(Current::new(clock.clone()));
        let inner = Inner {
            node,
            cluster: Cluster::new(node, config.presence_grace),
            epoch: store.epoch(),
            store,
            writer,
            clock,
            link,
            inbox: Arc::new(Inbox::new(rules.clone())),
            people: Arc::new(People::new(config.presence_grace)),
            duty,
            settings: KnownSettings::default(),
            hours: std::sync::Mutex::default(),
            automation: KnownAutomation::default(),
            rules,
            blocked: contacts::Tell::default(),
            watch: tokio::sync::Mutex::default(),
            sessions: DashMap::new(),
            config,
            metrics: Metrics::new(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            leaving: CancellationToken::new(),
            life: TaskTracker::new(),
            left: CancellationToken::new(),
            hints: TaskTracker::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Takes part in the cluster until it shuts down: says that it lives, hears the others, and asks the store for
    /// what they did while the link does not carry.
    pub(crate) fn live_among_others(&self) {
        let inner = &self.inner;
        inner.life.spawn(cluster::run(self.clone(), inner.leaving.clone()));
    }

    /// Gives an entry that is about to go to a reader fresh addresses of its files.
    pub fn sign(&self, entry: &mut Entry) {
        self.inner.sign(entry);
    }

    /// The store's identity, which cursors belong to.
    pub fn epoch(&self) -> Epoch {
        self.inner.epoch
    }

    /// This node's name among the others; another one after each start.
    pub fn node(&self) -> NodeId {
        self.inner.node
    }

    /// The wall clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Does `action` to a session, durably, and says what became of it. A message to a closed session goes to the one
    /// that carries it on. The action is queued before this returns, so calls take effect in their order.
    ///
    /// # Errors
    /// The rule against it, or that the store did not answer: then it may still take effect, and the same id may be
    /// sent again.
    pub fn act(
        &self,
        caller: Caller,
        session: SessionId,
        action: state::Action,
    ) -> impl Future<Output = Result<Done, HubError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        self.notice(&caller);
        self.tell(session, Command::Act { caller, action, outcome: Outcome::once(reply) });
        async move {
            let answer = tokio::time::timeout(ANSWER_TIME, answer).await;
            answer.map_or(Err(HubError::Unavailable), |answer| answer.unwrap_or(Err(HubError::Unavailable)))
        }
    }

    /// Says something, as [`Hub::act`] does, for a connection: what became of it comes through the connection's own
    /// queue, exactly once, under this id. It may come late; whoever promised an answer within some time keeps that
    /// time.
    pub fn send(&self, follower: &Follower, session: SessionId, id: EntryId, action: state::Action) {
        let outcome = Outcome::queued(follower.outbound.clone(), id, session);
        self.tell(session, Command::Act { caller: follower.caller.clone(), action, outcome });
    }

    /// Tells the others that the caller types, or stopped.
    ///
    /// # Errors
    /// Not there, or not the caller's to see.
    pub async fn typing(&self, caller: Caller, session: SessionId, on: bool) -> Result<(), HubError> {
        self.ask(session, |reply| Command::Typing { caller, on, reply }).await
    }

    /// Moves the caller's read position forward; it is stored soon, and told at once.
    ///
    /// # Errors
    /// Not there, or not the caller's to see.
    pub async fn read(&self, caller: Caller, session: SessionId, seq: Seq) -> Result<(), HubError> {
        self.ask(session, |reply| Command::Read { caller, seq, reply }).await
    }

    /// The session as it is stored, if the caller may see it.
    ///
    /// # Errors
    /// Not there, or not the caller's to see; or the store does not answer.
    pub async fn session(&self, caller: &Caller, id: SessionId) -> Result<Session, HubError> {
        let session = self.inner.store.session(id).await?;
        session.filter(|session| caller.may_see(session)).ok_or(HubError::NotFound)
    }

    /// How many messages to other nodes were lost on this one, ever.
    pub fn lost_messages(&self) -> u64 {
        self.inner.link.as_ref().map_or(0, |link| link.lost())
    }

    /// How many sessions are in memory on this node.
    pub fn live_sessions(&self) -> usize {
        self.inner.sessions.len()
    }

    /// Takes what another node committed.
    pub(crate) fn committed_elsewhere(&self, publication: Publication) {
        let id = publication.session.id;
        let session = publication.session.clone();
        let told =
            self.inner.sessions.get(&id).map(|handle| match handle.tell(Command::Remote(publication)) {
                Ok(()) => true,
                Err(NotTaken::Full(_)) => {
                    handle.mark_stale();
                    true
                }
                Err(NotTaken::Ended(_)) => false,
            });
        if told != Some(true) {
            self.inner.inbox.changed(&session);
        }
    }

    /// Tells lists, here and on the other nodes, of a session that was changed without its actor.
    pub(crate) fn announce(&self, session: Arc<Session>) {
        self.inner.inbox.changed(&session);
        if let Some(link) = &self.inner.link {
            let news = Publication { session, entries: Vec::new() };
            link.publish(self.inner.node, Message::Committed(news));
        }
    }

    /// Ends every session's actor once its append in flight has landed, and waits for them; then says goodbye to the
    /// other nodes.
    pub async fn shutdown(&self) {
        self.inner.stop.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.leaving.cancel();
        self.inner.life.close();
        self.inner.life.wait().await;
        self.say_goodbye().await;
        self.inner.left.cancel();
        self.inner.hints.close();
        self.inner.hints.wait().await;
    }

    pub(crate) async fn ask<T>(
        &self,
        session: SessionId,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, HubError> {
        self.ask_knowing(session, None, command).await
    }

    /// The same, with what the caller has just read of the session.
    pub(crate) async fn ask_knowing<T>(
        &self,
        session: SessionId,
        fresh: Option<Fresh>,
        command: impl FnOnce(Reply<T>) -> Command,
    ) -> Result<T, HubError> {
        let (reply, answer) = oneshot::channel();
        self.tell_knowing(session, fresh.as_ref(), command(reply));
        match tokio::time::timeout(ANSWER_TIME, answer).await {
            Ok(answer) => answer.unwrap_or(Err(HubError::Unavailable)),
            Err(_elapsed) => Err(HubError::Unavailable),
        }
    }

    /// Puts a command into the session's mailbox, starting its actor if it has none.
    pub(crate) fn tell(&self, session: SessionId, command: Command) {
        self.tell_knowing(session, None, command);
    }

    fn tell_knowing(&self, session: SessionId, fresh: Option<&Fresh>, command: Command) {
        if self.inner.stop.is_cancelled() {
            // Dropping the command drops its reply, which its caller takes for "unavailable".
            return;
        }
        let mut command = command;
        loop {
            // Told under the registry's lock: an actor that ends looks into its mailbox under it once more.
            let registered = self.registered(session, fresh);
            match registered.tell(command) {
                Ok(()) => return,
                Err(NotTaken::Full(command)) => return session::refusal::overloaded(command),
                Err(NotTaken::Ended(unread)) => {
                    // It died. Let go of the lock first: what follows takes it.
                    let dead = registered.value().clone();
                    drop(registered);
                    self.replace(session, &dead);
                    command = unread;
                }
            }
        }
    }

    /// The session's handle, locked in the registry.
    fn registered(&self, session: SessionId, fresh: Option<&Fresh>) -> Ref<'_, SessionId, SessionHandle> {
        if let Some(handle) = self.inner.sessions.get(&session) {
            return handle;
        }
        match self.inner.sessions.entry(session) {
            Slot::Occupied(handle) => handle.into_ref().downgrade(),
            Slot::Vacant(slot) => slot.insert(self.begin_actor(session, fresh.cloned())).downgrade(),
        }
    }

    /// Puts another actor in the place of one that died. It asks the store: what a caller has just read may be from
    /// before the dead one's last append.
    fn replace(&self, session: SessionId, dead: &SessionHandle) {
        if let Slot::Occupied(mut slot) = self.inner.sessions.entry(session)
            && slot.get().is(dead)
        {
            slot.insert(self.begin_actor(session, None));
        }
    }

    fn begin_actor(&self, session: SessionId, fresh: Option<Fresh>) -> SessionHandle {
        let (handle, commands, stale) = SessionHandle::new();
        let task = actor::run(self.inner.clone(), session, handle.clone(), commands, stale, fresh);
        self.inner.tasks.spawn(task);
        handle
    }
}
