//! From start to stop: opening the store, serving, draining.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use hub::{Clock, DutyConfig, FileUrls, Hub, Indexer, Link, RedisLink, routing::availability::Rules};
use persistence::{Lease, LogWriter, Store, StoreError};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    app::{App, AppState},
    auth::{password, token},
    blocks,
    bootstrap::{self, FirstStart},
    cli,
    config::Serve,
    files::{self, Files},
    metrics,
    rate_limit::{Counted, RateLimits},
    readiness::Readiness,
    realtime::{Arrivals, Connections},
    router,
    server::{self, Places},
    sites::Sites,
};

/// How often a store that is away at the start is tried.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// Between two looks at the desk, at the least.
const DUTY_PAUSE: Duration = Duration::from_millis(100);
/// How often is looked for what is due by the clock.
const TIMERS: Duration = Duration::from_secs(1);
/// How often agents' connections are checked against their logins: a member shut out is out within it.
const LOGIN_CHECK: Duration = Duration::from_secs(2);
/// How often old logins and quiet rate limits are forgotten.
const SWEEP: Duration = Duration::from_secs(60);
/// How long requests and last words may take after everybody was asked to go.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// How long the whole end may take beyond the drain: requests, appends in flight, goodbyes, closing the store.
const END: Duration = Duration::from_secs(20);

/// Serves until `stop`, then drains: not ready, no new connections, `bye` to all, what is queued is written.
///
/// # Errors
/// The server could not start, its log writer died, or it did not end in time.
pub async fn run(config: Serve, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let metrics = match config.metrics_listen {
        Some(address) => {
            let bound = TcpListener::bind(address).await;
            let listener = bound.with_context(|| format!("--metrics-listen {address} cannot be used"))?;
            Some((listener, metrics::count()?))
        }
        None => None,
    };
    let clock = Clock::system();
    let (places, tasks) = (Arc::new(Places::new(&config)), TaskTracker::new());
    let address = listener.local_addr().context("reading the address listened on")?;

    // Whoever watches the process is answered also while the store is away.
    let opened = CancellationToken::new();
    let waiting = router::without_store();
    let waiting = server::accept(listener, waiting, places.clone(), tasks.clone(), opened.clone());
    let waiting = tasks.spawn(waiting);
    let store = open_patiently(&config, &clock, address, &stop).await;
    opened.cancel();
    let listener = waiting.await.context("accepting connections ended")?;
    let Some((store, first, secret)) = store? else { return Ok(()) };
    let files = Files::open(&config)?;
    let urls = FileUrls::new(&secret);

    let (writer, writer_task) = LogWriter::start(store.clone(), persistence::WriterConfig::default());
    let link = config.redis_url.as_ref().map(|url| Arc::new(RedisLink::new(url)));
    let hub_config = hub::Config {
        presence_grace: Duration::from_secs(config.presence_grace_seconds),
        duty: DutyConfig {
            mode: config.routing,
            rules: Rules {
                away_after: Duration::from_secs(config.away_after_seconds),
                offline_after: Duration::from_secs(config.offline_after_seconds),
            },
            return_after: Duration::from_secs(config.return_after_seconds),
            take_messages: config.take_messages,
        },
        file_urls: Some(urls.clone()),
        ..hub::Config::default()
    };
    let carries = link.clone().map(|link| link as Arc<dyn Link>);
    let hub = Hub::new(store.clone(), writer.clone(), carries, clock, hub_config);
    if let Some(link) = link {
        link.join(&hub);
    }
    let app = app(config, store, hub, (files, urls), tasks)?;

    say_hello(&app, address, first.as_ref());
    let accept_stop = CancellationToken::new();
    let accepting = app.tasks.spawn(server::accept(
        listener,
        router::router(app.clone()),
        places,
        app.tasks.clone(),
        accept_stop.clone(),
    ));
    if let Some((listener, handle)) = metrics {
        tracing::info!(metrics.address = %listener.local_addr()?, "listening for Prometheus");
        let page = metrics::router(app.clone(), handle);
        // Places of its own: whoever fills the public ones must not blind those who look.
        let places = Arc::new(Places::new(&app.config));
        app.tasks.spawn(server::accept(listener, page, places, app.tasks.clone(), accept_stop.clone()));
    }
    let housekeeping = app.tasks.spawn(housekeeping(app.clone()));
    app.tasks.spawn(duty(app.clone()));
    app.tasks.spawn(indexing(app.clone()));
    app.tasks.spawn(blocks::watch(app.clone()));
    app.tasks.spawn(sort_contacts_in(app.clone()));
    app.tasks.spawn(files::sweep::run(app.clone()));
    let mut writer_task = writer_task;
    let writer_died = tokio::select! {
        () = stop.cancelled() => false,
        _ = &mut writer_task => true,
    };
    if writer_died {
        // Nothing could be acked any more: better to end and be started again than to refuse everything.
        anyhow::bail!("the log writer ended");
    }

    tracing::info!(
        connections = app.connections.count(),
        "stopping: asking connected clients to go elsewhere"
    );
    app.draining.cancel();
    let time = app.config.drain_time() + END;
    let ending = async {
        app.connections.drain(app.config.drain_time()).await;
        accept_stop.cancel();
        let _ = tokio::join!(accepting, housekeeping);
        end(&app, &writer, writer_task).await
    };
    match tokio::time::timeout(time, ending).await {
        Ok(ended) => ended,
        // Whatever it is that hangs, what was acked is stored.
        Err(_elapsed) => anyhow::bail!("did not end within {} s: stopping at once", time.as_secs()),
    }
}

