use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ciborium::Value;
use lab_protocol::cose::Algorithm;
use lab_protocol::trace::{Choice, Outcome};
use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::keys::{Backend, SigningKey};
use crate::layout::oid as id;
use crate::policy::Policy;
use crate::test_certificates::{Template, name};
use crate::test_rng::Counter;
use crate::test_statements::{Bench, message, now, root, statement};
use crate::vendors::writer::{SEQUENCE, element, extension};

const HOST: &str = "attest.android.com";

fn alternative_name(hosts: &[&str]) -> Vec<u8> {
    let names: Vec<_> = hosts.iter().flat_map(|host| element(0x82, &[host.as_bytes()])).collect();
    extension(id::SUBJECT_ALT_NAME, false, &element(SEQUENCE, &[&names]))
}

/// A response in the making. Its key is Ed25519, whose signatures have one form everywhere.
struct Response {
    payload: Map<String, serde_json::Value>,
    header: Map<String, serde_json::Value>,
    ver: &'static str,
    signed_by: u64,
}

fn key(seed: u64) -> SigningKey {
    SigningKey::generate(Algorithm::EDDSA, Backend::Deterministic, &mut Counter::new(seed)).unwrap()
}

/// A certificate of the Ed25519 key with this seed.
fn certificate(extensions: Vec<Vec<u8>>, common_name: &str, seed: u64) -> Vec<u8> {
    let template = Template { subject: name(&[(id::COMMON_NAME, common_name)]), extensions, ..Template::leaf() };
    template.issued_by_for(&root(), &key(seed)).der
}

impl Response {
    fn new() -> Self {
        let nonce = STANDARD.encode(crate::sha256(&message()));
        let payload = json!({
            "nonce": nonce, "timestampMs": now().as_millisecond() - 5000, "apkPackageName": "com.google.android.gms",
            "ctsProfileMatch": true, "basicIntegrity": true, "evaluationType": "BASIC",
        });
        let leaf = certificate(vec![alternative_name(&[HOST])], HOST, 5);
        let header = json!({"alg": "EdDSA", "x5c": [STANDARD.encode(leaf), STANDARD.encode(root().der)]});
        let map = |value: serde_json::Value| value.as_object().unwrap().clone();
        Self { payload: map(payload), header: map(header), ver: "212621037", signed_by: 5 }
    }

    fn payload(mut self, member: &str, value: serde_json::Value) -> Self {
        self.payload.insert(member.into(), value);
        self
    }

    fn without(mut self, member: &str) -> Self {
        self.payload.remove(member);
        self
    }

    fn header(mut self, member: &str, value: serde_json::Value) -> Self {
        self.header.insert(member.into(), value);
        self
    }

    fn leaf(self, der: &[u8]) -> Self {
        self.header("x5c", json!([STANDARD.encode(der)]))
    }

