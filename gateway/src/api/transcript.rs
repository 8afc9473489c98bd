//! GET `/sessions/{id}/transcript`: the visible log as a file.

use std::fmt::Write as _;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use protocol::{AskedSkill, Audience, Entry, EntryKind, Event, OfferEvent, Sender, Seq, SessionId};

use super::{PathId, query::Query, spreadsheet::guarded};
use crate::{app::App, auth::Asking, error::ApiError};

/// Entries in one transcript: the log of a chat that ran for weeks fits, a flood does not keep the server busy.
const ENTRIES: usize = 10_000;
/// Entries read and rendered at a time. Pages follow one another as the client takes them, so that no log, however
/// long its messages, is held whole.
const PAGE: u32 = 50;

pub(crate) async fn transcript(
    State(app): State<App>,
    Asking(caller): Asking,
    PathId(session): PathId<SessionId>,
    mut query: Query,
) -> Result<Response, ApiError> {
    app.hub.session(&caller, session).await?;
    let format = query.text("format").unwrap_or_else(|| "html".to_owned());
    query.finish()?;
    let (format, content_type) = match format.as_str() {
        "html" => (HTML, "text/html; charset=utf-8"),
        "txt" => (TEXT, "text/plain; charset=utf-8"),
        "json" => (JSON, "application/json"),
        "csv" => (CSV, "text/csv; charset=utf-8"),
        _ => return Err(ApiError::invalid("format", "must be one of html, txt, json, csv")),
    };
    let name = format!("attachment; filename=\"chat-{session}.{}\"", format.ending);
    let mut pages =
        Pages { app, session, audience: caller.audience(), format, after: Seq::ZERO, said: 0, ended: false };
    // The first page before the status: a store that is away is answered as such.
    let first = pages.next().await?;
    let rest = stream::try_unfold(pages, async |mut pages| {
        let page = pages.next().await?;
        Ok::<_, ApiError>(page.map(|page| (page, pages)))
    });
    let body = Body::from_stream(stream::iter(first.map(Ok)).chain(rest));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // A file, never a page of ours: nothing in it runs here (contract §3).
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// How a log becomes a file.
#[derive(Clone, Copy)]
struct Format {
    ending: &'static str,
    head: &'static str,
    between: &'static str,
    entry: fn(&Entry, &mut String),
    foot: &'static str,
}

/// A log on its way out.
struct Pages {
    app: App,
    session: SessionId,
    audience: Audience,
    format: Format,
    after: Seq,
    said: usize,
    ended: bool,
}

impl Pages {
    /// The next piece of the file; `None` after the last.
    async fn next(&mut self) -> Result<Option<String>, ApiError> {
        if self.ended {
            return Ok(None);
        }
        let page = self.app.store.entries_after(self.session, self.after, PAGE, self.audience).await?;
        let mut out = if self.after == Seq::ZERO { self.format.head.to_owned() } else { String::new() };
        for entry in &page {
            if self.said > 0 {
                out.push_str(self.format.between);
            }
            (self.format.entry)(entry, &mut out);
            self.said += 1;
            self.after = entry.seq;
        }
        self.ended = page.len() < PAGE as usize || self.said >= ENTRIES;
        if self.ended {
            out.push_str(self.format.foot);
        }
        Ok(Some(out))
    }
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
        None if entry.deleted_at.is_some() => "(deleted)".to_owned(),
        None => {
            let edited = if entry.edited_at.is_some() { " (edited)" } else { "" };
            let files = entry.attachments.iter().map(|file| format!("[{}, {}]", file.name, size(file.size)));
            let said = format!("{}{edited}", entry.body);
            let parts: Vec<_> = std::iter::once(said).filter(|said| !said.is_empty()).chain(files).collect();
            parts.join(" ")
        }
        Some(Event::Edited { .. }) => "changed what was said".to_owned(),
        Some(Event::Deleted { .. }) => "deleted what was said".to_owned(),
        Some(Event::Joined { .. }) => "joined the chat".to_owned(),
        Some(Event::Started { .. }) => "started the chat".to_owned(),
        Some(Event::Assigned { agent: Some(agent) }) => format!("{} has the chat", agent.name),
        Some(Event::Assigned { agent: None }) => "nobody has the chat".to_owned(),
        Some(Event::Transferred { to, .. }) => format!("handed the chat to {}", to.name),
        Some(Event::PriorityChanged { to, .. }) => format!("set the priority to {}", to.as_str()),
        Some(Event::SubjectChanged { to: Some(to) }) => format!("wrote down what it is about: {to}"),
        Some(Event::SubjectChanged { to: None }) => "struck out what it is about".to_owned(),
        Some(Event::CategoryChanged { to: Some(to) }) => format!("set the category to {to}"),
        Some(Event::CategoryChanged { to: None }) => "struck out the category".to_owned(),
        Some(Event::Tagged { added, removed }) => {
            let words =
                added.iter().map(|tag| format!("+{tag}")).chain(removed.iter().map(|tag| format!("-{tag}")));
            format!("changed the tags: {}", words.collect::<Vec<_>>().join(", "))
        }
        Some(Event::AttributesChanged { set, removed }) => {
            let words = set.iter().map(|(name, value)| format!("{name} = {value}"));
            let words = words.chain(removed.iter().map(|name| format!("-{name}")));
            format!("noted: {}", words.collect::<Vec<_>>().join(", "))
        }
        Some(Event::Snoozed { until }) => format!("put the chat aside until {until}"),
        Some(Event::Unsnoozed) => "took the chat up again".to_owned(),
        Some(Event::Routed { why }) => match &why.chosen {
            Some(chosen) => {
                format!("chose {}: {}", chosen.agent.name, chosen.because.as_str().replace('_', " "))
            }
            None => "put the chat back in line".to_owned(),
        },
        Some(Event::Merged { number, .. }) => format!("merged the chat into #{number}"),
        Some(Event::MergedFrom { number, messages, .. }) => {
            format!("merged #{number} into the chat: {messages} messages")
        }
        Some(Event::Unmerged { number, .. }) => format!("parted the chat from #{number} again"),
        Some(Event::TeamChanged { to: Some(to) }) => format!("made it a matter of the team {}", to.name),
        Some(Event::TeamChanged { to: None }) => "made it a matter of any team".to_owned(),
        Some(Event::SkillsChanged { to }) => format!("set what it asks for: {}", asked(to)),
        Some(Event::LanguageChanged { to }) => {
            format!("set the language to {}", to.as_deref().unwrap_or("any"))
        }
        Some(Event::HandedOn { team, skills, .. }) => match team {
            Some(team) if skills.is_empty() => format!("handed the chat to the team {}", team.name),
            Some(team) => format!("handed the chat to the team {}, for {}", team.name, asked(skills)),
            None => format!("handed the chat to whoever knows {}", asked(skills)),
        },
        Some(Event::Offer { offer: OfferEvent::Offered { agent, .. } }) => {
            format!("asked {} to take the chat", agent.name)
        }
        Some(Event::Offer { offer: OfferEvent::Ended { end, .. } }) => {
            format!("the offer was {}", end.as_str())
        }
        Some(Event::TakenAsMessage { .. }) => "nobody is here: taken as a message".to_owned(),
        Some(Event::WaitedTooLong { to }) => format!("waited too long: now for the team {}", to.name),
        Some(Event::Answered) => "gives the first answer".to_owned(),
        Some(Event::SlaWarned { policy, target, due_at }) => {
            format!("{} is due by {due_at} ({policy})", target.as_str().replace('_', " "))
        }
        Some(Event::SlaBreached { policy, target, due_at }) => {
            format!("{} is too late, it was due by {due_at} ({policy})", target.as_str().replace('_', " "))
        }
        Some(Event::Reminded { about }) => format!("the chat is still {}", about.as_str()),
        Some(Event::Automated { rule, .. }) => format!("goes by the rule {}", rule.name),
        Some(Event::MacroRan { ran }) => format!("ran the macro {}", ran.name),
        Some(Event::ContactChanged { name, undone, .. }) => {
            let whose = name.as_deref().unwrap_or("a contact without a name");
            let how = if *undone { "a merge of contacts was undone" } else { "contacts were merged" };
            format!("{how}: this is the chat of {whose}")
        }
        Some(Event::ContactBlocked { reason, until: Some(until) }) => {
            format!("blocked the customer until {until}: {reason}")
        }
        Some(Event::ContactBlocked { reason, until: None }) => format!("blocked the customer: {reason}"),
        Some(Event::ContactUnblocked) => "lifted the block of the customer".to_owned(),
        Some(Event::Ending { at }) => format!("tells the customer that the chat ends at {at}"),
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

/// Of a file, for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KB", bytes.div_ceil(1_024)),
        _ => format!("{}.{} MB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20),
    }
}

fn asked(skills: &[AskedSkill]) -> String {
    let words = skills.iter().map(|asked| format!("{} {}", asked.skill.name, asked.level));
    if skills.is_empty() { "nothing".to_owned() } else { words.collect::<Vec<_>>().join(", ") }
}

fn kind(entry: &Entry) -> &'static str {
    match entry.kind {
        EntryKind::Message => "message",
        EntryKind::Note => "note",
        EntryKind::Event => "event",
    }
}

