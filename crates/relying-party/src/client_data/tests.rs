use lab_protocol::trace::Outcome;
use lab_protocol::webauthn::client_data::decode_utf8;

use super::*;

const CHALLENGE: &str = "AMMPt4UxxGTStncdq417YDwBFi8vpIa-pw8oOuVW4TA";

fn parse(json: &str) -> CollectedClientData<'_> {
    CollectedClientData::parse(decode_utf8(json.as_bytes()).unwrap()).unwrap()
}

fn challenge_sentence(found: &str, expected: &str) -> String {
    let json = format!("{{\"challenge\":{found}}}");
    let data = parse(&json);
    let own = ["https://example.org".to_owned()];
    let expected = Expected::new("example.org", Origins::own(&own), expected);
    let finding = challenge(&data, &expected);
    finding.reason.map_or_else(|| "pass".to_owned(), |reason| reason.to_string())
}

#[test]
fn each_way_of_missing_the_challenge_has_its_sentence() {
    let cases = [
        (format!("\"{CHALLENGE}\""), "pass"),
        (format!("\"{CHALLENGE}=\""), "the same bytes, but not as base64url"),
        (format!("\"{}\"", CHALLENGE.replace('-', "+")), "the same bytes, but not as base64url"),
        (format!("\"{}\"", base64url::encode(CHALLENGE)), "was encoded twice"),
        (format!("\"{}\"", &CHALLENGE[..20]), "cut off or continued"),
        (format!("\"{CHALLENGE}AAAA\""), "cut off or continued"),
        (format!("\"{}\"", CHALLENGE.to_lowercase()), "found “ammpt4"),
        ("\"\"".into(), "cut off or continued"),
        ("7".into(), "the member challenge is a number, expected a text"),
        ("null".into(), "the member challenge is missing"),
    ];
    for (found, part) in cases {
        let sentence = challenge_sentence(&found, CHALLENGE);
        assert!(sentence.contains(part), "{found}: {sentence}");
    }
    assert!(challenge_sentence("\"\"", "").contains("holds no challenge"));
}

#[test]
fn a_type_is_compared_as_a_text() {
    for (json, part) in [
        (r#"{"type":"webauthn.create"}"#, "other ceremony"),
        (r#"{"type":["webauthn.get"]}"#, "the member type is an array, expected a text"),
        (r#"{"type":"WEBAUTHN.GET"}"#, "found “WEBAUTHN.GET”"),
        ("{}", "the member type is missing"),
    ] {
        let finding = ty(&parse(json), Ceremony::Authentication);
        let sentence = finding.reason.unwrap().to_string();
        assert!(finding.outcome == Outcome::Fail && sentence.contains(part), "{json}: {sentence}");
    }
}

fn framed(json: &str, framing: Framing<'_>, policy: &Policy) -> (Outcome, Outcome) {
    let data = parse(json);
    (cross_origin(&data, framing, policy).outcome, top_origin(&data, framing, policy).outcome)
}

#[test]
fn framing_is_judged_by_both_members() {
    use Outcome::{Fail, NotApplicable, Note, Pass};
    let listed = ["https://top.example".to_owned()];
    let (any, only) = (Framing::Allowed { top_origins: None }, Framing::Allowed { top_origins: Some(&listed) });
    let policy = Policy::webauthn();
    let top = r#"{"crossOrigin":true,"topOrigin":"https://top.example"}"#;
    let other = r#"{"crossOrigin":true,"topOrigin":"https://other.example"}"#;
    let lone = r#"{"crossOrigin":false,"topOrigin":"https://top.example"}"#;
    assert_eq!(framed("{}", Framing::Forbidden, &policy), (Pass, NotApplicable));
    assert_eq!(framed(top, Framing::Forbidden, &policy), (Fail, Fail));
    assert_eq!(framed(top, any, &policy), (Pass, Pass));
    assert_eq!(framed(top, only, &policy), (Pass, Pass));
    assert_eq!(framed(other, only, &policy), (Pass, Fail));
    assert_eq!(framed(r#"{"crossOrigin":true}"#, only, &policy), (Pass, NotApplicable));
    assert_eq!(framed(lone, any, &policy), (Pass, Fail));
    assert_eq!(framed(lone, any, &Policy { lone_top_origin: Choice::Note, ..policy }), (Pass, Note));
    assert_eq!(framed(r#"{"crossOrigin":"true"}"#, any, &policy).0, Fail);
    assert_eq!(framed(r#"{"crossOrigin":1}"#, any, &Policy { cross_origin_type: Choice::Note, ..policy }).0, Note);
    assert_eq!(framed(r#"{"topOrigin":1}"#, any, &policy).1, Fail);
}

#[test]
fn an_origin_of_another_type_is_no_origin() {
    let own = ["https://example.org".to_owned()];
    for json in [r#"{"origin":1}"#, "{}", r#"{"origin":["https://example.org"]}"#] {
        assert_eq!(origin(&parse(json), &Origins::own(&own)).outcome, Outcome::Fail, "{json}");
    }
}
