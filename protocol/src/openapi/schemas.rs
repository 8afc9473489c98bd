//! Schemas of the types, as requests and as answers have them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

const COMPONENTS: &str = "/components/schemas";

/// Both sides. They differ where a field may be left out of a request but is always in an answer.
pub(super) struct Schemas {
    pub requests: SchemaGenerator,
    pub answers: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || SchemaSettings::draft2020_12().with(|it| it.definitions_path = COMPONENTS.into());
        Self {
            requests: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
        }
    }

    /// All of them by name. Where a type differs between the two, that of requests is called `…Request`, and `requests`,
    /// which refer to it, are told.
    pub(super) fn finish(mut self, requests: &mut [&mut Value]) -> Map<String, Value> {
        let mut asked = self.requests.take_definitions(true);
        let mut answers = self.answers.take_definitions(true);
        asked.iter_mut().chain(answers.iter_mut()).for_each(|(_, schema)| tidy(schema));
        let mut differing: BTreeSet<String> = BTreeSet::new();
        loop {
            let more: Vec<String> = asked
                .iter()
                .filter(|(name, schema)| {
                    let refers = || refers_to(schema, &differing);
                    answers.get(*name).is_some_and(|other| other != *schema || refers())
                })
                .map(|(name, _)| name.clone())
                .collect();
            let before = differing.len();
            differing.extend(more);
            if differing.len() == before {
                break;
            }
        }
        let renamed: BTreeMap<String, String> = differing
            .into_iter()
            .map(|name| (reference(&name), reference(&format!("{name}Request"))))
            .collect();
        requests.iter_mut().for_each(|schema| rename(schema, &renamed));
        for (name, mut schema) in asked {
            rename(&mut schema, &renamed);
            let differs = renamed.contains_key(&reference(&name));
            answers.entry(if differs { format!("{name}Request") } else { name }).or_insert(schema);
        }
        answers.sort_keys();
        answers
    }
}

fn reference(name: &str) -> String {
    format!("#{COMPONENTS}/{name}")
}

fn refers_to(value: &Value, names: &BTreeSet<String>) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(key, value)| match value {
            Value::String(target) if key == "$ref" => names.iter().any(|name| reference(name) == *target),
            value => refers_to(value, names),
        }),
        Value::Array(items) => items.iter().any(|item| refers_to(item, names)),
        _ => false,
    }
}

fn rename(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(new) = renamed.get(target) {
                            target.clone_from(new);
                        }
                    }
                    value => rename(value, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, renamed)),
        _ => {}
    }
}

/// A schema of a parameter or body, tidied.
pub(super) fn tidied(schema: Schema) -> Value {
    let mut value = schema.to_value();
    tidy(&mut value);
    value
}

/// Says the same as generators of clients, and people, like it best.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = prose(text);
            }
            one_enum(object);
            if object.get("format").is_some_and(|format| format == "uint32") {
                object.entry("maximum").or_insert(u32::MAX.into());
            }
            // What is left out is as if it were not there; so says the name of the field, not a value.
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// A choice of words is one `enum`; what each means goes into the description.
fn one_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else { return };
    let mut words = Vec::new();
    let mut meanings = String::new();
    for choice in choices {
        if choice["type"] != "string" {
            return;
        }
        match (&choice["const"], &choice["enum"]) {
            (Value::String(word), _) => {
                words.push(Value::from(word.clone()));
                let meaning = choice["description"].as_str().unwrap_or_default();
                meanings.push_str(&format!("\n- `{word}`: {}", prose(meaning)));
            }
            (_, Value::Array(more)) => words.extend(more.iter().cloned()),
            _ => return,
        }
    }
    object.remove("oneOf");
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), words.into());
    let description = object.get("description").and_then(Value::as_str).unwrap_or_default();
    object.insert("description".to_owned(), format!("{description}\n{meanings}").trim().into());
}

/// A doc comment without what only Rust's readers follow: `` [`X`](crate::X) `` and the ends of its lines.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for (at, paragraph) in text.split("\n\n").enumerate() {
        if at > 0 {
            out.push_str("\n\n");
        }
        let is_list = paragraph.starts_with("- ");
        out.push_str(&if is_list { paragraph.to_owned() } else { paragraph.replace('\n', " ") });
    }
    let mut plain = String::new();
    let mut rest = out.as_str();
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((name, after)) = link.split_once("`]") else { break };
        plain.push_str(before);
        plain.push_str(&limit(name).unwrap_or_else(|| format!("`{name}`")));
        rest =
            after.strip_prefix('(').and_then(|target| target.split_once(')')).map_or(after, |(_, rest)| rest);
    }
    plain + rest
}

/// The number behind `limits::NAME`: who reads the document has no use for the name.
fn limit(name: &str) -> Option<String> {
    let constant = format!("pub const {}: ", name.strip_prefix("limits::")?);
    let line = include_str!("../limits.rs").lines().find(|line| line.starts_with(&constant))?;
    let value = line.split_once(" = ")?.1.trim_end_matches(';').replace('_', "");
    value.parse::<u64>().is_ok().then_some(value)
}
