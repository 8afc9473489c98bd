//! GET `/sessions/{id}/transcript`: the visible log as a file.

use std::fmt::Write as _;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use protocol::{Entry, EntryKind, Event, Sender, Seq, SessionId, limits};

use super::{PathId, query::Query};
use crate::{app::App, auth::Asking, error::ApiError};

/// Entries in one transcript: the log of a chat that ran for weeks fits, a flood does not fill the memory.
const ENTRIES: usize = 10_000;

pub(crate) async fn transcript(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(session): PathId<SessionId>,
    mut query: Query,
) -> Result<Response, ApiError> {
    app.hub.session(&caller, session).await?;
    let format = query.text("format").unwrap_or_else(|| "html".to_owned());
    query.finish()?;
    let (render, content_type): (fn(&[Entry]) -> String, _) = match format.as_str() {
        "html" => (html, "text/html; charset=utf-8"),
        "txt" => (text, "text/plain; charset=utf-8"),
        "json" => (json, "application/json"),
        "csv" => (csv, "text/csv; charset=utf-8"),
        _ => return Err(ApiError::invalid("format", "must be one of html, txt, json, csv")),
    };
    let mut entries = Vec::new();
    let mut after = Seq::ZERO;
    while entries.len() < ENTRIES {
        let page = app.store.entries_after(session, after, limits::PAGE_MAX, caller.audience()).await?;
        let full = page.len() == limits::PAGE_MAX as usize;
        after = page.last().map_or(after, |entry| entry.seq);
        entries.extend(page);
        if !full {
            break;
        }
    }
    let mut response = render(&entries).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // A file, never a page of ours: nothing in it runs here (contract §3).
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"chat-{session}.{format}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

fn who(entry: &Entry) -> &str {
    match &entry.sender {
        Sender::Customer { name, .. } => name.as_deref().unwrap_or("Customer"),
        Sender::Agent { name, .. } => name.as_deref().unwrap_or("Team"),
        Sender::System => "Hubbub",
    }
}

fn what(entry: &Entry) -> String {
    match &entry.event {
        None => entry.body.clone(),
        Some(Event::Started { .. }) => "started the chat".to_owned(),
        Some(Event::Assigned { agent: Some(agent) }) => format!("{} has the chat", agent.name),
        Some(Event::Assigned { agent: None }) => "nobody has the chat".to_owned(),
        Some(Event::StatusChanged { to, .. }) => format!("set the chat to {}", to.as_str()),
        Some(Event::Reopened { .. }) => "opened the chat again".to_owned(),
        Some(Event::Closed { .. }) => "ended the chat".to_owned(),
        Some(Event::Continued { session_id }) => format!("the chat goes on in {session_id}"),
        Some(Event::Rated { score, comment }) => match comment {
            Some(comment) => format!("rated the chat {score} of 5: {comment}"),
            None => format!("rated the chat {score} of 5"),
        },
    }
}

fn kind(entry: &Entry) -> &'static str {
    match entry.kind {
        EntryKind::Message => "message",
        EntryKind::Note => "note",
        EntryKind::Event => "event",
    }
}

fn text(entries: &[Entry]) -> String {
    let mut out = String::new();
    for entry in entries {
        let mark = if entry.kind == EntryKind::Note { " (note)" } else { "" };
        let _ = writeln!(out, "[{}] {}{mark}: {}", entry.created_at, who(entry), what(entry));
    }
    out
}

fn json(entries: &[Entry]) -> String {
    serde_json::to_string_pretty(entries).unwrap_or_default()
}

fn csv(entries: &[Entry]) -> String {
    let mut out = String::from("seq,time,kind,sender,text\r\n");
    for entry in entries {
        let (sender, said) = (cell(who(entry)), cell(&what(entry)));
        let _ = write!(out, "{},{},{},{sender},{said}\r\n", entry.seq, entry.created_at, kind(entry));
    }
    out
}

/// A quoted cell that no spreadsheet takes for a formula (OWASP: CSV injection).
fn cell(text: &str) -> String {
    let formula = text
        .trim_start_matches(['"', '\'', ' '])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

fn html(entries: &[Entry]) -> String {
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Chat</title></head><body>\n<dl>\n",
    );
    for entry in entries {
        let mark = if entry.kind == EntryKind::Note { " (note)" } else { "" };
        let _ = writeln!(
            out,
            "<dt dir=\"auto\"><b>{}</b>{mark} <time>{}</time></dt><dd dir=\"auto\">{}</dd>",
            escape(who(entry)),
            entry.created_at,
            escape(&what(entry)).replace('\n', "<br>"),
        );
    }
    out.push_str("</dl>\n</body></html>\n");
    out
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_no_formulas() {
        for bad in ["=1+1", "+1", "-1", "@x", " =1", "\"=1", "＝1"] {
            assert!(cell(bad).starts_with("\"'"), "{bad}");
        }
        assert_eq!(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<img src=x onerror='a'>&\""), "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;");
    }
}
