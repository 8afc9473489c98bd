//! The files of canned answers: who may change an answer gives and takes them, and who may use it takes copies of them
//! into a chat. A copy is a file like any other there, so it neither tells of the answer nor goes with it.

use axum::{
    extract::{Request, State},
    http::StatusCode,
};
use hub::Caller;
use persistence::{CannedFile, CannedFileKept, CannedReader, File, Uploader};
use protocol::{
    Attachment, CannedId, SessionId, limits,
    rest::{AttachCanned, AttachedCanned},
};
use uuid::Uuid;

use super::{keeps, leads, may_keep, seen};
use crate::{
    api::{PathId, body::Json},
    app::App,
    auth::{ClientAddress, Member},
    error::ApiError,
    files::form::receive,
};

/// POST `/canned/{canned}/attachments`.
pub(crate) async fn add(
    State(app): State<App>,
    Member(me): Member,
    address: ClientAddress,
    PathId(id): PathId<CannedId>,
    request: Request,
) -> Result<(StatusCode, axum::Json<Attachment>), ApiError> {
    let answer = seen(&app, &me, id).await?;
    may_keep(&me, answer.scope)?;
    let uploader = Uploader::Agent(me.id);
    app.rates.upload(uploader, address.key())?;
    let _place = app.files.place(uploader)?;
    if answer.attachments.len() >= app.files.max_files() {
        return Err(full(&app));
    }
    let file = receive(&app, request).await?;
    let new = CannedFile { canned: id, file };
    let bytes = app.files.max_bytes().saturating_mul(limits::CANNED_FILES);
    let now = app.hub.clock().now();
    let kept = app.store.add_canned_file(&new, me.id, now, (app.files.max_files(), bytes)).await?;
    let refused = match kept {
        CannedFileKept::Kept => {
            let CannedFile { file, .. } = new;
            return Ok((StatusCode::CREATED, axum::Json(app.urls.signed_file(file, now))));
        }
        CannedFileKept::NoAnswer => ApiError::not_found(),
        CannedFileKept::Full => full(&app),
        CannedFileKept::FullOfBytes => {
            let limit = bytes >> 20;
            ApiError::invalid(
                "file",
                format!("does not fit: the files of all canned answers have {limit} MiB at most"),
            )
        }
    };
    // What is left is swept.
    let _ = app.files.storage.delete(new.file.id).await;
    Err(refused)
}

fn full(app: &App) -> ApiError {
    ApiError::invalid("file", format!("is one too many: the limit of an answer is {}", app.files.max_files()))
}

/// POST `/canned/{canned}/attach`.
pub(crate) async fn attach(
    State(app): State<App>,
    Member(me): Member,
    address: ClientAddress,
    PathId(id): PathId<CannedId>,
    Json(AttachCanned { session_id }): Json<AttachCanned>,
) -> Result<(StatusCode, axum::Json<AttachedCanned>), ApiError> {
    let answer = seen(&app, &me, id).await?;
    app.hub.session(&app.agent_caller(&me), session_id).await?;
    let uploader = Uploader::Agent(me.id);
    app.rates.upload(uploader, address.key())?;
    let _place = app.files.place(uploader)?;
    let mut copies: Vec<Attachment> = Vec::with_capacity(answer.attachments.len());
    for file in answer.attachments {
        match copy(&app, file, session_id, uploader).await {
            Ok(copy) => copies.push(copy),
            Err(error) => {
                // All of them or none.
                for copy in copies {
                    app.store.withdraw_file(copy.id, uploader, app.hub.clock().now()).await?;
                }
                return Err(error);
            }
        }
    }
    let now = app.hub.clock().now();
    let attachments = copies.into_iter().map(|copy| app.urls.signed_file(copy, now)).collect();
    Ok((StatusCode::CREATED, axum::Json(AttachedCanned { attachments })))
}

/// Makes a file of a canned answer one that the agent uploaded to the session.
async fn copy(
    app: &App,
    file: Attachment,
    session: SessionId,
    uploader: Uploader,
) -> Result<Attachment, ApiError> {
    let id = Uuid::new_v4();
    let copy = Attachment {
        id,
        url: Attachment::path(id),
        thumbnail_url: file.thumbnail_url.map(|_| Attachment::thumbnail_path(id)),
        ..file
    };
    let now = app.hub.clock().now();
    app.files.copy(file.id, id, copy.thumbnail_url.is_some(), now).await?;
    let row = File::waiting(&copy, session, uploader, now);
    app.files.keep(app, &row).await?;
    Ok(copy)
}

/// A file of a canned answer, if the caller sees that.
pub(crate) async fn file_for(app: &App, caller: &Caller, id: Uuid) -> Result<CannedFile, ApiError> {
    let file = app.store.canned_file(id).await?.ok_or_else(ApiError::not_found)?;
    app.store.canned_answer(asking(caller)?, file.canned).await?.ok_or_else(ApiError::not_found)?;
    Ok(file)
}

/// Takes a file from its canned answer, for who may change that.
pub(crate) async fn remove(app: &App, caller: &Caller, id: Uuid) -> Result<(), ApiError> {
    let file = app.store.canned_file(id).await?.ok_or_else(ApiError::not_found)?;
    let me = asking(caller)?;
    let answer = app.store.canned_answer(me, file.canned).await?.ok_or_else(ApiError::not_found)?;
    keeps(me, answer.scope)?;
    app.store.remove_canned_file(file.canned, id, me.agent, app.hub.clock().now()).await?;
    Ok(())
}

/// Who of the team asks. Customers see no canned answer.
fn asking(caller: &Caller) -> Result<CannedReader, ApiError> {
    match caller {
        Caller::Agent { agent, role, .. } => Ok(CannedReader { agent: agent.id, leads: leads(*role) }),
        Caller::Customer(_) | Caller::System => Err(ApiError::not_found()),
    }
}
