//! One row of the table of routes.

use std::ops::RangeInclusive;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{ErrorCode, limits, rest::Page};

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// With or without a credential.
    Anybody,
    /// A customer, by token.
    Customer,
    /// A customer, or a member of the team who may see the session.
    Both,
    /// A member of the team, of oneself: also with a one-time password.
    Oneself,
    /// Every member of the team.
    Team,
    /// Supervisors and admins.
    Leads,
    /// Admins.
    Admins,
}

/// Writes down what shape a type has.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// A parameter of the path or of the query.
pub(super) struct Parameter {
    pub name: &'static str,
    pub in_path: bool,
    /// A list of words with commas between them.
    pub words: bool,
    pub schema: Box<dyn Fn(&mut SchemaGenerator) -> Schema>,
    pub description: &'static str,
}

/// What a good answer carries.
pub(super) enum Content {
    Nothing,
    Json(SchemaOf),
    /// Of these types; JSON has the schema.
    Files(&'static [&'static str], SchemaOf),
}

/// A good answer.
pub(super) struct Success {
    pub status: u16,
    pub content: Content,
    pub description: &'static str,
}

/// A method on a path: who may call it, what it takes, what it answers.
pub(super) struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub id: &'static str,
    pub summary: &'static str,
    pub description: String,
    pub who: Who,
    pub parameters: Vec<Parameter>,
    pub body: Option<SchemaOf>,
    /// The body may be of this type, too.
    pub also: Option<&'static str>,
    /// The body is a form with a file.
    pub file: bool,
    /// Fields of the body that are required here.
    pub required: &'static [&'static str],
    pub successes: Vec<Success>,
    /// Refusals beyond those that follow from the rest of the row (`document::refusals`).
    pub refusals: Vec<ErrorCode>,
    /// Sets the cookie of a login, or takes it away.
    pub sets_cookie: bool,
}

fn operation(method: &'static str, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        method,
        path,
        id,
        summary,
        description: String::new(),
        who: Who::Anybody,
        parameters: Vec::new(),
        body: None,
        also: None,
        file: false,
        required: &[],
        successes: Vec::new(),
        refusals: Vec::new(),
        sets_cookie: false,
    }
}

macro_rules! methods {
    ($($name:ident)+) => {$(
        /// A route; `path` without `/api/v1` in front, or from the root if it begins with `//`.
        pub(super) fn $name(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
            operation(stringify!($name), path, id, summary)
        }
    )+};
}

methods! { get post put patch delete }

impl Operation {
    /// Who may call it.
    pub(super) fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// What there is to know beyond the summary; once more: another paragraph.
    pub(super) fn note(mut self, text: &str) -> Self {
        if !self.description.is_empty() {
            self.description.push_str("\n\n");
        }
        self.description.push_str(text);
        self
    }

    fn parameter(
        mut self,
        name: &'static str,
        description: &'static str,
        schema: impl Fn(&mut SchemaGenerator) -> Schema + 'static,
    ) -> Self {
        let schema = Box::new(schema);
        self.parameters.push(Parameter { name, in_path: false, words: false, schema, description });
        self
    }

    /// A parameter of the path.
    pub(super) fn path<T: JsonSchema>(self, name: &'static str, description: &'static str) -> Self {
        let mut this = self.query::<T>(name, description);
        if let Some(parameter) = this.parameters.last_mut() {
            parameter.in_path = true;
        }
        this
    }

    /// A parameter of the query.
    pub(super) fn query<T: JsonSchema>(self, name: &'static str, description: &'static str) -> Self {
        self.parameter(name, description, |schemas| schemas.subschema_for::<T>())
    }

    /// A line of at most so many characters, in the query.
    pub(super) fn text(self, name: &'static str, max: usize, description: &'static str) -> Self {
        self.parameter(name, description, move |_| json_schema!({ "type": "string", "maxLength": max }))
    }

    /// Words with commas between them, in the query.
    pub(super) fn words<T: JsonSchema>(self, name: &'static str, description: &'static str) -> Self {
        let mut this = self.query::<Vec<T>>(name, description);
        if let Some(parameter) = this.parameters.last_mut() {
            parameter.words = true;
        }
        this
    }