    fn jws(&self) -> String {
        let part = |map: &Map<_, _>| URL_SAFE_NO_PAD.encode(serde_json::to_vec(map).unwrap());
        let signed = format!("{}.{}", part(&self.header), part(&self.payload));
        let signature = key(self.signed_by).sign(signed.as_bytes(), &mut Counter::new(0));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn statement(&self) -> Vec<u8> {
        let response = Value::Bytes(self.jws().into_bytes());
        statement(&[("ver", self.ver.into()), ("response", response)])
    }
}

fn bench() -> Bench {
    Bench::new(&AndroidSafetyNet)
}

#[test]
fn an_answer_about_this_ceremony_attests_it() {
    let attested = bench().accepts(&Response::new().statement());
    assert_eq!((attested.kind, attested.trust_path.len()), (Kind::Basic, 2));
    let (package, evaluation) = (Some("com.google.android.gms".into()), Some("BASIC".into()));
    assert_eq!(attested.notes, [Note::SafetyNet { package, evaluation }]);
}

#[test]
fn each_check_refuses_what_it_is_for() {
    let refuses = |response: Response, check: &Check, cause: &str| bench().refuses(&response.statement(), check, cause);
    refuses(Response { ver: "", ..Response::new() }, &VER, "ver is empty");
    refuses(Response { signed_by: 6, ..Response::new() }, &JWS_SIG, "not one by this key");
    refuses(Response::new().header("alg", json!("none")), &JWS_SIG, "nobody signed it");
    refuses(Response::new().header("alg", json!("HS256")), &JWS_SIG, "shared secret");
    refuses(Response::new().header("x5c", json!([])), &JWS_SIG, "no certificates");
    let mut bare = Response::new();
    bare.header.remove("x5c");
    refuses(bare, &JWS_SIG, "no certificates");
    refuses(Response::new().payload("nonce", json!("AAAA")), &NONCE, "is not SHA-256 over");
    refuses(Response::new().payload("nonce", json!("*")), &NONCE, "not Base64 with padding");
    refuses(Response::new().without("nonce"), &NONCE, "has no nonce");
    let unpadded = URL_SAFE_NO_PAD.encode(crate::sha256(&message()));
    refuses(Response::new().payload("nonce", json!(unpadded)), &NONCE, "another base64");
    refuses(Response::new().payload("ctsProfileMatch", json!(false)), &CTS, "is false, basicIntegrity is true");
    refuses(Response::new().without("ctsProfileMatch"), &CTS, "has no ctsProfileMatch");
    refuses(Response::new().without("timestampMs"), &TIMESTAMP, "has no timestampMs");
    refuses(Response::new().header("x5c", json!(["AAAA"])), &CHAIN, "certificate 1 in the header");
}

#[test]
fn the_certificate_has_to_be_googles_host_s() {
    let of = |der: &[u8]| Response::new().leaf(der).statement();
    let other = certificate(vec![alternative_name(&["attest.example"])], HOST, 5);
    bench().refuses(&of(&other), &HOSTNAME, "issued to attest.example, expected attest.android.com");
    let nobody = certificate(vec![alternative_name(&[])], HOST, 5);
    bench().refuses(&of(&nobody), &HOSTNAME, "names no host");
    let garbage = certificate(vec![extension(id::SUBJECT_ALT_NAME, false, &[5, 0])], HOST, 5);
    bench().refuses(&of(&garbage), &HOSTNAME, "alternative names of the certificate are unreadable");
    bench().refuses(&of(&certificate(vec![], "other.android.com", 5)), &HOSTNAME, "issued to other.android.com");
    bench().accepts(&of(&certificate(vec![], HOST, 5)));
    bench().accepts(&of(&certificate(vec![alternative_name(&["a.example", "Attest.Android.COM"])], "x", 5)));
}

#[test]
fn an_answer_is_good_for_a_minute_and_never_from_the_future() {
    let after = |milliseconds: i64| {
        Response::new().payload("timestampMs", json!(now().as_millisecond() - milliseconds)).statement()
    };
    for good in [0, 60_000] {
        bench().accepts(&after(good));
    }
    bench().refuses(&after(60_001), &TIMESTAMP, "1 minutes before the verification");
    bench().refuses(&after(-1), &TIMESTAMP, "after the verification");
    let lenient = Bench { policy: Policy { safetynet_old: Choice::Note, ..Policy::webauthn() }, ..bench() };
    assert_eq!(lenient.finding(&after(400_000_000), &TIMESTAMP).0, Outcome::Note);
    lenient.refuses(&after(-1), &TIMESTAMP, "after the verification");
    bench().refuses(&after(i64::MIN / 2 + now().as_millisecond()), &TIMESTAMP, "after the verification");
}

#[test]
fn what_is_no_statement_is_refused_by_its_syntax() {
    let response = |bytes: &[u8]| statement(&[("ver", "1".into()), ("response", Value::Bytes(bytes.to_vec()))]);
    let payload = |text: &str| response(format!("eyJhbGciOiJFZERTQSJ9.{}.AA", URL_SAFE_NO_PAD.encode(text)).as_bytes());
    for (att_stmt, cause) in [
        (statement(&[("ver", "1".into())]), "the member response is missing"),
        (statement(&[("response", Value::Bytes(vec![]))]), "the member ver is missing"),
        (response(b""), "response is no compact JWS"),
        (response(b"abc"), "it has 1 parts"),
        (payload("[]"), "payload of the JWS is not one JSON object"),
        (payload(r#"{"nonce":"a","nonce":"b"}"#), "occurs twice"),
        (payload(r#"{"ctsProfileMatch":"true"}"#), "ctsProfileMatch of the payload is not a boolean"),
        (payload(r#"{"timestampMs":1.5}"#), "timestampMs of the payload is not a whole number"),
    ] {
        bench().refuses(&att_stmt, &SYNTAX, cause);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(bench().judge(&bytes).0.is_none());
    }

    #[test]
    fn any_payload_is_judged(text: String) {
        let jws = format!("eyJhbGciOiJFZERTQSJ9.{}.AA", URL_SAFE_NO_PAD.encode(text));
        let att_stmt = statement(&[("ver", "1".into()), ("response", Value::Bytes(jws.into_bytes()))]);
        prop_assert!(bench().judge(&att_stmt).0.is_none());
    }

    #[test]
    fn a_changed_or_truncated_response_is_refused(at: prop::sample::Index, byte in 0x20_u8..0x7f, cut: bool) {
        let good = Response::new().jws().into_bytes();
        let at = at.index(good.len());
        let mut bytes = good.clone();
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        // The certificates behind the first are for the path to judge, but all of the header is signed.
        let att_stmt = statement(&[("ver", "1".into()), ("response", Value::Bytes(bytes.clone()))]);
        prop_assert_eq!(bench().judge(&att_stmt).0.is_some(), bytes == good);
    }
}
