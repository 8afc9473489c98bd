//! The table of routes and the schemas, put together.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    operation::{Content, Operation, Parameter, Success, Who},
    schemas::{Schemas, tidied},
};
use crate::{ErrorCode, Problem};

/// A group of routes, with what it is about.
pub(super) struct Tag {
    pub name: &'static str,
    pub about: &'static str,
    pub operations: Vec<Operation>,
}

const JSON: &str = "application/json";

pub(super) fn document(tags: Vec<Tag>) -> Value {
    let mut schemas = Schemas::new();
    let problem = tidied(schemas.answers.subschema_for::<Problem>());
    let mut refusals = BTreeMap::new();
    let mut paths = Map::new();
    let mut about = Vec::new();
    for tag in tags {
        about.push(json!({ "name": tag.name, "description": tag.about }));
        for operation in tag.operations {
            let path = whole_path(operation.path);
            let written = write(tag.name, &operation, &mut schemas, &mut refusals);
            let methods = paths.entry(path).or_insert_with(|| json!({}));
            let other =
                methods.as_object_mut().and_then(|it| it.insert(operation.method.to_owned(), written));
            assert!(other.is_none(), "{} {} is there twice", operation.method, operation.path);
        }
    }
    let mut requests: Vec<&mut Value> = paths
        .values_mut()
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
        .filter_map(|operation| operation.get_mut("requestBody"))
        .collect();
    let schemas = schemas.finish(&mut requests);
    let responses: Map<String, Value> = refusals
        .into_iter()
        .map(|(name, (status, codes))| (name, refusal(status, &codes, &problem)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Hubbub",
            "version": "1",
            "summary": "Live chat for websites: the API that the widget and the console use.",
            "description": include_str!("info.md"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The server that this document is from." }],
        "tags": about,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "customer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The `token` from starting a session.",
                },
                "login": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "hubbub_login",
                    "description": "The cookie of an agent's login, set by POST `/api/v1/auth/login`.",
                },
            },
            "headers": {
                "RetryAfter": {
                    "description": "Seconds to wait before the next try.",
                    "schema": { "type": "integer", "minimum": 1 },
                },
            },
            "responses": responses,
            "schemas": schemas,
        },
    })
}

fn whole_path(path: &str) -> String {
    match path.strip_prefix('/') {
        Some(root) if root.starts_with('/') => root.to_owned(),
        _ => format!("/api/v1{path}"),
    }
}

type Refusals = BTreeMap<String, (u16, Vec<ErrorCode>)>;

fn write(tag: &str, operation: &Operation, schemas: &mut Schemas, refusals: &mut Refusals) -> Value {
    let mut written = json!({
        "tags": [tag],
        "operationId": operation.id,
        "summary": operation.summary,
        "description": format!("{}\n\n{}", who(operation.who), operation.description).trim(),
        "security": security(operation.who),
    });
    if !operation.parameters.is_empty() {
        let parameters = operation.parameters.iter().map(|it| parameter(it, schemas)).collect::<Vec<_>>();
        written["parameters"] = parameters.into();
    }
    for (at, _) in operation.path.match_indices('{') {
        let name = operation.path[at + 1..].split('}').next().unwrap_or_default();
        let named = operation.parameters.iter().any(|it| it.in_path && it.name == name);
        assert!(named, "{} has no .path(\"{name}\", …) in its row", operation.path);
    }
    if let Some(body) = operation.body {
        let mut schema = tidied(body(&mut schemas.requests));
        if !operation.required.is_empty() {
            schema = json!({ "allOf": [schema, { "type": "object", "required": operation.required }] });
        }
        written["requestBody"] = json!({ "required": true, "content": { JSON: { "schema": schema } } });
        if let Some(kind) = operation.also {
            written["requestBody"]["content"][kind] = json!({ "schema": { "type": "string" } });
        }
    }
    if operation.file {
        let file = json!({ "type": "string", "format": "binary", "description": "The file, with its name." });
        let form = json!({ "type": "object", "required": ["file"], "properties": { "file": file } });
        written["requestBody"] =
            json!({ "required": true, "content": { "multipart/form-data": { "schema": form } } });
    }
    let mut responses = BTreeMap::new();
    for success in &operation.successes {
        responses.insert(success.status.to_string(), answer(success, operation.sets_cookie, schemas));
    }
    assert!(!responses.is_empty(), "{} {} has no answer in its row", operation.method, operation.path);
    for (status, codes) in refusals_of(operation) {
        // The row says something else of it.
        if responses.contains_key(&status.to_string()) {
            continue;
        }
        let name = codes.iter().map(|code| format!("{code:?}")).collect::<Vec<_>>().join("Or");
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.insert(status.to_string(), reference);
        refusals.insert(name, (status, codes));
    }
    written["responses"] = json!(responses);
    written
}

