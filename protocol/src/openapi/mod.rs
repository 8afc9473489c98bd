//! The API as an OpenAPI document, written to `protocol/openapi.json` and checked against it: the bodies from the types
//! of this crate, the routes from the table in [`routes`].

mod document;
mod operation;
mod routes;
mod schemas;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

/// The document, as text.
fn fresh() -> String {
    let mut text = serde_json::to_string_pretty(&document::document(routes::tags())).unwrap();
    text.push('\n');
    text
}

#[test]
fn openapi_document_is_that_of_this_crate() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let fresh = fresh();
    if std::env::var_os("HUBBUB_WRITE_TYPES").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == fresh, "{} differs from the crate: run `make types`", path.display());
}

/// Every `$ref` of a value.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(target) if key == "$ref" => drop(found.insert(target)),
                    value => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn openapi_components_are_all_there_and_all_used() {
    let document: Value = serde_json::from_str(&fresh()).unwrap();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for target in &found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target} is not in the document");
    }
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            let target = format!("#/components/{kind}/{name}");
            assert!(kind == "securitySchemes" || found.contains(target.as_str()), "{target} is not used");
            assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "two types are called {name}");
        }
    }
}

#[test]
fn openapi_says_what_everything_is() {
    let document: Value = serde_json::from_str(&fresh()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{what}: its id is another's");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.ends_with('.')),
                "{what}: summary"
            );
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].as_str().is_some_and(|text| text.len() > 3), "{what}");
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name} has no doc comment");
    }
}
