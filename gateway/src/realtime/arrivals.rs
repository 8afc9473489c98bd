//! Customers who say hello in the same moment are looked up together, so that thousands who come back at once ask the
//! store a few dozen times. While the store answers, the next ones gather.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hub::HubError;
use persistence::{Arrival, Store, StoreError, TokenHash};
use protocol::limits;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};
use tokio_util::task::TaskTracker;

use crate::error::ApiError;

/// Looked up together.
const TOGETHER: usize = 64;
/// Waiting; beyond it, the server is overloaded.
const WAITING: usize = 10_000;
/// The longest that one waits.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// Sessions of a customer named in the `welcome`.
const SESSIONS: u32 = 20;

/// Whom the store is asked about.
pub(crate) struct Arrivals {
    store: Store,
    tasks: TaskTracker,
    desk: Arc<Mutex<Desk>>,
}

#[derive(Default)]
struct Desk {
    waiting: Vec<Waiting>,
    /// Somebody asks the store, and will ask for those who wait.
    busy: bool,
}

struct Waiting {
    token: TokenHash,
    /// The last entries are asked for.
    latest: bool,
    reply: Reply,
}

type Reply = oneshot::Sender<Result<Option<Arrived>, ApiError>>;

/// What a token opens, as the store had it.
#[derive(Clone)]
pub(crate) struct Arrived {
    pub arrival: Arrival,
    /// Just before the store was asked.
    pub asked_at: Instant,
}

impl Arrivals {
    pub(crate) fn new(store: Store, tasks: TaskTracker) -> Self {
        Self { store, tasks, desk: Arc::default() }
    }

