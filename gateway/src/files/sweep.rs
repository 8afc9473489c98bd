//! Throws away what nobody needs any more: uploads that no message named, what was deleted, and what was left by a
//! process that died.

use std::time::Duration;

use futures_util::StreamExt as _;
use persistence::Lease;
use protocol::{UtcMillis, limits};
use uuid::Uuid;

use super::storage::{FOLDERS, Part};
use crate::app::App;

/// Files thrown away at once.
const BATCH: u32 = 200;
/// Batches of one round.
const BATCHES: usize = 50;
/// Folders of the storage that are compared with the store in one round.
const LOOKED: u16 = 8;
/// Bytes without a row are nobody's after so long: a row is made right after them.
const ORPHANED: Duration = Duration::from_secs(24 * 60 * 60);

/// Sweeps until the server stops.
pub(crate) async fn run(app: App) {
    let pause = Duration::from_secs(app.config.files.files_sweep_seconds);
    let mut folder = 0;
    loop {
        tokio::select! {
            () = app.draining.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        if let Err(error) = round(&app, pause, &mut folder).await {
            tracing::warn!(%error, "files could not be swept");
        }
    }
}

async fn round(app: &App, pause: Duration, folder: &mut u16) -> anyhow::Result<()> {
    let now = app.hub.clock().now();
    let before = |age: Duration| now.get() - i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    // This node's own, where the others may have folders of theirs.
    app.files.storage.sweep_incoming(before(ORPHANED)).await?;
    if !app.store.claim(Lease::Files, app.hub.node(), pause * 3 / 2).await? {
        return Ok(());
    }
    let waited = UtcMillis::new(before(limits::ATTACHMENT_WAITS));
    app.store.expire_files(waited, now).await?;
    for _ in 0..BATCHES {
        let deleted = app.store.deleted_files(BATCH).await?;
        for id in &deleted {
            app.files.storage.delete(*id).await?;
        }
        app.store.forget_files(&deleted).await?;
        if deleted.len() < BATCH as usize {
            break;
        }
    }
    for _ in 0..LOOKED {
        let byte = u8::try_from(*folder % FOLDERS).unwrap_or_default();
        for part in Part::ALL {
            sweep_orphans(app, part, byte, before(ORPHANED)).await?;
        }
        *folder = (*folder + 1) % FOLDERS;
    }
    Ok(())
}

async fn sweep_orphans(app: &App, part: Part, folder: u8, before: i64) -> anyhow::Result<()> {
    let older = app.files.storage.older(part, folder, before);
    let mut batches = older.chunks(BATCH as usize);
    while let Some(batch) = batches.next().await {
        let ids: Vec<Uuid> = batch.into_iter().collect::<Result<_, _>>()?;
        let known = app.store.known_files(&ids).await?;
        for id in ids.iter().filter(|id| !known.contains(id)) {
            app.files.storage.delete(*id).await?;
        }
    }
    Ok(())
}
