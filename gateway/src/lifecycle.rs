//! From start to stop: opening the store, serving, draining.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use hub::{Clock, Hub, InProcessLink};
use persistence::{LogWriter, Store, StoreError};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    app::{App, AppState},
    auth::password,
    bootstrap::{self, FirstStart},
    cli,
    config::Serve,
    rate_limit::{Counted, RateLimits},
    realtime::Connections,
    router, server,
    sites::Sites,
};

/// How often a store that is away at the start is tried.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How often agents' connections are checked against their logins: a member shut out is out within it.
const LOGIN_CHECK: Duration = Duration::from_secs(2);
/// How often old logins and quiet rate limits are forgotten.
const SWEEP: Duration = Duration::from_secs(60);
/// How long requests and last words may take after everybody was asked to go.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Serves until `stop`, then drains: not ready, no new connections, `bye` to all, what is queued is written.
///
/// # Errors
/// The server could not start, or its log writer died.
pub async fn run(config: Serve, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let clock = Clock::system();
    let Some(store) = open_patiently(&config, &clock, &stop).await? else { return Ok(()) };
    let first = bootstrap::bootstrap(&store, &config, &clock).await?;
    let (writer, writer_task) = LogWriter::start(store.clone(), persistence::WriterConfig::default());
    let link = Arc::new(InProcessLink::default());
    let hub_config = hub::Config {
        presence_grace: Duration::from_secs(config.presence_grace_seconds),
        ..hub::Config::default()
    };
    let hub = Hub::new(store.clone(), writer.clone(), link.clone(), clock, hub_config);
    link.join(&hub);
    let app = app(config, store, hub)?;

    say_hello(&app, &listener, first.as_ref())?;
    let accept_stop = CancellationToken::new();
    let accepting = app.tasks.spawn(server::accept(
        listener,
        router::router(app.clone()),
        app.clone(),
        accept_stop.clone(),
    ));
    let housekeeping = app.tasks.spawn(housekeeping(app.clone()));
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
    app.connections.drain(app.config.drain_time()).await;
    accept_stop.cancel();
    let _ = accepting.await;
    let _ = housekeeping.await;
    app.tasks.close();
    if tokio::time::timeout(LAST_WORDS, app.tasks.wait()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    app.hub.shutdown().await;
    writer.shutdown();
    writer_task.await.context("the log writer did not end well")?;
    tracing::info!("stopped");
    Ok(())
}

fn app(config: Serve, store: Store, hub: Hub) -> anyhow::Result<App> {
    let limits = &config.limits;
    Ok(Arc::new(AppState {
        sites: Sites::new(store.clone()),
        rates: RateLimits::new(limits),
        per_contact: Counted::new(limits.connections_per_contact, "customer"),
        per_address: Counted::new(limits.connections_per_address, "address"),
        connections: Connections::default(),
        hashing: Semaphore::new(2),
        decoy_hash: password::hash(&password::one_time())?,
        draining: CancellationToken::new(),
        tasks: TaskTracker::new(),
        store,
        hub,
        config,
    }))
}

/// Opens the store, waiting for one that is away. `None`: asked to stop meanwhile.
async fn open_patiently(
    config: &Serve,
    clock: &Clock,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Store>> {
    let mut told = false;
    loop {
        let error = match cli::open(&config.store, clock).await {
            Ok(store) => return Ok(Some(store)),
            Err(error) => error,
        };
        let away = error.downcast_ref::<StoreError>().is_some_and(StoreError::retryable);
        if !away {
            return Err(error);
        }
        if !told {
            tracing::warn!(error = format!("{error:#}"), "the store does not answer yet: waiting for it");
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(TRY_AGAIN) => {}
            () = stop.cancelled() => return Ok(None),
        }
    }
}

fn say_hello(app: &App, listener: &TcpListener, first: Option<&FirstStart>) -> anyhow::Result<()> {
    let address = listener.local_addr().context("reading the address listened on")?;
    let base = match &app.config.public_url {
        Some(url) => url.as_str().to_owned(),
        None => format!("http://{address}"),
    };
    // For people; the log line is for machines.
    println!("{}", bootstrap::greeting(&base, first));
    tracing::info!(server.address = %address, "listening");
    Ok(())
}

async fn housekeeping(app: App) {
    let mut sweep = tokio::time::interval(SWEEP);
    let mut check = tokio::time::interval(LOGIN_CHECK);
    loop {
        tokio::select! {
            () = app.draining.cancelled() => return,
            _ = sweep.tick() => {
                app.rates.forget_the_quiet();
                if let Err(error) = app.store.delete_expired_logins(app.hub.clock().now()).await {
                    tracing::debug!(%error, "old logins could not be deleted");
                }
            }
            _ = check.tick() => {
                // With the store away nobody is shut out, and nobody is let in. Whether there is anybody to shut out
                // is asked at each tick: as a condition of the branch it would be asked before the wait.
                if app.connections.any_login()
                    && let Ok(valid) = app.store.valid_logins(app.hub.clock().now()).await
                {
                    app.connections.close_all_but(&valid.into_iter().collect());
                }
            }
        }
    }
}
