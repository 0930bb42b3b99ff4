//! Every lie, told in whole ceremonies: what it changes in the bytes, and that it changes nothing else.

// Helpers of tests are tests too, which the lint does not see.
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use lab_attestation::emit::{Vendors, VendorsOptions};
use lab_attestation::keys::Backend;
use lab_authenticator::{Authenticator, InProcess, Model, Person, models};
use lab_client::{Client, Context, Pin, Platform, Route, Transport, options};
use lab_lies::{Lie, parse, tamper};
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::webauthn::client_data::{CollectedClientData, decode_utf8};
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData, Flags};
use lab_protocol::{Aaguid, Env, Random};

const CREATE: &str = r#"{"rp": {"id": "login.microsoft.com", "name": "Microsoft"},
    "user": {"id": "T0Y6AQID", "name": "john@contoso.com", "displayName": "John Doe"},
    "challenge": "AQIDBAUGBwgJCgsMDQ4PEA", "attestation": "direct",
    "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
    "authenticatorSelection": {"requireResidentKey": true, "userVerification": "required"}}"#;

const GET: &str =
    r#"{"challenge": "AQIDBAUGBwgJCgsMDQ4PEA", "rpId": "login.microsoft.com", "userVerification": "required"}"#;

const YUBIKEY: &str = "yubikey-5-nfc";
const ICLOUD: &str = "icloud-keychain";

/// Counts, so that every run is the same.
#[derive(Clone)]
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(17);
            *byte = self.0;
        }
    }
}

/// What a relying party gets to see of a registration and of the sign-in after it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    fmt: String,
    statement: Value,
    aaguid: Aaguid,
    rp_id_hashes: [[u8; 32]; 2],
    flags: [Flags; 2],
    counters: [u32; 2],
    origins: [String; 2],
}

fn run(model: &str, lies: &[&str]) -> Seen {
    let lies: Vec<Lie> = lies.iter().map(|lie| parse(lie).unwrap()).collect();
    ceremonies(Arc::clone(models::find(model).unwrap()), &lies, Person::Auto)
}

fn ceremonies(model: Arc<Model>, lies: &[Lie], person: Person) -> Seen {
    let asks_pin = !lies.iter().any(|lie| lie.to_string() == "uv-claimed");
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let window = VendorsOptions {
        backend: Backend::Deterministic,
        seeded: true,
        not_before: "2020-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2050-01-01T00:00:00Z".parse().unwrap(),
    };
    let vendors = Arc::new(Vendors::new(window, &mut Counting(1)));
    let env = |seed| Env { rng: Box::new(Counting(seed)), tamper: tamper(lies) };
    let model = lies.iter().fold(model, |model, lie| lie.adjust(model));
    let transport =
        if model.transports().any(|name| name == "internal") { Transport::Internal } else { Transport::Usb };
    let authenticator = Authenticator::new(model, vendors, Backend::Deterministic, env(2)).set_up("246813").unwrap();
    let mut device = InProcess::at(authenticator, now, person);
    let mut env = env(3);
    let origin = "https://login.microsoft.com".parse().unwrap();
    let context = Context::new(origin, Platform::find("l3").unwrap(), Route::new(transport));
    let mut client = Client {
        device: &mut device,
        env: &mut env,
        on_wait: &mut |_| ControlFlow::Continue(()),
        on_pin: &mut |_| asks_pin.then(|| Pin::new("246813").unwrap()),
    };
    let made = client.create(&options::creation_from_json(CREATE).unwrap(), &context).unwrap().response.response;
    let got = client.get(&options::request_from_json(GET).unwrap(), &context).unwrap().response.response;

    let object = AttestationObject::parse(&made.attestation_object).unwrap();
    let registered = AuthenticatorData::parse(object.auth_data).unwrap();
    let signed_in = AuthenticatorData::parse(&got.authenticator_data).unwrap();
    Seen {
        fmt: object.fmt.to_owned(),
        statement: cbor::decode(object.att_stmt, Rules::RELYING_PARTY).unwrap(),
        aaguid: registered.attested.unwrap().aaguid,
        rp_id_hashes: [*registered.rp_id_hash, *signed_in.rp_id_hash],
        flags: [registered.flags, signed_in.flags],
        counters: [registered.sign_count, signed_in.sign_count],
        origins: [origin_of(&made.client_data_json), origin_of(&got.client_data_json)],
    }
}

