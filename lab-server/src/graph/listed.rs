//! Collections and single objects, with their annotations.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Answered};
use super::call::Call;
use super::odata::Page;

/// 200 with the page of a collection that is asked for. `context` is what `$metadata` calls the collection.
pub(super) fn list(call: &Call, context: &str, items: Vec<Value>) -> Answered {
    page(call, context, call.query.page(items))
}

/// The same of what becomes JSON only where somebody looks at it.
pub(super) fn list_of<T>(call: &Call, context: &str, items: &[T], write: impl Fn(&T) -> Value) -> Answered {
    page(call, context, call.query.page_of(items, write))
}

fn page(call: &Call, context: &str, Page { value, count, next }: Page) -> Answered {
    let mut body = json!({"@odata.context": call.context(context)});
    if let Some(count) = count {
        body["@odata.count"] = json!(count);
    }
    if let Some(next) = next {
        let segments = call.path.iter().map(|segment| utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string());
        let path = segments.collect::<Vec<_>>().join("/");
        body["@odata.nextLink"] = json!(format!("{}/{path}?{}", call.root(), call.query.next(next)));
    }
    body["value"] = Value::Array(value);
    Answer::ok(body)
}

/// 200 with one object, as far as it is selected.
pub(super) fn one(call: &Call, context: &str, object: Value) -> Answered {
    Answer::ok(annotated(call, context, call.query.selected(object)))
}

/// 201 with what was made.
pub(super) fn made(call: &Call, context: &str, object: Value) -> Answered {
    Answer::created(annotated(call, context, object))
}

/// An object with its context, in the place of one that it may have brought along.
fn annotated(call: &Call, context: &str, object: Value) -> Value {
    let mut annotated = Map::new();
    annotated.insert("@odata.context".to_owned(), call.context(context).into());
    if let Value::Object(object) = object {
        annotated.extend(object.into_iter().filter(|(key, _)| key != "@odata.context"));
    }
    Value::Object(annotated)
}
