//! POST `/events`: several sessions, and the team's lists, in one long-poll.

use std::{
    collections::HashMap,
    future::pending,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use hub::{Caller, Follower, HubError, InboxWatch, News, Page};
use protocol::{
    ErrorCode, SessionId, View, limits,
    rest::{ListedView, PollAnswer, PollRequest, PollSession, PollView},
};
use tokio::time::Instant;

use super::{Asker, Found, Poll};
use crate::{api::body::Json, app::App, error::ApiError, realtime::check, server::Held};

/// With more lists than this, every answer costs the next request a pause: each reads all of them anew.
const MANY_LISTS: usize = 10;
/// That pause.
const LISTS_PAUSE: Duration = Duration::from_secs(1);

/// POST `/events`.
pub(crate) async fn events_of_many(
    State(app): State<App>,
    asker: Asker,
    Json(asked): Json<PollRequest>,
) -> Result<Response, ApiError> {
    let PollRequest { sessions, views, wait } = asked;
    if sessions.len() > limits::FOLLOWED {
        return Err(ApiError::invalid("sessions", format!("has more than {} entries", limits::FOLLOWED)));
    }
    if views.len() > limits::WATCHED {
        return Err(ApiError::invalid("views", format!("has more than {} entries", limits::WATCHED)));
    }
    if !views.is_empty() && matches!(asker.caller, Caller::Customer(_)) {
        return Err(ApiError::new(ErrorCode::Forbidden, "Lists are the team's."));
    }
    let wait = match wait.map(u64::from) {
        None => limits::POLL_WAIT_DEFAULT,
        Some(wait) if wait <= limits::POLL_WAIT.as_secs() => Duration::from_secs(wait),
        Some(_) => {
            let max = limits::POLL_WAIT.as_secs();
            return Err(ApiError::invalid("wait", format!("must be a number from 0 to {max}")));
        }
    };
    let deadline = Instant::now() + wait;
    for (nth, PollView { limit, view, .. }) in views.iter().enumerate() {
        if views[..nth].iter().any(|other| other.view == *view) {
            return Err(ApiError::invalid("views", "must not name a list twice"));
        }
        if limit.is_some_and(|limit| limit > limits::PAGE_MAX) {
            let message = format!("must have a limit from 0 to {}", limits::PAGE_MAX);
            return Err(ApiError::invalid("views", message));
        }
        check(view)?;
    }
    let mut many = Many::look(Poll::attach(&app, asker)?, sessions, views).await?;
    if many.is_news() || many.poll.is_over(deadline) {
        return Ok(axum::Json(many.answer()?).into_response());
    }
    Ok(Held::new(async move {
        while !many.is_news() && !many.poll.is_over(deadline) {
            many.woken(deadline).await?;
            Box::pin(many.look_again()).await?;
        }
        many.answer().map(axum::Json)
    })
    .into_response())
}

/// Several sessions and lists at once.
struct Many {
    poll: Poll,
    found: Vec<(PollSession, Found)>,
    missing: Vec<SessionId>,
    views: Vec<PollView>,
    lists: Option<Lists>,
}

impl Many {
    async fn look(poll: Poll, sessions: Vec<PollSession>, views: Vec<PollView>) -> Result<Self, ApiError> {
        let mut lists = (!views.is_empty()).then(|| Lists::watch(&poll, &views));
        if let Some(lists) = &mut lists {
            lists.read().await?;
        }
        let mut many =
            Self { poll, found: Vec::with_capacity(sessions.len()), missing: Vec::new(), views, lists };
        for asked in sessions {
            match many.poll.look(&asked).await {
                Ok(found) => many.found.push((asked, found)),
                Err(ApiError { code: ErrorCode::NotFound, .. }) => many.missing.push(asked.id),
                Err(error) => return Err(error),
            }
        }
        Ok(many)
    }

    fn is_news(&self) -> bool {
        !self.missing.is_empty()
            || self.lists.as_ref().is_some_and(|lists| !lists.missing.is_empty())
            || self.found.iter().any(|(_, found)| found.is_news())
            || self.listed().next().is_some()
    }

    /// The lists with news.
    fn listed(&self) -> impl Iterator<Item = ListedView> {
        self.views.iter().filter_map(|asked| self.lists.as_ref()?.news(asked))
    }

    /// Waits until something comes, or the deadline.
    async fn woken(&mut self, deadline: Instant) -> Result<(), ApiError> {
        let listed = async {
            match &mut self.lists {
                Some(lists) => lists.changed().await,
                None => pending().await,
            }
        };
        tokio::select! {
            listed = listed => listed,
            _ = self.poll.woken(deadline) => Ok(()),
        }
    }

    async fn look_again(&mut self) -> Result<(), ApiError> {
        for (asked, mut found) in std::mem::take(&mut self.found) {
            match self.poll.look_again(&asked, &mut found).await {
                Ok(()) => self.found.push((asked, found)),
                Err(ApiError { code: ErrorCode::NotFound, .. }) => self.missing.push(asked.id),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn answer(mut self) -> Result<PollAnswer, ApiError> {
        self.poll.still_signed_in()?;
        let views = self.listed().collect();
        let Self { poll, found, missing, lists, .. } = self;
        let asked = lists.as_ref().map_or(0, |lists| lists.pages.len());
        let pause = if asked > MANY_LISTS { LISTS_PAUSE } else { Duration::ZERO };
        let news = found.into_iter().filter(|(_, found)| found.is_news());
        Ok(PollAnswer {
            epoch: poll.app.hub.epoch(),
            sessions: news.map(|(_, found)| poll.answer_one(found)).collect(),
            views,
            missing,
            missing_views: lists.map(|lists| lists.missing).unwrap_or_default(),
            retry_after_ms: poll.retry_after_ms().max(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)),
        })
    }
}

/// The lists of one request.
struct Lists {
    watch: InboxWatch,
    pages: HashMap<View, Arc<Page>>,
    /// Those that are not there.
    missing: Vec<View>,
}

impl Lists {
    fn watch(poll: &Poll, views: &[PollView]) -> Self {
        let Follower { connection, caller, .. } = &poll.follower;
        let mut watch = poll.app.hub.watch_inbox(*connection, caller.clone());
        for PollView { view, limit, .. } in views {
            watch.watch(view.clone(), limit.unwrap_or(limits::PAGE_DEFAULT));
        }
        Self { watch, pages: HashMap::new(), missing: Vec::new() }
    }

    /// Waits until all of them were read.
    async fn read(&mut self) -> Result<(), ApiError> {
        while self.pages.len() < self.watch.count() {
            self.changed().await?;
        }
        Ok(())
    }

    /// Waits until one of them changed. Cancel-safe.
    async fn changed(&mut self) -> Result<(), ApiError> {
        for (view, news) in self.watch.next().await {
            match news {
                News::Listed(page) | News::Changed { page, .. } => drop(self.pages.insert(view, page)),
                News::Failed(HubError::NoSuchList | HubError::NoSuchSite) => {
                    self.pages.remove(&view);
                    self.missing.push(view);
                }
                News::Failed(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// A list, if it is not what the client has.
    fn news(&self, asked: &PollView) -> Option<ListedView> {
        let page = self.pages.get(&asked.view)?;
        let mut hasher = DefaultHasher::new();
        page.total().hash(&mut hasher);
        page.sort().hash(&mut hasher);
        for row in page.rows() {
            (row.session().id, row.session().version).hash(&mut hasher);
        }
        let version = format!("{:x}", hasher.finish());
        let sessions = || page.rows().iter().map(|row| row.summary());
        (asked.version.as_ref() != Some(&version)).then(|| ListedView {
            view: asked.view.clone(),
            version,
            sort: page.sort(),
            more: page.more(),
            total: page.total(),
            sessions: sessions().collect(),
        })
    }
}