fn who(who: Who) -> &'static str {
    match who {
        Who::Anybody => "For anybody.",
        Who::Customer => "For customers.",
        Who::Both => "For the customer, and for members of the team who may see the session.",
        Who::Oneself => "For members of the team, of themselves.",
        Who::Team => "For members of the team.",
        Who::Leads => "For supervisors and admins.",
        Who::Admins => "For admins.",
    }
}

fn security(who: Who) -> Value {
    match who {
        Who::Anybody => json!([]),
        Who::Customer => json!([{ "customer": [] }]),
        Who::Both => json!([{ "customer": [] }, { "login": [] }]),
        Who::Oneself | Who::Team | Who::Leads | Who::Admins => json!([{ "login": [] }]),
    }
}

fn parameter(parameter: &Parameter, schemas: &mut Schemas) -> Value {
    let mut written = json!({
        "name": parameter.name,
        "in": if parameter.in_path { "path" } else { "query" },
        "description": parameter.description,
        "schema": tidied((parameter.schema)(&mut schemas.requests)),
    });
    if parameter.in_path {
        written["required"] = true.into();
    }
    if parameter.words {
        written["style"] = "form".into();
        written["explode"] = false.into();
    }
    written
}

fn answer(success: &Success, sets_cookie: bool, schemas: &mut Schemas) -> Value {
    let mut written = json!({ "description": success.description });
    match &success.content {
        Content::Nothing => {}
        Content::Json(schema) => {
            written["content"] = json!({ JSON: { "schema": tidied(schema(&mut schemas.answers)) } });
        }
        Content::Files(types, schema) => {
            let schema = tidied(schema(&mut schemas.answers));
            let of = |kind: &str| if kind == JSON { schema.clone() } else { json!({ "type": "string" }) };
            let content = types.iter().map(|kind| ((*kind).to_owned(), json!({ "schema": of(kind) })));
            written["content"] = content.collect::<Map<_, _>>().into();
        }
    }
    if sets_cookie {
        written["headers"] = json!({
            "Set-Cookie": { "description": "The cookie `hubbub_login`.", "schema": { "type": "string" } },
        });
    }
    written
}

/// How an operation may be refused, by status: what follows from the rest of its row, and what the row says.
fn refusals_of(operation: &Operation) -> BTreeMap<u16, Vec<ErrorCode>> {
    use ErrorCode as Code;
    let mut codes = vec![Code::BadRequest, Code::RequestTimeout, Code::Internal, Code::StoreUnavailable];
    match operation.who {
        Who::Anybody => {}
        Who::Oneself => codes.extend([Code::Unauthenticated, Code::OriginRefused]),
        Who::Customer | Who::Both => {
            codes.extend([Code::Unauthenticated, Code::OriginRefused, Code::PasswordChangeRequired]);
            codes.extend([Code::Forbidden, Code::NotFound]);
        }
        Who::Team | Who::Leads | Who::Admins => {
            codes.extend([Code::Unauthenticated, Code::OriginRefused, Code::PasswordChangeRequired]);
            codes.push(Code::NotFound);
            if operation.who != Who::Team {
                codes.push(Code::Forbidden);
            }
        }
    }
    if operation.body.is_some() || operation.file {
        codes.extend([Code::TooLarge, Code::UnsupportedType, Code::Invalid]);
    }
    if operation.parameters.iter().any(|it| it.in_path) {
        codes.push(Code::NotFound);
    }
    // A parameter that means nothing is refused where people read.
    let reads = operation.method == "get" && operation.who != Who::Anybody;
    if reads || operation.parameters.iter().any(|it| !it.in_path) {
        codes.push(Code::Invalid);
    }
    codes.extend(&operation.refusals);
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in Code::ALL.iter().filter(|code| codes.contains(code)) {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
}

fn refusal(status: u16, codes: &[ErrorCode], problem: &Value) -> Value {
    let titles: Vec<_> = codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())).collect();
    let words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let mut written = json!({
        "description": titles.join(" "),
        "content": { "application/problem+json": { "schema": problem } },
        "x-codes": words,
    });
    if matches!(status, 429 | 503) {
        written["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/RetryAfter" } });
    }
    written
}