fn origin_of(client_data: &[u8]) -> String {
    let data = CollectedClientData::parse(decode_utf8(client_data).unwrap()).unwrap();
    data.origin.text().unwrap().to_owned()
}

fn member<'v>(statement: &'v Value, name: &str) -> Option<&'v Value> {
    statement.as_map().unwrap().iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn leaf(seen: &Seen) -> &[u8] {
    member(&seen.statement, "x5c").unwrap().as_array().unwrap()[0].as_bytes().unwrap()
}

fn has(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn aaguid(model: &str) -> Aaguid {
    models::find(model).unwrap().aaguid()
}

#[test]
fn an_honest_key_is_what_the_others_are_compared_with() {
    let honest = run(YUBIKEY, &[]);
    assert_eq!((&honest.fmt[..], honest.aaguid), ("packed", aaguid(YUBIKEY)));
    assert_eq!(honest.flags, [Flags(0x45), Flags(0x05)]);
    assert!(honest.counters[0] < honest.counters[1]);
    assert!(has(leaf(&honest), aaguid(YUBIKEY).as_bytes()));
    assert_eq!(run(YUBIKEY, &[]), honest);
}

#[test]
fn aaguid_of_another_model_stands_beside_the_real_certificate() {
    let (honest, lied) = (run(YUBIKEY, &[]), run(YUBIKEY, &["aaguid-of:icloud-keychain"]));
    assert_eq!(lied.aaguid, aaguid(ICLOUD));
    assert_eq!(leaf(&lied), leaf(&honest));
    assert_ne!(member(&lied.statement, "sig"), member(&honest.statement, "sig"), "it is signed with the lie in it");
}

#[test]
fn self_attestation_has_no_certificate_and_keeps_the_aaguid() {
    for model in [YUBIKEY, ICLOUD] {
        let lied = run(model, &["self-attestation"]);
        assert_eq!((&lied.fmt[..], lied.aaguid), ("packed", aaguid(model)));
        assert!(member(&lied.statement, "x5c").is_none() && member(&lied.statement, "sig").is_some());
    }
}

#[test]
fn a_foreign_root_issues_a_certificate_with_the_right_aaguid() {
    for model in [YUBIKEY, ICLOUD] {
        let lied = run(model, &["foreign-root"]);
        assert_eq!(lied.fmt, "packed");
        assert!(has(leaf(&lied), aaguid(model).as_bytes()), "{model}");
    }
    assert_ne!(leaf(&run(YUBIKEY, &["foreign-root"])), leaf(&run(YUBIKEY, &[])));
}

#[test]
fn the_certificate_of_another_model_names_that_one() {
    let lied = run(YUBIKEY, &["certificate-of:security-key-nfc"]);
    assert_eq!(lied.aaguid, aaguid(YUBIKEY));
    assert!(has(leaf(&lied), aaguid("security-key-nfc").as_bytes()));
}

#[test]
fn backup_flags_are_hidden_forbidden_or_changed() {
    assert_eq!(run(ICLOUD, &[]).flags, [Flags(0x5d), Flags(0x1d)]);
    assert_eq!(run(ICLOUD, &["be-hidden"]).flags, [Flags(0x45), Flags(0x05)]);
    assert_eq!(run(ICLOUD, &["bs-without-be"]).flags, [Flags(0x55), Flags(0x15)]);
    assert_eq!(run(YUBIKEY, &["bs-without-be"]).flags, [Flags(0x55), Flags(0x15)]);
    assert_eq!(run(ICLOUD, &["be-changed-at-sign-in"]).flags, [Flags(0x5d), Flags(0x05)]);
    assert_eq!(run(YUBIKEY, &["be-changed-at-sign-in"]).flags, [Flags(0x45), Flags(0x0d)]);
}

#[test]
fn a_frozen_counter_does_not_move_and_one_that_never_counted_stays_at_zero() {
    assert_eq!(run(YUBIKEY, &["counter-frozen"]).counters, [1, 1]);
    assert_eq!(run(ICLOUD, &["counter-frozen"]).counters, [0, 0]);
}

#[test]
fn user_verification_is_claimed_although_nobody_was_verified() {
    let lie = parse("uv-claimed").unwrap();
    let model = Arc::clone(models::find(YUBIKEY).unwrap());
    let only_touches = Person::Ask(Box::new(|status| match status {
        lab_protocol::Status::UvNeeded => panic!("nobody is asked"),
        _ => lab_protocol::Event::Touch,
    }));
    assert_eq!(ceremonies(model, &[lie], only_touches).flags, [Flags(0x45), Flags(0x05)]);
}

#[test]
fn a_stripped_statement_leaves_the_aaguid() {
    let lied = run(YUBIKEY, &["statement-stripped"]);
    assert_eq!((&lied.fmt[..], lied.statement, lied.aaguid), ("none", Value::Map(vec![]), aaguid(YUBIKEY)));
}

#[test]
fn hash_and_origin_are_those_of_somebody_else() {
    let (honest, lied) = (run(YUBIKEY, &[]), run(YUBIKEY, &["wrong-rp-id-hash"]));
    assert!(lied.rp_id_hashes[0] == lied.rp_id_hashes[1] && lied.rp_id_hashes[0] != honest.rp_id_hashes[0]);
    assert_eq!(lied.origins, honest.origins);
    let lied = run(YUBIKEY, &["wrong-origin"]);
    assert_eq!(lied.origins, ["https://login.microsoft.com.evil.example"; 2].map(str::to_owned));
    assert_eq!(lied.rp_id_hashes, honest.rp_id_hashes);
}

#[test]
fn lies_add_up() {
    let lied = run(ICLOUD, &["be-hidden", "aaguid-of:yubikey-5-nfc", "foreign-root", "wrong-origin"]);
    assert_eq!((&lied.fmt[..], lied.aaguid, lied.flags), ("packed", aaguid(YUBIKEY), [Flags(0x45), Flags(0x05)]));
    assert!(has(leaf(&lied), aaguid(YUBIKEY).as_bytes()));
    assert!(lied.origins[1].ends_with(".evil.example"));
}

/// Lies about certificates keep the format that the model attests in, and are told in each.
#[test]
fn lies_about_certificates_are_told_in_every_format() {
    for id in ["windows-hello", "android-device-bound", "apple-anonymous", "icloud-keychain-managed"] {
        let (honest, foreign) = (run(id, &[]), run(id, &["foreign-root"]));
        assert_eq!(foreign.fmt, honest.fmt, "{id}");
        assert_eq!(foreign.aaguid, honest.aaguid, "{id}");
        assert_ne!(leaf(&foreign), leaf(&honest), "{id}");
        let sent = |seen: &Seen| member(&seen.statement, "x5c").unwrap().as_array().unwrap().len();
        assert_eq!(sent(&foreign), sent(&honest), "{id}: the same hierarchy");
        let itself = run(id, &["self-attestation"]);
        assert_eq!((itself.fmt.as_str(), member(&itself.statement, "x5c")), ("packed", None), "{id}");
        let stripped = run(id, &["statement-stripped"]);
        assert_eq!((stripped.fmt.as_str(), stripped.statement), ("none", Value::Map(vec![])), "{id}");
        let stolen = run(YUBIKEY, &[&format!("certificate-of:{id}")]);
        assert_eq!(stolen.fmt, honest.fmt, "{id}: its certificates are of use in its format only");
    }
}
