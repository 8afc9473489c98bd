//! Whether the store can be worked with. Asking it takes a turn of its one writer (SQLite), so strangers who ask share
//! the answers.

use std::time::{Duration, Instant};

use persistence::Store;
use tokio::sync::Mutex;

/// How old an answer may be.
const FRESH: Duration = Duration::from_secs(1);

pub(crate) struct Readiness {
    store: Store,
    /// Held while the store is asked: whoever comes meanwhile waits for that answer.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, last: Mutex::default() }
    }

    /// Whether the store could be worked with, at most a second ago.
    pub(crate) async fn store_answers(&self) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, answered)) = *last
            && at.elapsed() < FRESH
        {
            return answered;
        }
        let answered = self.store.ping().await.is_ok();
        *last = Some((Instant::now(), answered));
        answered
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use persistence::testing::{Engine, empty};

    use super::*;

    /// A hundred who ask while the store does not answer wait for one answer, not for a hundred.
    #[tokio::test]
    async fn many_who_ask_are_one() {
        let (url, _folder) = empty(Engine::Sqlite).await;
        let readiness = Readiness::new(Store::connect(&url).await.unwrap());
        assert!(readiness.store_answers().await);
        let closed = Readiness::new(readiness.store.clone());
        closed.store.close().await;
        assert!(readiness.store_answers().await, "a moment ago it did");
        assert!(!join_all((0..100).map(|_| closed.store_answers())).await.contains(&true));
    }
}