    /// One of a few words, in the query; the first is the default.
    pub(super) fn one_of(
        self,
        name: &'static str,
        words: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        self.parameter(
            name,
            description,
            move |_| json_schema!({ "type": "string", "enum": words, "default": words[0] }),
        )
    }

    /// One of a few words, or an id, in the query.
    pub(super) fn words_or<T: JsonSchema>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        self.parameter(name, description, move |schemas| {
            let id = schemas.subschema_for::<T>();
            json_schema!({ "anyOf": [{ "type": "string", "enum": words }, id] })
        })
    }

    /// A number in the query.
    pub(super) fn number(
        self,
        name: &'static str,
        range: RangeInclusive<u64>,
        default: Option<u64>,
        description: &'static str,
    ) -> Self {
        self.parameter(name, description, move |_| {
            let (minimum, maximum) = (range.start(), range.end());
            let mut schema = json_schema!({ "type": "integer", "minimum": minimum, "maximum": maximum });
            if let Some(default) = default {
                schema.insert("default".to_owned(), default.into());
            }
            schema
        })
    }

    /// `limit` and `cursor`.
    pub(super) fn paged(self) -> Self {
        let most = 1..=u64::from(limits::PAGE_MAX);
        self.number("limit", most, Some(limits::PAGE_DEFAULT.into()), "Most items of the page.")
            .query::<String>("cursor", "The `next_cursor` of the page before.")
    }

    /// The request's body.
    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(|schemas| schemas.subschema_for::<T>());
        self
    }

    /// A body of another type is taken, too.
    pub(super) fn also(mut self, kind: &'static str) -> Self {
        self.also = Some(kind);
        self
    }

    /// The request's body is a form with one file in it.
    pub(super) fn takes_file(mut self) -> Self {
        self.file = true;
        self
    }

    /// Fields that the body must have here, though its type has them optional.
    pub(super) fn requires(mut self, fields: &'static [&'static str]) -> Self {
        self.required = fields;
        self
    }

    fn success(mut self, status: u16, content: Content) -> Self {
        let description = match status {
            201 => "Made.",
            204 => "Done. There is nothing to say.",
            _ => "Done.",
        };
        self.successes.push(Success { status, content, description });
        self
    }

    /// 200, with a body.
    pub(super) fn answers<T: JsonSchema>(self) -> Self {
        self.success(200, Content::Json(|schemas| schemas.subschema_for::<T>()))
    }

    /// 200, with a page of a list.
    pub(super) fn lists<T: JsonSchema>(self) -> Self {
        self.answers::<Page<T>>()
    }

    /// 201, with a body.
    pub(super) fn makes<T: JsonSchema>(self) -> Self {
        self.success(201, Content::Json(|schemas| schemas.subschema_for::<T>()))
    }

    /// 204.
    pub(super) fn done(self) -> Self {
        self.success(204, Content::Nothing)
    }

    /// 200, with a file of one of these types; JSON is of type `T`.
    pub(super) fn files<T: JsonSchema>(self, types: &'static [&'static str]) -> Self {
        self.success(200, Content::Files(types, |schemas| schemas.subschema_for::<T>()))
    }

    /// 206, with a part of such a file.
    pub(super) fn partly(self, types: &'static [&'static str]) -> Self {
        self.success(206, Content::Files(types, |schemas| schemas.subschema_for::<String>()))
            .meaning("The part that was asked for.")
    }

    /// The last status, in words.
    pub(super) fn meaning(mut self, description: &'static str) -> Self {
        if let Some(success) = self.successes.last_mut() {
            success.description = description;
        }
        self
    }

    /// With another status that is no refusal.
    pub(super) fn or<T: JsonSchema>(self, status: u16, description: &'static str) -> Self {
        self.success(status, Content::Json(|schemas| schemas.subschema_for::<T>())).meaning(description)
    }

    /// 304, to who has it already (`If-None-Match`).
    pub(super) fn cached(self) -> Self {
        self.success(304, Content::Nothing).meaning("It is what you have.")
    }

    /// Also refused so.
    pub(super) fn refuses(mut self, codes: &[ErrorCode]) -> Self {
        self.refusals.extend_from_slice(codes);
        self
    }

    /// Sets the login's cookie, or takes it away.
    pub(super) fn sets_cookie(mut self) -> Self {
        self.sets_cookie = true;
        self
    }
}
