//! Query options.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Filter, Query};

fn users() -> Vec<Value> {
    vec![
        json!({"id": "1", "displayName": "Ann O'Neil", "age": 30, "made": "2026-11-20T10:00:00Z", "tags": ["a", "b"]}),
        json!({"id": "2", "displayName": "bob", "age": 9, "made": "2026-11-20T12:00:00+01:00", "on": {"deep": true}}),
        json!({"id": "3", "displayName": null, "made": "2026-11-21T00:00:00Z", "tags": []}),
    ]
}

fn ids(query: &str) -> Vec<String> {
    let query = Query::parse(query).unwrap();
    query.page(users()).value.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn filtered(filter: &str, expected: &[&str]) {
    let filter = Filter::parse(filter).unwrap();
    let found: Vec<_> = users().into_iter().filter(|user| filter.holds(user)).collect();
    let found: Vec<_> = found.iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(found, expected);
}

#[test]
fn filters_hold_of_what_they_say() {
    filtered("displayName eq 'ann o''neil'", &["1"]);
    filtered("DisplayName eq 'BOB' or age gt 20", &["1", "2"]);
    filtered("age lt 10", &["2"]);
    filtered("displayName eq null", &["3"]);
    filtered("displayName ne 'bob'", &["1", "3"]);
    filtered("not (startswith(displayName,'a') or endswith(displayName,'b'))", &["3"]);
    filtered("contains(displayName,'NEIL') eq true", &["1"]);
    filtered("id in ('1', '3')", &["1", "3"]);
    filtered("made ge 2026-11-20T11:00:00Z", &["2", "3"]);
    filtered("on/deep eq true", &["2"]);
    filtered("tags/any()", &["1"]);
    filtered("tags/any(t:t eq 'b') and age ge 30", &["1"]);
    filtered("tags/any(t: t eq 'c')", &[]);
    filtered("tags/all(t:t eq 'a')", &["2", "3"]);
}

#[test]
fn filters_that_cannot_be_read_say_what_was_expected() {
    for (filter, expected) in [
        ("", "expected a property, found the end"),
        ("a", "expected eq, ne, gt, ge, lt, le or in, found the end"),
        ("a eq", "expected a value, found the end"),
        ("a eq 'b", "closing '"),
        ("a eq 1 b", "“and”, “or” or the end"),
        ("(a eq 1", "closing parenthesis"),
        ("length(a) eq 1", "not supported"),
        ("tags/any(t)", "a variable and a colon"),
        (&"(".repeat(100), "at most 32"),
        (&"not ".repeat(2000), "at most 1000"),
    ] {
        let fault = Filter::parse(filter).unwrap_err();
        assert!(fault.message.contains(expected), "{filter}: {}", fault.message);
    }
}

#[test]
fn pages_follow_each_other() {
    assert_eq!(ids("$top=2"), ["1", "2"]);
    let query = Query::parse("$top=2&$count=true&$filter=id%20ne%20%27x%27&other=y").unwrap();
    let page = query.page(users());
    assert_eq!((page.count, page.next), (Some(3), Some(2)));
    let next = query.next(2);
    assert!(next.contains("%24filter=") && next.contains("other=y"), "{next}");
    assert_eq!(ids(&next), ["3"]);
    assert_eq!(Query::parse(&next).unwrap().page(users()).next, None);
}

#[test]
fn a_page_of_a_long_collection_is_the_same_and_writes_only_what_it_shows() {
    let numbers: Vec<u32> = (0..5_000).collect();
    let object = |number: &u32| json!({"id": number.to_string(), "even": number.is_multiple_of(2)});
    for (query, most) in [
        ("", 100),
        ("$top=3&$skip=4990&$count=true", 3),
        ("$top=3&$skiptoken=4999&$select=id", 1),
        ("$skip=5000", 0),
        ("$top=2&$skip=7&$filter=even eq true", 19),
        ("$top=2&$skip=2499&$filter=even eq true", 5_000),
        ("$top=2&$skip=2500&$filter=even eq true", 5_000),
        ("$top=2&$count=true&$filter=even eq false", 5_000),
        ("$top=2&$orderby=id desc", 5_000),
    ] {
        let written = std::cell::Cell::new(0);
        let query = Query::parse(query).unwrap();
        let page = query.page_of(&numbers, |number| {
            written.set(written.get() + 1);
            object(number)
        });
        assert_eq!(page, query.page(numbers.iter().map(object).collect()), "{query:?}");
        assert!(written.get() <= most, "{query:?} wrote {}", written.get());
    }
}

#[test]
fn properties_are_selected_and_objects_ordered() {
    let query = Query::parse("$select=ID,age&$orderby=displayName desc").unwrap();
    let value = query.page(users()).value;
    assert_eq!(value, [json!({"id": "2", "age": 9}), json!({"id": "1", "age": 30}), json!({"id": "3"})]);
}

#[test]
fn wrong_options_are_named() {
    for (query, expected) in [
        ("$top=0", "$top: expected a whole number from 1 to 999"),
        ("$top=many", "found 'many'"),
        ("$count=yes", "$count"),
        ("$select=", "$select"),
        ("$select=a'b", "$select"),
        ("$orderby=a b c", "$orderby"),
        ("$search=x", "'$search' is not supported"),
    ] {
        let fault = Query::parse(query).unwrap_err();
        assert!(fault.message.contains(expected), "{query}: {}", fault.message);
    }
}

proptest! {
    #[test]
    fn any_query_is_read_or_refused(text in "\\PC{0,200}") {
        if let Ok(query) = Query::parse(&text) {
            let _ = query.page(users());
        }
    }

    #[test]
    fn any_words_of_a_filter_are_read_or_refused(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "a", "tags/any", "tags/all", "(", ")", ",", "'x'", "'", "eq", "ne", "in", "and", "or", "not", "t:t", "t:", "t",
                "1", "null", "true", "contains", "2026-11-20T10:00:00Z", "displayName",
            ]),
            0..24,
        ),
    ) {
        if let Ok(filter) = Filter::parse(&words.join(" ")) {
            users().iter().for_each(|user| _ = filter.holds(user));
        }
    }
}
