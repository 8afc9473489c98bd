//! Which sessions a rule fits: what is looked at, how it is compared, with what.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Channel, FieldError, Priority, Status, language_tag, limits, optional_line, session::words};

words! {
    /// What a condition looks at.
    ConditionField {
        /// The message that set the rule off; of another trigger there is none.
        Message = "message",
        /// The address of the page where the chat began.
        Page = "page",
        /// The customer's name, as the team knows it.
        Name = "name",
        /// The customer's e-mail.
        Email = "email",
        /// The customer's phone, E.164.
        Phone = "phone",
        /// Whether the site vouched for the customer: `yes` or `no`.
        Verified = "verified",
        /// The customer's language, a BCP 47 tag; `en` fits `en-GB`.
        Language = "language",
        /// The site's key.
        Site = "site",
        /// By which way the customer came.
        Channel = "channel",
        /// Whether the site is `open` or `closed` at this hour.
        Hours = "hours",
        /// The status.
        Status = "status",
        /// The priority.
        Priority = "priority",
        /// The subject.
        Subject = "subject",
        /// The category.
        Category = "category",
        /// The tags; each is looked at.
        Tag = "tag",
        /// The holder, by id.
        Agent = "agent",
        /// The team, by id.
        Team = "team",
        /// A custom attribute, by its name.
        Attribute = "attribute",
        /// How the customer found it, 1 to 5.
        Rating = "rating",
    }
}

words! {
    /// How a condition compares. Capitals do not count.
    ConditionTest {
        /// It is one of the values.
        Is = "is",
        /// It is none of the values.
        IsNot = "is_not",
        /// It holds one of the values.
        Contains = "contains",
        /// It holds none of the values.
        ContainsNot = "contains_not",
        /// It begins with one of the values.
        StartsWith = "starts_with",
        /// There is something.
        IsSet = "is_set",
        /// There is nothing.
        IsNotSet = "is_not_set",
        /// It is this number or more.
        AtLeast = "at_least",
        /// It is this number or less.
        AtMost = "at_most",
    }
}

/// What must be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Condition {
    /// What is looked at.
    pub field: ConditionField,
    /// Which attribute; of other fields absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional), schemars(length(max = limits::ATTRIBUTE_NAME_CHARS)))]
    pub name: Option<String>,
    /// How it is compared.
    pub test: ConditionTest,
    /// With what; of `is_set` and `is_not_set` with nothing.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    #[cfg_attr(test, schemars(length(max = limits::CONDITION_VALUES), inner(length(min = 1, max = limits::CONDITION_CHARS))))]
    pub values: Vec<String>,
}

impl Condition {
    /// The same with its texts trimmed.
    ///
    /// # Errors
    /// Its faults, under `at`.
    pub fn checked(self, at: &str) -> Result<Self, Vec<FieldError>> {
        use ConditionTest::{AtLeast, AtMost, IsNotSet, IsSet};

        let Self { field, name, test, values } = self;
        let mut faults = Vec::new();
        let mut fault = |part: &str, message: String| {
            faults.push(FieldError { field: format!("{at}.{part}"), message });
        };
        let name = match (field, optional_line(name.as_deref(), limits::ATTRIBUTE_NAME_CHARS)) {
            (ConditionField::Attribute, Ok(Some(name))) => Some(name),
            (ConditionField::Attribute, Ok(None)) => {
                fault("name", "is missing: which attribute?".to_owned());
                None
            }
            (ConditionField::Attribute, Err(invalid)) => {
                fault("name", invalid.0);
                None
            }
            _ => None,
        };
        if !field.tests().contains(&test) {
            let allowed: Vec<_> = field.tests().iter().map(|test| test.as_str()).collect();
            fault("test", format!("of {} must be one of {}", field.as_str(), allowed.join(", ")));
        }
        if values.len() > limits::CONDITION_VALUES {
            let message = format!("has {} entries; the limit is {}", values.len(), limits::CONDITION_VALUES);
            fault("values", message);
        }
        match (test, values.len()) {
            (IsSet | IsNotSet, 0) => {}
            (IsSet | IsNotSet, _) => fault("values", "must be empty for this test".to_owned()),
            (_, 0) => fault("values", "is missing".to_owned()),
            (AtLeast | AtMost, 2..) => fault("values", "must be one number".to_owned()),
            _ => {}
        }
        let mut checked = Vec::new();
        for (nth, value) in values.into_iter().take(limits::CONDITION_VALUES).enumerate() {
            match optional_line(Some(&value), limits::CONDITION_CHARS) {
                Ok(Some(value)) => match field.value(&value) {
                    Ok(()) => checked.push(value),
                    Err(message) => fault(&format!("values[{nth}]"), message),
                },
                Ok(None) => fault(&format!("values[{nth}]"), "is empty".to_owned()),
                Err(invalid) => fault(&format!("values[{nth}]"), invalid.0),
            }
        }
        if faults.is_empty() { Ok(Self { field, name, test, values: checked }) } else { Err(faults) }
    }
}

impl ConditionField {
    /// The tests that make sense for it.
    pub const fn tests(self) -> &'static [ConditionTest] {
        use ConditionTest::{AtLeast, AtMost, Contains, ContainsNot, Is, IsNot, IsNotSet, IsSet, StartsWith};
        match self {
            Self::Message => &[Contains, ContainsNot, Is, IsNot, StartsWith],
            Self::Page | Self::Name | Self::Email | Self::Phone | Self::Subject | Self::Attribute => {
                &[Contains, ContainsNot, Is, IsNot, StartsWith, IsSet, IsNotSet]
            }
            Self::Verified | Self::Site | Self::Channel | Self::Hours | Self::Status | Self::Priority => {
                &[Is, IsNot]
            }
            Self::Language | Self::Category | Self::Tag | Self::Agent | Self::Team => {
                &[Is, IsNot, IsSet, IsNotSet]
            }
            Self::Rating => &[AtLeast, AtMost, IsSet, IsNotSet],
        }
    }

    /// Whether it can have this value.
    fn value(self, value: &str) -> Result<(), String> {
        let one_of = |words: &[&str]| {
            let known = words.contains(&value);
            if known { Ok(()) } else { Err(format!("must be one of {}", words.join(", "))) }
        };
        match self {
            Self::Verified => one_of(&["yes", "no"]),
            Self::Hours => one_of(&["open", "closed"]),
            Self::Channel => Channel::from_str(value).map(drop),
            Self::Status => Status::from_str(value).map(drop),
            Self::Priority => Priority::from_str(value).map(drop),
            Self::Agent | Self::Team => {
                uuid::Uuid::parse_str(value).map(drop).map_err(|_| "must be an id".to_owned())
            }
            Self::Rating => one_of(&["1", "2", "3", "4", "5"]),
            Self::Language => language_tag(value).map(drop).map_err(|invalid| invalid.0),
            Self::Message
            | Self::Page
            | Self::Name
            | Self::Email
            | Self::Phone
            | Self::Site
            | Self::Subject
            | Self::Category
            | Self::Tag
            | Self::Attribute => Ok(()),
        }
    }
}