const TEXT: Format = Format { ending: "txt", head: "", between: "", entry: text, foot: "" };

fn text(entry: &Entry, out: &mut String) {
    let mark = if entry.kind == EntryKind::Note { " (note)" } else { "" };
    // Lines that somebody typed are set in, so that none looks like one of ours.
    let said = what(entry).replace('\n', "\n    ");
    let _ = writeln!(out, "[{}] {}{mark}: {said}", entry.created_at, who(entry));
}

const JSON: Format = Format { ending: "json", head: "[\n", between: ",\n", entry: json, foot: "\n]\n" };

fn json(entry: &Entry, out: &mut String) {
    out.push_str(&serde_json::to_string(entry).unwrap_or_default());
}

const CSV: Format =
    Format { ending: "csv", head: "seq,time,kind,sender,text\r\n", between: "", entry: csv, foot: "" };

fn csv(entry: &Entry, out: &mut String) {
    let (sender, said) = (cell(who(entry)), cell(&what(entry)));
    let _ = write!(out, "{},{},{},{sender},{said}\r\n", entry.seq, entry.created_at, kind(entry));
}

/// A quoted cell that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    format!("\"{}\"", guarded(text).replace('"', "\"\""))
}

const HTML: Format = Format {
    ending: "html",
    head: "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Chat</title></head><body>\n<dl>\n",
    between: "",
    entry: html,
    foot: "</dl>\n</body></html>\n",
};

fn html(entry: &Entry, out: &mut String) {
    let mark = if entry.kind == EntryKind::Note { " (note)" } else { "" };
    let _ = writeln!(
        out,
        "<dt dir=\"auto\"><b>{}</b>{mark} <time>{}</time></dt><dd dir=\"auto\">{}</dd>",
        escape(who(entry)),
        entry.created_at,
        escape(&what(entry)).replace('\n', "<br>"),
    );
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
    fn cells_are_quoted_and_no_formulas() {
        assert_eq!(cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(cell("=1"), "\"'=1\"");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escape("<img src=x onerror='a'>&\""), "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;");
    }
}
