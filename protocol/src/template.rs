//! Texts with variables and blanks, as canned answers have them: read once, filled in as plain text.
//!
//! `{{contact.name}}` is a variable, `{{contact.name | there}}` one with a default, `{{? order number}}` a blank that
//! whoever sends it fills in. `\{{` stands for the two braces themselves. What is filled in is never read again, so that
//! nobody's name can be a template, and nothing is escaped: the result is a message's text like any other.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Invalid, limits, rest::MissingPart, session::words};

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
const ATTRIBUTES: &str = "attributes.";

words! {
    /// A variable that is the same word in every workspace; beside them is `attributes.…`, by a session's own names.
    TemplateVariable {
        /// The customer's name.
        ContactName = "contact.name",
        /// Its first word.
        ContactFirstName = "contact.first_name",
        /// The customer's e-mail address.
        ContactEmail = "contact.email",
        /// The customer's phone number.
        ContactPhone = "contact.phone",
        /// The name of the agent who sends it.
        AgentName = "agent.name",
        /// Its first word.
        AgentFirstName = "agent.first_name",
        /// That agent's signature.
        AgentSignature = "agent.signature",
        /// What people call the session by.
        SessionNumber = "session.number",
        /// What the session is about.
        SessionSubject = "session.subject",
        /// The name of the shop.
        SiteName = "site.name",
    }
}

/// What a variable of a template asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// One that there always is.
    Known(TemplateVariable),
    /// A custom attribute of the session, by its name.
    Attribute(String),
}

