//! `openapi.json`: what it says of the API is so, and every answer in the tests is as it says.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, Response, response::Parts};
use jsonschema::Validator;
use lab_server::api::{OPENAPI, ROUTES};
use serde_json::{Value, json};
use tower::{Service, ServiceExt as _};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(OPENAPI).unwrap());
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The lab's router, each of whose answers has to be one that is described.
#[derive(Clone)]
pub struct Described(pub Router);

impl Service<Request<Body>> for Described {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = self.0.clone().oneshot(request);
        Box::pin(async move {
            let (parts, body) = answer.await?.into_parts();
            let bytes = to_bytes(body, 64 << 20).await.unwrap();
            check(&method, &path, &parts, &bytes);
            Ok(Response::from_parts(parts, Body::from(bytes)))
        })
    }
}

/// Holds an answer against the description of its path.
#[track_caller]
pub fn check(method: &Method, path: &str, parts: &Parts, bytes: &Bytes) {
    let status = parts.status.as_u16();
    let text = String::from_utf8_lossy(bytes);
    let Some((template, operation)) = operation(method, path) else { panic!("{method} {path} is not described") };
    let described = &operation["responses"][status.to_string()];
    assert!(described.is_object(), "{method} {template} is not said to answer {status}: {text}");
    let pointer = match described["$ref"].as_str() {
        Some(reference) => reference.to_owned(),
        None => format!("#/paths/{}/{}/responses/{status}", escaped(template), method.as_str().to_lowercase()),
    };
    let response = DOCUMENT.pointer(&pointer[1..]).unwrap();
    let Some(content) = response["content"].as_object() else {
        assert!(bytes.is_empty(), "{method} {template} {status} has a body: {text}");
        return;
    };
    let (kind, _) = content.iter().next().unwrap();
    assert_eq!(parts.headers["content-type"], kind.as_str(), "{method} {template} {status}");
    for (name, _) in response["headers"].as_object().into_iter().flatten() {
        assert!(parts.headers.contains_key(name), "{method} {template} {status} lacks {name}");
    }
    let value: Value = serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {text}"));
    let validator = validator(&format!("{pointer}/content/{}/schema", escaped(kind)));
    let errors: Vec<_> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{method} {template} {status}: {errors:#?}");
}

fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let fits = |template: &str| {
        let (ours, theirs): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|(ours, theirs)| ours.starts_with('{') || ours == theirs)
    };
    let (template, methods) = DOCUMENT["paths"].as_object()?.iter().find(|(template, _)| fits(template))?;
    Some((template, methods.get(method.as_str().to_lowercase())?))
}

/// The validator of a schema in the document, with the components that it may refer to.
fn validator(pointer: &str) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap();
    let make = || {
        let mut root = DOCUMENT.pointer(pointer.trim_start_matches('#')).unwrap().clone();
        root["components"] = DOCUMENT["components"].clone();
        Arc::new(jsonschema::draft202012::options().should_validate_formats(true).build(&root).unwrap())
    };
    Arc::clone(validators.entry(pointer.to_owned()).or_insert_with(make))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[test]
fn every_route_is_described_and_every_description_is_a_route() {
    let described = DOCUMENT["paths"].as_object().unwrap().iter();
    let described: BTreeSet<_> = described
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (path.clone(), method.to_uppercase()))
        })
        .collect();
    let routes = ROUTES.iter().map(|route| (route.path.to_owned(), route.method.to_string())).collect();
    assert_eq!(described, routes);
    for route in ROUTES {
        let (_, operation) = operation(&route.method, route.path).unwrap();
        let named = operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path");
        let named: Vec<_> = named.map(|one| format!("{{{}}}", one["name"].as_str().unwrap())).collect();
        let in_path: Vec<_> = route.path.split('/').filter(|part| part.starts_with('{')).collect();
        assert_eq!(named, in_path, "{}", route.path);
    }
}

#[test]
fn every_schema_is_one_and_is_used() {
    let text = OPENAPI;
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        let pointer = format!("#/components/schemas/{name}");
        let by_a_stream = name == "Event";
        assert!(by_a_stream || text.contains(&format!("\"{pointer}\"")), "{name} is used by nobody");
        validator(&pointer);
    }
}

#[test]
fn results_of_jobs_are_described_as_on_the_command_line() {
    for (file, defined, name) in [
        ("verify", "/$defs/case", "Case"),
        ("verify", "/$defs/check", "Check"),
        ("verify", "/$defs/part", "AnatomyPart"),
        ("ceremony", "/$defs/step", "Step"),
        ("ceremony", "/$defs/rule", "Rule"),
        ("matrix", "/properties/result", "Matrix"),
        ("matrix", "/$defs/step", "MatrixStep"),
        ("models-show", "/$defs/model", "ModelDetail"),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/schemas");
        let schema = fs::read_to_string(folder.join(format!("{file}.schema.json"))).unwrap();
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let theirs = without_references(schema.pointer(defined).unwrap());
        assert_eq!(theirs, without_references(&DOCUMENT["components"]["schemas"][name]), "{name}");
    }
}

/// A schema whose references are only there, whatever they are called.
fn without_references(schema: &Value) -> Value {
    match schema {
        Value::Object(members) if members.contains_key("$ref") => json!({ "$ref": true }),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), without_references(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_references).collect(),
        other => other.clone(),
    }
}

/// Holds the data of a server-sent event against the description.
pub fn check_event(data: &Value) {
    let validator = validator("#/components/schemas/Event");
    let errors: Vec<_> = validator.iter_errors(data).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}: {data}");
}