/// After everybody was asked to go: waits for what is under way, then closes what was opened.
async fn end(app: &App, writer: &LogWriter, writer_task: JoinHandle<()>) -> anyhow::Result<()> {
    app.tasks.close();
    if tokio::time::timeout(LAST_WORDS, app.tasks.wait()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    app.hub.shutdown().await;
    writer.shutdown();
    writer_task.await.context("the log writer did not end well")?;
    // Folds SQLite's write-ahead log into the database. Everything is stored already: a store that does not answer any
    // more must not hold up the end.
    if tokio::time::timeout(LAST_WORDS, app.store.close()).await.is_err() {
        tracing::warn!("the store did not close in time");
    }
    tracing::info!("stopped");
    Ok(())
}

fn app(
    config: Serve,
    store: Store,
    hub: Hub,
    (files, urls): (Files, FileUrls),
    tasks: TaskTracker,
) -> anyhow::Result<App> {
    let limits = &config.limits;
    Ok(Arc::new(AppState {
        sites: Sites::new(store.clone()),
        readiness: Readiness::new(store.clone()),
        rates: RateLimits::new(limits),
        per_contact: Counted::new(limits.connections_per_contact, "customer"),
        per_address: Counted::new(limits.connections_per_address, "address"),
        connections: Connections::default(),
        arrivals: Arrivals::new(store.clone(), tasks.clone()),
        hashing: Arc::new(Semaphore::new(2)),
        noting: Arc::new(Semaphore::new(2)),
        decoy_hash: password::hash(&password::one_time())?,
        draining: CancellationToken::new(),
        tasks,
        store,
        hub,
        files,
        urls,
        config,
    }))
}

/// Opens the store and puts into an empty one what a first start needs, waiting for a store that is away, or goes away
/// in between. `None`: asked to stop meanwhile.
async fn open_patiently(
    config: &Serve,
    clock: &Clock,
    address: SocketAddr,
    stop: &CancellationToken,
) -> anyhow::Result<Option<(Store, Option<FirstStart>, String)>> {
    let open = async || {
        let store = cli::open(&config.store, clock).await?;
        let first = bootstrap::bootstrap(&store, config, clock).await?;
        let secret = store.file_secret(&token::secret()).await?;
        anyhow::Ok((store, first, secret))
    };
    let mut told = false;
    loop {
        let error = match open().await {
            Ok(opened) => return Ok(Some(opened)),
            Err(error) => error,
        };
        let away = error.downcast_ref::<StoreError>().is_some_and(StoreError::retryable);
        if !away {
            return Err(error);
        }
        if !told {
            tracing::warn!(
                server.address = %address,
                error = format!("{error:#}"),
                "the store does not answer yet: waiting for it"
            );
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(TRY_AGAIN) => {}
            () = stop.cancelled() => return Ok(None),
        }
    }
}

fn say_hello(app: &App, address: SocketAddr, first: Option<&FirstStart>) {
    let base = match &app.config.public_url {
        Some(url) => url.as_str().to_owned(),
        None => format!("http://{address}"),
    };
    // For people; the log line is for machines.
    println!("{}", bootstrap::greeting(&base, first));
    tracing::info!(server.address = %address, "listening");
}

/// Ends the connections of logins that have ended, on whichever node. With the store away nobody is shut out, and nobody
/// is let in.
pub(crate) async fn shut_out(app: &App) {
    // Before the store is asked: whoever signs in meanwhile is not asked about, so must not be judged by the answer.
    let mut logins = app.connections.logins();
    let asked: Vec<_> = logins.iter().copied().collect();
    if asked.is_empty() {
        return;
    }
    if let Ok(valid) = app.store.valid_logins(&asked, app.hub.clock().now()).await {
        logins.retain(|login| !valid.contains(login));
        app.connections.close_logins(&logins);
    }
}

/// One node does it for all.
async fn delete_old_logins(app: &App) -> Result<(), StoreError> {
    // Longer than the pause, so that one who does it goes on doing it, and not so long that a dead one is waited for.
    if app.store.claim(Lease::Sweep, app.hub.node(), SWEEP * 3 / 2).await? {
        app.store.delete_expired_logins(app.hub.clock().now()).await?;
    }
    Ok(())
}

/// Makes findable what is said.
async fn indexing(app: App) {
    let mut indexer = Indexer::new(app.hub.clone());
    loop {
        let pause = indexer.look().await.unwrap_or_else(|error| {
            tracing::debug!(%error, "what was said could not be indexed");
            TIMERS
        });
        tokio::select! {
            () = app.draining.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Looks at the desk every second, and sooner when something happened.
async fn duty(app: App) {
    loop {
        if let Err(error) = app.hub.attend().await {
            tracing::debug!(%error, "the desk could not be looked at");
        }
        tokio::select! {
            () = app.draining.cancelled() => return,
            () = tokio::time::sleep(TIMERS) => {}
            // What comes together is seen in one look.
            () = app.hub.duty_calls() => tokio::time::sleep(DUTY_PAUSE).await,
        }
    }
}

/// Makes those contacts findable that an older version wrote.
async fn sort_contacts_in(app: App) {
    const TOGETHER: u32 = 200;
    while !app.draining.is_cancelled() {
        match app.store.sort_contacts_in(TOGETHER).await {
            Ok(0) => return,
            // Others want to write, too.
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::debug!(%error, "contacts could not be sorted in");
                tokio::time::sleep(TRY_AGAIN).await;
            }
        }
    }
}

async fn housekeeping(app: App) {
    let mut sweep = tokio::time::interval(SWEEP);
    let mut check = tokio::time::interval(LOGIN_CHECK);
    let mut timers = tokio::time::interval(TIMERS);
    loop {
        tokio::select! {
            () = app.draining.cancelled() => return,
            _ = sweep.tick() => {
                app.rates.forget_the_quiet();
                if let Err(error) = delete_old_logins(&app).await {
                    tracing::debug!(%error, "old logins could not be deleted");
                }
            }
            _ = timers.tick() => {
                if let Err(error) = app.hub.ring().await {
                    tracing::debug!(%error, "what is due could not be done");
                }
            }
            _ = check.tick() => {
                shut_out(&app).await;
                if app.config.redis_url.is_none()
                    && app.config.store.is_shared()
                    && let Err(error) = app.hub.look_for_others().await
                {
                    tracing::debug!(%error, "the store did not say who else lives");
                }
            }
        }
    }
}