impl Variable {
    fn parse(name: &str) -> Result<Self, Invalid> {
        if let Some(attribute) = name.strip_prefix(ATTRIBUTES) {
            if attribute.is_empty() || attribute.chars().count() > limits::ATTRIBUTE_NAME_CHARS {
                let most = limits::ATTRIBUTE_NAME_CHARS;
                return Err(Invalid(format!("names an attribute that is not of 1 to {most} characters")));
            }
            return Ok(Self::Attribute(attribute.to_owned()));
        }
        TemplateVariable::from_str(name).map(Self::Known).map_err(|_| {
            let shown: String = name.chars().take(limits::ATTRIBUTE_NAME_CHARS).collect();
            Invalid(format!("names {{{{{shown}}}}}, which is no variable"))
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Known(known) => known.as_str().to_owned(),
            Self::Attribute(name) => format!("{ATTRIBUTES}{name}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable { what: Variable, default: Option<String> },
    Blank(String),
}

/// A text that was read: what of it stands as it is, and what is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

/// A template that was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text; what is missing stands in it as `[name]`.
    pub body: String,
    /// What is missing, in its order.
    pub missing: Vec<MissingPart>,
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// An unknown variable, which is named; braces that are not closed; too many blanks, or one that is too long.
    pub fn parse(source: &str) -> Result<Self, Invalid> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(OPEN) {
            let (before, tag) = (&rest[..at], &rest[at + OPEN.len()..]);
            if let Some(before) = before.strip_suffix('\\') {
                text.push_str(before);
                text.push_str(OPEN);
                rest = tag;
                continue;
            }
            text.push_str(before);
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            let Some((inner, after)) = tag.split_once(CLOSE) else {
                return Err(Invalid("has {{ without }}; write \\{{ for the braces themselves".into()));
            };
            parts.push(Self::part(inner)?);
            rest = after;
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        let template = Self(parts);
        let blanks = template.blanks().len();
        if blanks > limits::BLANKS {
            return Err(Invalid(format!("has {blanks} blanks; the limit is {}", limits::BLANKS)));
        }
        Ok(template)
    }

    fn part(inner: &str) -> Result<Part, Invalid> {
        if inner.contains(['{', '\n']) {
            return Err(Invalid("has {{ without }}; write \\{{ for the braces themselves".into()));
        }
        let inner = inner.trim();
        let Some(label) = inner.strip_prefix('?') else {
            let (name, default) = match inner.split_once('|') {
                Some((name, default)) => (name.trim(), Some(default.trim().to_owned())),
                None => (inner, None),
            };
            return Ok(Part::Variable { what: Variable::parse(name)?, default });
        };
        let (label, chars) = (label.trim(), label.trim().chars().count());
        if !(1..=limits::BLANK_CHARS).contains(&chars) {
            let most = limits::BLANK_CHARS;
            return Err(Invalid(format!("has a blank whose name is not of 1 to {most} characters")));
        }
        if label.contains('|') {
            return Err(Invalid("has a blank with |: only variables have a default".into()));
        }
        Ok(Part::Blank(label.to_owned()))
    }

    /// The names of what is to be filled in by hand, each once.
    pub fn blanks(&self) -> Vec<&str> {
        let mut blanks = Vec::new();
        for part in &self.0 {
            if let Part::Blank(label) = part
                && !blanks.contains(&label.as_str())
            {
                blanks.push(label.as_str());
            }
        }
        blanks
    }

    /// Fills in. An empty value is none: then the default stands there, or it is missing.
    pub fn fill(
        &self,
        value: impl Fn(&Variable) -> Option<String>,
        blanks: &BTreeMap<String, String>,
    ) -> Filled {
        let mut filled = Filled::default();
        let mut chars = 0;
        for part in &self.0 {
            let (said, missing) = match part {
                Part::Text(text) => (text.clone(), None),
                Part::Variable { what, default } => {
                    match value(what).filter(|value| !value.is_empty()).or_else(|| default.clone()) {
                        Some(value) => (value, None),
                        None => absent(what.name(), false),
                    }
                }
                Part::Blank(label) => match blanks.get(label).filter(|value| !value.is_empty()) {
                    Some(value) => (value.clone(), None),
                    None => absent(label.clone(), true),
                },
            };
            let length = said.chars().count();
            if let Some((name, blank)) = missing {
                filled.missing.push(MissingPart { name, blank, at: chars, length });
            }
            filled.body.push_str(&said);
            chars += length;
        }
        filled
    }
}

fn absent(name: String, blank: bool) -> (String, Option<(String, bool)>) {
    (format!("[{name}]"), Some((name, blank)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fill(source: &str) -> Filled {
        let value = |variable: &Variable| match variable {
            Variable::Known(TemplateVariable::ContactName) => Some("{{agent.name}}".to_owned()),
            Variable::Known(TemplateVariable::SessionNumber) => Some("42".to_owned()),
            Variable::Attribute(name) if name == "order no" => Some("<b>1</b>".to_owned()),
            _ => None,
        };
        let blanks = BTreeMap::from([("size".to_owned(), "{{? size}}".to_owned())]);
        Template::parse(source).unwrap().fill(value, &blanks)
    }

    fn missing(name: &str, blank: bool, at: usize, length: usize) -> MissingPart {
        MissingPart { name: name.to_owned(), blank, at, length }
    }

    #[test]
    fn what_is_known_is_filled_in_as_plain_text() {
        for (source, body) in [
            ("", ""),
            ("Hi }} { } \\ {a}", "Hi }} { } \\ {a}"),
            ("Hi {{contact.name}}!", "Hi {{agent.name}}!"),
            ("#{{session.number}}#{{ session.number }}", "#42#42"),
            ("{{attributes.order no}}", "<b>1</b>"),
            ("Size {{?size}}, {{? size }}", "Size {{? size}}, {{? size}}"),
            ("Hi {{contact.email | there}}", "Hi there"),
            ("Hi{{contact.email | }}!", "Hi!"),
            ("Hi {{contact.name | there}}", "Hi {{agent.name}}"),
            ("{{contact.email|a|b}}", "a|b"),
            ("\\{{contact.name}} \\{{", "{{contact.name}} {{"),
        ] {
            assert_eq!(fill(source), Filled { body: body.into(), missing: vec![] }, "{source}");
        }
    }

    #[test]
    fn what_is_missing_is_told_with_its_place() {
        let filled = fill("é {{contact.email}}, {{? order}} {{attributes.x}}");
        assert_eq!(filled.body, "é [contact.email], [order] [attributes.x]");
        assert_eq!(
            filled.missing,
            [
                missing("contact.email", false, 2, 15),
                missing("order", true, 19, 7),
                missing("attributes.x", false, 27, 14)
            ]
        );
        assert_eq!(Template::parse("{{?a}} {{? b}} {{?a}}").unwrap().blanks(), ["a", "b"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        let many = (0..=limits::BLANKS).map(|n| format!("{{{{?{n}}}}}")).collect::<String>();
        let long = format!("{{{{?{}}}}}", "x".repeat(limits::BLANK_CHARS + 1));
        for (source, word) in [
            ("{{contact.nam}}", "{{contact.nam}}"),
            ("{{}}", "{{}}"),
            ("{{a", "without }}"),
            ("{{a {{contact.name}}", "without }}"),
            ("{{contact\n.name}}", "without }}"),
            ("{{attributes.}}", "1 to 50"),
            ("{{?}}", "1 to 60"),
            ("{{? a | b}}", "|"),
            (&many, "the limit is 20"),
            (&long, "1 to 60"),
        ] {
            let Invalid(message) = Template::parse(source).unwrap_err();
            assert!(message.contains(word), "{source}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(source in any::<String>(), tags in "([{}\\\\?| a]|\\{\\{|\\}\\}|contact\\.name){0,30}") {
            for source in [source, tags] {
                let Ok(template) = Template::parse(&source) else { continue };
                let Filled { body, missing } = template.fill(|_| None, &BTreeMap::new());
                let chars: Vec<char> = body.chars().collect();
                for MissingPart { name, at, length, .. } in missing {
                    prop_assert_eq!(chars[at..at + length].iter().collect::<String>(), format!("[{name}]"));
                }
            }
        }

        #[test]
        fn text_without_braces_is_itself(source in "[^{}]*") {
            let Filled { body, missing } = Template::parse(&source).unwrap().fill(|_| None, &BTreeMap::new());
            prop_assert_eq!((body, missing), (source, vec![]));
        }

        #[test]
        fn no_value_is_read_again(value in any::<String>(), blank in any::<String>()) {
            prop_assume!(!value.is_empty() && !blank.is_empty());
            let template = Template::parse("a{{contact.name}}b{{? it}}c").unwrap();
            let blanks = BTreeMap::from([("it".to_owned(), blank.clone())]);
            let Filled { body, missing } = template.fill(|_| Some(value.clone()), &blanks);
            prop_assert_eq!((body, missing), (format!("a{value}b{blank}c"), vec![]));
        }
    }
}
