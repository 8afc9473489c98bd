//! What a session is found by beside its entries: its number, its customer, what the team noted; and who holds it, by
//! which those are found that a filter lets through.

use std::ops::Range;

use protocol::{
    AgentId,
    rest::{MatchField, SnippetPart},
};

use super::{
    query::{AllOf, COUNTRY_CODE, Phrase},
    words::{by_end, by_start, digits, index_words, words},
};
use crate::{AssigneeFilter, Session, SessionFilter};

/// Characters of a snippet, about, and of what stands before its first hit.
const SNIPPET_CHARS: usize = 160;
const BEFORE_CHARS: usize = 40;

/// Begins the word for who holds a session: no word that is typed has it.
const HOLDER: char = '§';

/// A session's fields, what people know it by first, and who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    fields: Vec<(MatchField, String)>,
    holder: Option<AgentId>,
}

fn held_by(agent: Option<AgentId>) -> String {
    agent.map_or(format!("{HOLDER}nobody"), |agent| format!("{HOLDER}{}", agent.uuid().simple()))
}

/// What is indexed of the heads of all that the filter lets through: few others are looked at then.
pub(super) fn filtered(filter: &SessionFilter) -> AllOf {
    let one = |word| Phrase { words: vec![word], prefix: false };
    let mut all: AllOf = match filter.assignee {
        AssigneeFilter::Any => Vec::new(),
        AssigneeFilter::Nobody => vec![vec![one(held_by(None))]],
        AssigneeFilter::Agent(agent) => vec![vec![one(held_by(Some(agent)))]],
    };
    all.extend(filter.visible_to.map(|agent| vec![one(held_by(None)), one(held_by(Some(agent)))]));
    for text in filter.tag.iter().chain(&filter.category) {
        all.extend(words(text).into_iter().map(|word| vec![one(word.folded)]));
    }
    all
}

impl Head {
    pub(super) fn of(session: &Session) -> Self {
        let mut fields = vec![(MatchField::Number, session.number.to_string())];
        let contact = &session.contact;
        for (field, text) in [
            (MatchField::Phone, &contact.phone),
            (MatchField::Email, &contact.email),
            (MatchField::Name, &contact.name),
            (MatchField::Subject, &session.ticket.subject),
            (MatchField::Category, &session.ticket.category),
        ] {
            fields.extend(text.clone().map(|text| (field, text)));
        }
        fields.extend(session.ticket.tags.iter().map(|tag| (MatchField::Tag, tag.clone())));
        Self { fields, holder: session.assignee.as_ref().map(|agent| agent.id) }
    }

    pub(super) fn fields(&self) -> &[(MatchField, String)] {
        &self.fields
    }

    /// The same text as long as the same is found.
    pub(super) fn stored(&self) -> String {
        let mut stored: String = self.fields.iter().flat_map(|(_, text)| [text.as_str(), "\n"]).collect();
        stored.push_str(&held_by(self.holder));
        stored
    }

    pub(super) fn index_words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (field, text) in &self.fields {
            words.extend(index_words(text));
            if *field == MatchField::Phone {
                let digits = digits(text);
                words.push(by_end(&digits));
                words.extend(COUNTRY_CODE.filter_map(|at| digits.get(at..)).map(by_start));
            }
        }
        words.push(held_by(self.holder));
        words
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.fields.iter().find(|(field, _)| *field == MatchField::Name).map(|(_, name)| name.as_str())
    }
}

/// A text's hits with what stands around them, on one line.
pub(super) fn snippet(text: &str, hits: &[Range<usize>]) -> Vec<SnippetPart> {
    let first = hits.first().map_or(0, |hit| hit.start);
    let begin = text[..first].char_indices().rev().take(BEFORE_CHARS).last().map_or(first, |(at, _)| at);
    // From the beginning of a word, if there is one.
    let begin = match text[begin..first].find(char::is_whitespace) {
        Some(space) if begin > 0 => begin + space,
        _ => begin,
    };
    let end = text[begin..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(at, _)| begin + at);
    let mut parts: Vec<SnippetPart> = Vec::new();
    let mut add = |piece: &str, hit| {
        let mut line = piece.split_whitespace().collect::<Vec<_>>().join(" ");
        if piece.starts_with(char::is_whitespace) {
            line.insert(0, ' ');
        }
        if piece.ends_with(char::is_whitespace) && line != " " {
            line.push(' ');
        }
        if !line.is_empty() {
            parts.push(SnippetPart { text: line, hit });
        }
    };
    let mut at = begin;
    for hit in hits.iter().filter(|hit| hit.start < end) {
        add(&text[at..hit.start], false);
        let until = hit.end.min(end);
        add(&text[hit.start..until], true);
        at = until;
    }
    add(&text[at..end], false);
    if let Some(first) = parts.first_mut()
        && begin > 0
    {
        first.text.insert(0, '…');
    }
    if let Some(last) = parts.last_mut()
        && end < text.len()
    {
        last.text.push('…');
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::SearchQuery;

    fn shown(text: &str, query: &str) -> String {
        let hits = SearchQuery::parse(query).unwrap().in_text(text).unwrap();
        let parts = snippet(text, &hits);
        parts
            .iter()
            .map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() })
            .collect()
    }

    #[test]
    fn snippets_are_a_line_around_the_hits() {
        assert_eq!(shown("My parcel\n\nis too late", "late parcel"), "My [parcel] is too [late]");
        assert_eq!(shown("late", "late"), "[late]");
        let long = format!("{} late {}", "many words ".repeat(30), "and more ".repeat(40));
        let shown = shown(&long, "late");
        assert!(shown.starts_with("… many words") && shown.contains(" [late] and more"), "{shown}");
        assert!(shown.ends_with('…') && shown.chars().count() < 170, "{shown}");
    }

    proptest! {
        #[test]
        fn snippets_are_of_the_text(text in "(\\PC| |\\n){0,400}", query in "\\w{1,2}") {
            let Some(hits) = SearchQuery::parse(&query).unwrap().in_text(&text) else { return Ok(()) };
            let parts = snippet(&text, &hits);
            prop_assert!(parts.iter().any(|part| part.hit));
            prop_assert!(parts.iter().all(|part| !part.text.contains('\n')));
        }
    }
}
