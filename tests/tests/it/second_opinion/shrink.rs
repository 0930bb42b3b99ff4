//! The smallest tenant that still shows a difference.

use serde_json::Value;

/// Takes elements of lists and settings away from `tenant` for as long as `shows` stays true.
///
/// Users stay, because cases name them by their place; so do properties, whose absence means something.
pub fn shrink(mut tenant: Value, shows: impl Fn(&Value) -> bool) -> Value {
    while let Some(smaller) = smaller(&tenant).into_iter().find(|smaller| shows(smaller)) {
        tenant = smaller;
    }
    tenant
}

/// Every tenant with one thing less.
fn smaller(tenant: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    removable(tenant, String::new(), &mut places);
    places.iter().map(|place| without(tenant, place)).collect()
}

/// JSON pointers to what may be left out.
fn removable(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            places.extend((0..items.len()).map(|index| format!("{at}/{index}")));
            items.iter().enumerate().for_each(|(index, item)| removable(item, format!("{at}/{index}"), places));
        }
        Value::Object(map) if at.ends_with("/switches") => places.extend(map.keys().map(|key| format!("{at}/{key}"))),
        Value::Object(map) => {
            let inner = map.iter().filter(|(key, _)| *key != "users");
            inner.for_each(|(key, item)| removable(item, format!("{at}/{key}"), places));
        }
        _ => {}
    }
}

fn without(tenant: &Value, place: &str) -> Value {
    let mut tenant = tenant.clone();
    let (parent, last) = place.rsplit_once('/').unwrap();
    match tenant.pointer_mut(parent).unwrap() {
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        Value::Object(map) => drop(map.remove(last)),
        other => panic!("{place} is in {other}"),
    }
    tenant
}

#[test]
fn what_does_not_matter_goes() {
    let tenant = serde_json::json!({
        "users": [1, 2], "lab": {"switches": {"a": "x", "b": "y"}}, "fido2": {"list": [{"deep": [1, 2, 3]}, 4]}
    });
    let small = shrink(tenant, |tenant| {
        tenant.pointer("/fido2/list/0/deep").is_some_and(|deep| deep.to_string().contains('3'))
    });
    let expected = serde_json::json!({"users": [1, 2], "lab": {"switches": {}}, "fido2": {"list": [{"deep": [3]}]}});
    assert_eq!(small, expected);
}
