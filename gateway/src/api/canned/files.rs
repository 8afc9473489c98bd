//! Canned answers to a file and from one: JSON, or CSV that a spreadsheet opens.

use std::collections::HashMap;

use axum::{
    body::Body,
    extract::{FromRequest, Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, stream};
use persistence::{Agent, CannedCursor, CannedFilter, CannedKept, CannedOwner};
use protocol::{
    ErrorCode, TeamId, limits,
    rest::{CannedAnswer, CannedFile, CannedRow, CannedScope, ImportedCanned},
};

use super::{Texts, exists, full, full_of_own, may_keep, reader, scope};
use crate::{
    api::{
        body::{object, whole},
        query::Query,
        spreadsheet::{guarded, unguarded},
    },
    app::App,
    auth::Member,
    error::{ApiError, Faults},
};

const COLUMNS: [&str; 6] = ["shortcut", "title", "category", "body", "scope", "team"];

/// GET `/canned/export`.
pub(crate) async fn export(
    State(app): State<App>,
    Member(me): Member,
    mut query: Query,
) -> Result<Response, ApiError> {
    let format = match query.text("format").as_deref() {
        None | Some("json") => Format::Json,
        Some("csv") => Format::Csv,
        Some(_) => return Err(ApiError::invalid("format", "must be one of json, csv")),
    };
    let filter = CannedFilter { scope: scope(&mut query)?, ..CannedFilter::default() };
    query.finish()?;
    let (kind, name) = match format {
        Format::Json => ("application/json", "attachment; filename=\"canned-answers.json\""),
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"canned-answers.csv\""),
    };
    let mut pages = Pages { app, me, filter, format, after: None, begun: false, ended: false };
    // The first page before the status: a store that is away is answered as such.
    let first = pages.next().await?;
    let rest = stream::try_unfold(pages, async |mut pages| {
        let page = pages.next().await?;
        Ok::<_, ApiError>(page.map(|page| (page, pages)))
    });
    let mut response = Body::from_stream(stream::iter(first.map(Ok)).chain(rest)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

#[derive(Clone, Copy)]
enum Format {
    Json,
    Csv,
}

/// A file on its way out, a page at a time.
struct Pages {
    app: App,
    me: Agent,
    filter: CannedFilter,
    format: Format,
    after: Option<CannedCursor>,
    begun: bool,
    ended: bool,
}

impl Pages {
    /// The next piece of the file; `None` after the last.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, ApiError> {
        if self.ended {
            return Ok(None);
        }
        let (reader, after) = (reader(&self.me), self.after.as_ref());
        let page = self.app.store.canned_answers(reader, &self.filter, after, limits::PAGE_DEFAULT).await?;
        self.after = page.next;
        self.ended = self.after.is_none();
        let rows = page.items.into_iter().map(row_of);
        let piece = match self.format {
            Format::Json => json(rows, self.begun, self.ended),
            Format::Csv => csv(rows, self.begun),
        };
        self.begun = true;
        let failed = |error| {
            tracing::error!(%error, "canned answers could not be written to a file");
            ApiError::new(ErrorCode::Internal, "The file could not be written.")
        };
        piece.map(Some).map_err(failed)
    }
}

fn row_of(answer: CannedAnswer) -> CannedRow {
    let CannedAnswer { shortcut, title, category, body, scope, team, .. } = answer;
    let team = team.map(|team| team.name).unwrap_or_default();
    CannedRow { shortcut, title, category, body, scope: scope.as_str().to_owned(), team }
}

fn json(rows: impl Iterator<Item = CannedRow>, begun: bool, ended: bool) -> Result<Vec<u8>, csv::Error> {
    let mut out = if begun { Vec::new() } else { b"{\"items\":[".to_vec() };
    for (at, row) in rows.enumerate() {
        out.extend_from_slice(if begun || at > 0 { b",\n" } else { b"\n" });
        serde_json::to_writer(&mut out, &row).map_err(std::io::Error::from)?;
    }
    if ended {
        out.extend_from_slice(b"\n]}\n");
    }
    Ok(out)
}

fn csv(rows: impl Iterator<Item = CannedRow>, begun: bool) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if !begun {
        out.write_record(COLUMNS)?;
    }
    for CannedRow { shortcut, title, category, body, scope, team } in rows {
        let cells = [shortcut, title, category, body, scope, team];
        out.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

/// The rows of a file, and how its rows are called.
pub(crate) struct File {
    rows: Vec<CannedRow>,
    called: fn(usize) -> String,
}

impl FromRequest<App> for File {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_lowercase();
        match kind.as_str() {
            "application/json" => {
                let bytes = whole(request.into_body(), limits::CANNED_FILE_BYTES).await?;
                let CannedFile { items } = object(&bytes)?;
                Ok(Self { rows: items, called: |at| format!("items[{at}].") })
            }
            "text/csv" => {
                let bytes = whole(request.into_body(), limits::CANNED_FILE_BYTES).await?;
                // As a spreadsheet counts them: the names of the columns are the first.
                Ok(Self { rows: read_csv(&bytes)?, called: |at| format!("row {}: ", at + 2) })
            }
            _ => Err(ApiError::new(
                ErrorCode::UnsupportedType,
                "Send JSON or CSV: Content-Type: application/json or text/csv.",
            )),
        }
    }
}

fn read_csv(bytes: &[u8]) -> Result<Vec<CannedRow>, ApiError> {
    let invalid = |message: String| ApiError::invalid("body", message);
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("is not UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Where a comma is the decimal point, spreadsheets write semicolons.
    let names = text.lines().next().unwrap_or_default();
    let delimiter = if names.contains(';') && !names.contains(',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| invalid(format!("row 1: {}", told(&error))))?;
    let names: csv::StringRecord = names.iter().map(str::to_lowercase).collect();
    for [name, chatwoots] in [["shortcut", "short_code"], ["body", "content"]] {
        if !names.iter().any(|there| there == name || there == chatwoots) {
            return Err(invalid(format!("row 1: has no column {name}")));
        }
    }
    reader.set_headers(names);
    let mut rows = Vec::new();
    for (at, row) in reader.deserialize().enumerate() {
        let mut row: CannedRow = row.map_err(|error| invalid(format!("row {}: {}", at + 2, told(&error))))?;
        if at >= limits::CANNED {
            return Err(invalid(format!("has more rows than the limit of {}", limits::CANNED)));
        }
        let CannedRow { shortcut, title, category, body, scope, team } = &mut row;
        for cell in [shortcut, title, category, body, scope, team] {
            let plain = unguarded(cell);
            if plain.len() < cell.len() {
                *cell = plain.to_owned();
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// What is wrong with a row, without its place, which is counted otherwise there.
fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells; the first row has {expected_len}")
        }
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        _ => "cannot be read".to_owned(),
    }
}

/// POST `/canned/import`.
pub(crate) async fn import(
    State(app): State<App>,
    Member(me): Member,
    mut query: Query,
    File { rows, called }: File,
) -> Result<axum::Json<ImportedCanned>, ApiError> {
    let replace = match query.text("existing").as_deref() {
        None | Some("refuse") => false,
        Some("replace") => true,
        Some(_) => return Err(ApiError::invalid("existing", "must be one of refuse, replace")),
    };
    query.finish()?;
    if rows.len() > limits::CANNED {
        let message = format!("has {} entries; the limit is {}", rows.len(), limits::CANNED);
        return Err(ApiError::invalid("items", message));
    }
    let teams = app.store.teams().await?;
    let teams: HashMap<String, TeamId> =
        teams.into_iter().map(|team| (team.name.to_lowercase(), team.id)).collect();
    let mut faults = Faults::default();
    let mut texts = Vec::with_capacity(rows.len());
    for (at, row) in rows.into_iter().enumerate() {
        if faults.len() >= limits::CANNED_FAULTS {
            break;
        }
        let within = called(at);
        let Some(owner) = owner(&me, &row, &teams, &within, &mut faults)? else { continue };
        let CannedRow { shortcut, title, category, body, .. } = row;
        texts.extend(Texts { shortcut, title, category, body }.checked(&app, owner, &within, &mut faults));
    }
    faults.finish()?;
    match app.store.keep_canned(&texts, me.id, app.hub.clock().now(), replace).await? {
        CannedKept::Kept { created, replaced } => Ok(axum::Json(ImportedCanned { created, replaced })),
        CannedKept::Exists(rows) => {
            let mut error = exists();
            let mut faults = Faults::default();
            for at in rows.into_iter().take(limits::CANNED_FAULTS) {
                faults.add(&format!("{}shortcut", called(at)), "exists already, or is there twice");
            }
            if let Err(named) = faults.finish() {
                error.detail = named.detail;
                error.errors = named.errors;
            }
            Err(error)
        }
        CannedKept::Full(limit) => Err(full(limit)),
        CannedKept::FullOfOwn(limit) => Err(full_of_own(limit)),
    }
}

/// Whose a row is to be.
fn owner(
    me: &Agent,
    row: &CannedRow,
    teams: &HashMap<String, TeamId>,
    within: &str,
    faults: &mut Faults,
) -> Result<Option<CannedOwner>, ApiError> {
    let scope = match row.scope.trim() {
        "" => CannedScope::Personal,
        word => match word.to_lowercase().parse() {
            Ok(scope) => scope,
            Err(message) => {
                faults.add(&format!("{within}scope"), message);
                return Ok(None);
            }
        },
    };
    may_keep(me, scope)?;
    let team = row.team.trim().to_lowercase();
    match (scope, team.as_str()) {
        (CannedScope::Personal, "") => return Ok(Some(CannedOwner::Agent(me.id))),
        (CannedScope::All, "") => return Ok(Some(CannedOwner::All)),
        (CannedScope::Team, "") => faults.add(&format!("{within}team"), "is missing"),
        (CannedScope::Team, name) => match teams.get(name) {
            Some(id) => return Ok(Some(CannedOwner::Team(*id))),
            None => faults.add(&format!("{within}team"), "is no team"),
        },
        (CannedScope::Personal | CannedScope::All, _) => {
            faults.add(&format!("{within}team"), "is only for the scope team");
        }
    }
    Ok(None)
}
