//! What rules and macros do, as it is written.

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, FieldError, MessageBody, Priority, Status, TeamId, Template, limits, optional_line,
    rest::SetSkill,
};

/// What a rule or a macro does to a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RuleAction {
    /// Tags come and go.
    Tags {
        /// Those that come.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
        #[cfg_attr(test, schemars(length(max = limits::TAGS), inner(length(min = 1, max = limits::TAG_CHARS))))]
        add: Vec<String>,
        /// Those that go.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
        #[cfg_attr(test, schemars(length(max = limits::TAGS), inner(length(min = 1, max = limits::TAG_CHARS))))]
        remove: Vec<String>,
    },
    /// It gets this priority.
    Priority {
        /// The new one.
        priority: Priority,
    },
    /// It gets this category, or (null) none.
    Category {
        /// The new one.
        #[serde(deserialize_with = "Option::deserialize")]
        #[cfg_attr(test, schemars(length(min = 1, max = limits::CATEGORY_CHARS)))]
        category: Option<String>,
    },
    /// It gets this subject, or (null) none.
    Subject {
        /// The new one.
        #[serde(deserialize_with = "Option::deserialize")]
        #[cfg_attr(test, schemars(length(min = 1, max = limits::SUBJECT_CHARS)))]
        subject: Option<String>,
    },
    /// It gets this custom attribute, or (null) no longer has it.
    Attribute {
        /// Which.
        #[cfg_attr(test, schemars(length(min = 1, max = limits::ATTRIBUTE_NAME_CHARS)))]
        name: String,
        /// The new value.
        #[serde(deserialize_with = "Option::deserialize")]
        #[cfg_attr(test, schemars(length(min = 1, max = limits::ATTRIBUTE_CHARS)))]
        value: Option<String>,
    },
    /// This agent holds it, or (null) it goes back in line.
    Assign {
        /// Who.
        #[serde(deserialize_with = "Option::deserialize")]
        agent_id: Option<AgentId>,
    },
    /// Whoever runs the macro holds it; not in rules.
    AssignMe,
    /// It is for this team, or (null) for anybody.
    Team {
        /// Which.
        #[serde(deserialize_with = "Option::deserialize")]
        team_id: Option<TeamId>,
    },
    /// It asks for these skills from now on.
    Skills {
        /// All of them.
        #[cfg_attr(test, schemars(length(max = limits::ASKED_SKILLS)))]
        skills: Vec<SetSkill>,
    },
    /// It gets this status.
    Status {
        /// The new one.
        status: Status,
    },
    /// It is put aside for so long.
    Snooze {
        /// In minutes.
        #[cfg_attr(test, schemars(range(min = *limits::SNOOZE_MINUTES.start(), max = *limits::SNOOZE_MINUTES.end())))]
        minutes: u32,
    },
    /// The customer reads this: from the agent who runs the macro, or from Hubbub. Variables are filled in as in canned
    /// answers; of a rule, `agent` is who holds the session. Only macros may have blanks.
    Message {
        /// What.
        #[cfg_attr(test, schemars(length(min = 1, max = limits::MESSAGE_CHARS)))]
        body: String,
    },
    /// The team reads this.
    Note {
        /// What.
        #[cfg_attr(test, schemars(length(min = 1, max = limits::MESSAGE_CHARS)))]
        body: String,
    },
}

impl RuleAction {
    /// The word of its type.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Tags { .. } => "tags",
            Self::Priority { .. } => "priority",
            Self::Category { .. } => "category",
            Self::Subject { .. } => "subject",
            Self::Attribute { .. } => "attribute",
            Self::Assign { .. } => "assign",
            Self::AssignMe => "assign_me",
            Self::Team { .. } => "team",
            Self::Skills { .. } => "skills",
            Self::Status { .. } => "status",
            Self::Snooze { .. } => "snooze",
            Self::Message { .. } => "message",
            Self::Note { .. } => "note",
        }
    }

    /// The names of the blanks in its text, each once.
    pub fn blanks(&self) -> Vec<String> {
        match self {
            Self::Message { body } | Self::Note { body } => {
                let template = Template::parse(body).ok();
                template.iter().flat_map(Template::blanks).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The same with its texts trimmed. Whom and what it names by id is not looked up.
    ///
    /// # Errors
    /// Its faults, under `at`.
    pub fn checked(self, at: &str, message_chars: usize) -> Result<Self, Vec<FieldError>> {
        let fault = |part: &str, message: String| vec![FieldError { field: format!("{at}.{part}"), message }];
        let line = |part: &str, text: Option<String>, max: usize| match text {
            None => Ok(None),
            Some(text) => match optional_line(Some(&text), max) {
                Ok(Some(text)) => Ok(Some(text)),
                Ok(None) => Err(fault(part, "is empty".to_owned())),
                Err(invalid) => Err(fault(part, invalid.0)),
            },
        };
        let text = |body: String| {
            let body =
                MessageBody::parse(&body, message_chars).map_err(|invalid| fault("body", invalid.0))?;
            let read = Template::parse(body.as_str());
            read.map(|_| body.into_string()).map_err(|invalid| fault("body", invalid.0))
        };
        let tags = |part: &str, tags: Vec<String>| {
            if tags.len() > limits::TAGS {
                return Err(fault(
                    part,
                    format!("has {} entries; the limit is {}", tags.len(), limits::TAGS),
                ));
            }
            let mut checked = Vec::with_capacity(tags.len());
            for (nth, tag) in tags.into_iter().enumerate() {
                checked.extend(line(&format!("{part}[{nth}]"), Some(tag), limits::TAG_CHARS)?);
            }
            Ok(checked)
        };
        Ok(match self {
            Self::Tags { add, remove } => {
                let (add, remove) = (tags("add", add)?, tags("remove", remove)?);
                if add.is_empty() && remove.is_empty() {
                    return Err(fault("add", "or remove must hold a tag".to_owned()));
                }
                Self::Tags { add, remove }
            }
            Self::Category { category } => {
                Self::Category { category: line("category", category, limits::CATEGORY_CHARS)? }
            }
            Self::Subject { subject } => {
                Self::Subject { subject: line("subject", subject, limits::SUBJECT_CHARS)? }
            }
            Self::Attribute { name, value } => {
                let name = line("name", Some(name), limits::ATTRIBUTE_NAME_CHARS)?.unwrap_or_default();
                Self::Attribute { name, value: line("value", value, limits::ATTRIBUTE_CHARS)? }
            }
            Self::Snooze { minutes } if !limits::SNOOZE_MINUTES.contains(&minutes) => {
                let (least, most) = limits::SNOOZE_MINUTES.into_inner();
                return Err(fault("minutes", format!("must be from {least} to {most}")));
            }
            Self::Message { body } => Self::Message { body: text(body)? },
            Self::Note { body } => Self::Note { body: text(body)? },
            same @ (Self::Priority { .. }
            | Self::Assign { .. }
            | Self::AssignMe
            | Self::Team { .. }
            | Self::Skills { .. }
            | Self::Status { .. }
            | Self::Snooze { .. }) => same,
        })
    }
}
