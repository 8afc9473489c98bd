//! Holds whatever the reference client is answered against the OpenAPI document.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use loadtest::client::Exchange;
use serde_json::{Map, Value, json};

/// Where the table is that the document is made from.
pub(crate) const TABLE: &str = "protocol/src/openapi/routes";

pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(protocol::OPENAPI).unwrap());

/// The components, and the same without room for fields that are not written down.
static COMPONENTS: LazyLock<[Value; 2]> = LazyLock::new(|| {
    let components = DOCUMENT["components"].clone();
    let mut strict = components.clone();
    close(&mut strict["schemas"]);
    [components, strict]
});

/// Refuses fields that are not written down.
fn close(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("properties").is_some_and(Value::is_object) {
                object.entry("additionalProperties").or_insert(false.into());
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// By the text of the schema, and whether it is a strict one.
type Validators = HashMap<(String, bool), Arc<Validator>>;

/// Making one takes a while.
static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);

/// Every fault of a value by a schema of the document. `strict`: a field that is not written down is one, too.
pub(crate) fn faults(schema: &Value, value: &Value, strict: bool) -> Vec<String> {
    let key = (schema.to_string(), strict);
    let known = VALIDATORS.lock().unwrap().get(&key).cloned();
    let validator = known.unwrap_or_else(|| {
        let whole = json!({ "allOf": [schema], "components": COMPONENTS[usize::from(strict)] });
        let made = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
        VALIDATORS.lock().unwrap().entry(key).or_insert(Arc::new(made)).clone()
    });
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// What a reference leads to.
fn followed(value: &Value) -> &Value {
    match value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        Some(pointer) => DOCUMENT.pointer(pointer).unwrap(),
        None => value,
    }
}

/// The path of the document that an address fits: of several, the one with the fewest parameters.
fn path_item(address: &str) -> Option<(&'static str, &'static Map<String, Value>)> {
    let fits = |path: &str| {
        let mut asked = address.split('/');
        let all = path.split('/').all(|part| {
            asked
                .next()
                .is_some_and(|segment| part == segment || (part.starts_with('{') && !segment.is_empty()))
        });
        all && asked.next().is_none()
    };
    let paths = DOCUMENT["paths"].as_object().unwrap().iter().filter(|(path, _)| fits(path));
    let (path, item) = paths.min_by_key(|(path, _)| path.matches('{').count())?;
    Some((path, item.as_object().unwrap()))
}

/// Panics if an answer is not one that the document promises, or if a request was good that it forbids.
pub(crate) fn judge(exchange: &Exchange<'_>) {
    let Exchange { method, url, answer, .. } = exchange;
    let Some((path, item)) = path_item(url.path()) else { return };
    let Some(operation) = item.get(&method.to_lowercase()) else { return };
    let what = format!("{method} {path}, answered {}", answer.status);
    let row = format!("{} of {TABLE}", operation["operationId"]);
    let Some(response) = operation["responses"].get(answer.status.to_string()).map(followed) else {
        let code =
            answer.problem().map(|problem| format!(": .refuses(&[{:?}])", problem.code)).unwrap_or_default();
        panic!("{what}: the status is not in the row {row}{code}\n{}", answer.text());
    };
    judge_body(&what, &row, response, exchange);
    if (200..300).contains(&answer.status) {
        judge_request(&what, &row, operation, exchange);
    }
}

fn judge_body(what: &str, row: &str, response: &Value, Exchange { answer, .. }: &Exchange<'_>) {
    let Some(contents) = response["content"].as_object() else {
        assert!(answer.body.is_empty(), "{what}: the row {row} has no body: {}", answer.text());
        return;
    };
    let kind = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let content = contents.get(kind);
    let content = content.unwrap_or_else(|| panic!("{what}: the type {kind:?} is not in the row {row}"));
    if !kind.ends_with("json") || answer.header("content-encoding").is_some() {
        return;
    }
    let body: Value = answer.json().unwrap();
    let faults = faults(&content["schema"], &body, true);
    assert!(faults.is_empty(), "{what}: not the answer of the row {row}: {faults:#?}\n{body}");
    if let Some(problem) = answer.problem() {
        let codes = response["x-codes"].as_array().unwrap();
        let code = Value::from(problem.code.as_str());
        let add = format!(".refuses(&[{:?}])", problem.code);
        assert!(codes.contains(&code), "{what}: the code {code} is not in the row {row}: {add}\n{body}");
    }
}

/// Limits are those of texts without the space around them.
fn trim(value: &mut Value) {
    match value {
        Value::Object(object) => object.values_mut().for_each(trim),
        Value::Array(items) => items.iter_mut().for_each(trim),
        Value::String(text) => *text = text.trim().to_owned(),
        _ => {}
    }
}

/// What was taken must be allowed: a generated client would not send it otherwise.
fn judge_request(
    what: &str,
    row: &str,
    operation: &Value,
    Exchange { url, content_type, body, .. }: &Exchange<'_>,
) {
    let parameters: BTreeMap<_, _> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| (parameter["name"].as_str().unwrap(), parameter))
        .collect();
    for (name, value) in url.query_pairs() {
        let Some(parameter) = parameters.get(&*name) else {
            panic!("{what}: the parameter {name} was taken and is not in the row {row}");
        };
        let schema = &parameter["schema"];
        let value = match schema["type"].as_str() {
            Some("integer" | "boolean") => serde_json::from_str(&value).unwrap_or(Value::Null),
            Some("array") => value.split(',').map(str::trim).collect(),
            _ => Value::from(&*value),
        };
        let faults = faults(schema, &value, false);
        assert!(faults.is_empty(), "{what}: {name} was taken, but is none of the row {row}: {faults:#?}");
    }
    let Some(schema) = operation["requestBody"]["content"].get("application/json") else { return };
    if !content_type.is_some_and(|kind| kind.starts_with("application/json")) {
        return;
    }
    let mut body: Value = serde_json::from_slice(body).unwrap();
    trim(&mut body);
    let faults = faults(&schema["schema"], &body, false);
    assert!(
        faults.is_empty(),
        "{what}: the body was taken, but is none of the row {row}: {faults:#?}\n{body}"
    );
}
