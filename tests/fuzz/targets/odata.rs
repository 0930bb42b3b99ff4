//! Any text as the query of a URL and as a `$filter`: a page is the same whichever way it is made, and the next one
//! begins where it ends.
#![no_main]

use lab_server::graph::odata::{Filter, PAGE, Query};
use serde_json::{Value, json};

fn items() -> Vec<Value> {
    vec![
        json!({"id": "1", "displayName": "Ann O'Neil", "age": 30, "made": "2026-11-20T10:00:00Z", "tags": ["a", "b"]}),
        json!({"id": "2", "displayName": null, "age": -9.5, "on": {"deep": true}, "tags": [{"n": 1}, {"n": 2}]}),
        json!({"id": "3", "tags": []}),
    ]
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let items = items();
    if let Ok(filter) = Filter::parse(text) {
        items.iter().for_each(|item| _ = filter.holds(item));
    }
    let Ok(query) = Query::parse(text) else { return };
    let page = query.page(items.clone());
    assert_eq!(page, query.page_of(&items, Value::clone));
    assert!(page.value.len() <= query.top.unwrap_or(PAGE));
    if let Some(next) = page.next
        && let Ok(following) = Query::parse(&query.next(next))
    {
        assert_eq!((following.skip, &following.filter, &following.top), (next, &query.filter, &query.top));
    }
});