    /// What the token opens, asked for after this was called; `latest`: with the last entries of the newest session.
    ///
    /// # Errors
    /// The store does not answer, or too many wait.
    pub(crate) async fn of(&self, token: TokenHash, latest: bool) -> Result<Option<Arrived>, ApiError> {
        let (reply, answer) = oneshot::channel();
        let nobody_asks = {
            let mut desk = lock(&self.desk);
            if desk.waiting.len() >= WAITING {
                return Err(HubError::Overloaded.into());
            }
            desk.waiting.push(Waiting { token, latest, reply });
            !std::mem::replace(&mut desk.busy, true)
        };
        if nobody_asks {
            self.tasks.spawn(ask(self.store.clone(), Asking(self.desk.clone())));
        }
        match timeout(ANSWER_TIME, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(HubError::Unavailable.into()),
        }
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one who asks; whatever becomes of it, another can.
struct Asking(Arc<Mutex<Desk>>);

impl Asking {
    /// The next to ask about; none: the desk is left.
    fn next(&self) -> Vec<Waiting> {
        let mut desk = lock(&self.0);
        // Nobody is asked about who waits no longer.
        desk.waiting.retain(|waiting| !waiting.reply.is_closed());
        let count = desk.waiting.len().min(TOGETHER);
        desk.busy = count > 0;
        if count == desk.waiting.len() {
            std::mem::take(&mut desk.waiting)
        } else {
            desk.waiting.drain(..count).collect()
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *lock(&self.0) = Desk::default();
        }
    }
}

async fn ask(store: Store, asking: Asking) {
    loop {
        let mut waiting: HashMap<TokenHash, Vec<Reply>> = HashMap::new();
        let mut tokens: HashMap<TokenHash, bool> = HashMap::new();
        for Waiting { token, latest, reply } in asking.next() {
            waiting.entry(token).or_default().push(reply);
            *tokens.entry(token).or_default() |= latest;
        }
        if waiting.is_empty() {
            return;
        }
        match look_up(&store, &tokens).await {
            // What one of them opens cannot be read: that one shall fail alone.
            Err(error) if !error.retryable() && tokens.len() > 1 => {
                for (token, latest) in tokens {
                    let found = look_up(&store, &HashMap::from([(token, latest)])).await;
                    answer(found, waiting.remove_entry(&token));
                }
            }
            found => answer(found, waiting),
        }
    }
}

async fn look_up(
    store: &Store,
    tokens: &HashMap<TokenHash, bool>,
) -> Result<HashMap<TokenHash, Arrived>, StoreError> {
    let asked_at = Instant::now();
    let found = store.arrivals(tokens, SESSIONS, limits::OPEN_ENTRIES).await?;
    Ok(found.into_iter().map(|(token, arrival)| (token, Arrived { arrival, asked_at })).collect())
}

fn answer(
    found: Result<HashMap<TokenHash, Arrived>, StoreError>,
    waiting: impl IntoIterator<Item = (TokenHash, Vec<Reply>)>,
) {
    let mut found = found.map_err(ApiError::from);
    for (token, replies) in waiting {
        let mut answer = match &mut found {
            Ok(found) => Ok(found.remove(&token)),
            Err(error) => Err(error.clone()),
        };
        let last = replies.len() - 1;
        for (index, reply) in replies.into_iter().enumerate() {
            let answer = if index < last { answer.clone() } else { std::mem::replace(&mut answer, Ok(None)) };
            // Who waited may be gone.
            let _ = reply.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use hub::{Clock, Config, Hub, Start};
    use persistence::{
        LogWriter, Site, WriterConfig,
        testing::{Engine, TestStore},
    };
    use protocol::{Channel, ErrorCode, SiteId, UtcMillis};
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn those_who_come_together_are_asked_about_together() {
        let test = TestStore::new(Engine::Sqlite).await;
        let arrivals = Arc::new(Arrivals::new(test.store.clone(), TaskTracker::new()));
        let before = test.store.calls();
        let all = (0..200).map(|n| {
            let arrivals = arrivals.clone();
            async move { arrivals.of([n; 32], true).await }
        });
        for answer in futures_util::future::join_all(all).await {
            assert!(answer.unwrap().is_none(), "there is no such token");
        }
        let calls = test.store.calls() - before;
        assert!((4..=5).contains(&calls), "{calls}");
        assert!(!lock(&arrivals.desk).busy);
        assert!(arrivals.of([1; 32], false).await.unwrap().is_none(), "and again");
    }

    #[tokio::test]
    async fn what_cannot_be_read_fails_alone() {
        let test = TestStore::new(Engine::Sqlite).await;
        let (writer, _task) = LogWriter::start(test.store.clone(), WriterConfig::default());
        let hub = Hub::new(test.store.clone(), writer, None, Clock::system(), Config::default());
        let site = Arc::new(Site {
            id: SiteId::new(Uuid::from_u128(1)),
            key: "shop".into(),
            name: "Ana's Shop".into(),
            color: "#336699".into(),
            greeting: String::new(),
            prechat: Vec::new(),
            allowed_origins: Vec::new(),
            identity_secrets: Vec::new(),
            hours: None,
            created_at: UtcMillis::new(1),
        });
        test.store.create_site(&site).await.unwrap();
        let mut sessions = Vec::new();
        for n in 0..4 {
            let start = Start {
                site: site.clone(),
                channel: Channel::Web,
                verified_external_id: None,
                name: None,
                phone: None,
                email: None,
                start_key: None,
                token: [n; 32],
                message: None,
                locale: None,
                context: serde_json::json!({}),
            };
            sessions.push(hub.start(start).await.unwrap().session.id);
        }
        let pool = sqlx::SqlitePool::connect(&test.url).await.unwrap();
        let spoil = sqlx::query("update sessions set status = 'unheard of' where id = $1");
        spoil.bind(sessions[2].uuid()).execute(&pool).await.unwrap();

        let arrivals = Arrivals::new(test.store.clone(), TaskTracker::new());
        // The last one opens nothing.
        let all = (0..5).map(|n| arrivals.of([n; 32], true));
        let found = futures_util::future::join_all(all).await;
        for (n, found) in found.into_iter().enumerate() {
            match n {
                2 => assert_eq!(found.err().unwrap().code, ErrorCode::Internal),
                4 => assert!(found.unwrap().is_none()),
                n => assert_eq!(found.unwrap().unwrap().arrival.sessions[0].id, sessions[n]),
            }
        }
    }
}
