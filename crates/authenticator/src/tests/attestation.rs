use lab_attestation::trust::{self, Anchor, Anchors, Origin, Trust};
use lab_attestation::verify::{self, Input, Kind, Policy};
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::trace::{Known, Trace};

use crate::testing::*;
use crate::{Chain, models};

fn preferring(formats: &[&str]) -> Request {
    Request { attestation_formats_preference: formats.iter().map(|fmt| (*fmt).to_owned()).collect(), ..create() }
}

fn member<'v>(statement: &'v Value, name: &str) -> Option<&'v Value> {
    let members = statement.as_map().unwrap();
    members.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

#[test]
fn every_model_sends_the_format_that_it_is_said_to_send() {
    for model in models::built_in() {
        let built = model.attestation_as_built();
        let response = Bench::of(&model.id).register(&create_for_any()).0;
        assert_eq!(response.fmt, built.format, "{}", model.id);
        let statement = response.att_stmt.unwrap();
        let certified = matches!(built.chain, Chain::Batch | Chain::AttestationCa);
        assert_eq!(member(&statement, "x5c").is_some(), certified, "{}", model.id);
        assert_eq!(built.instead_of.is_none(), built.format == model.attestation.format.value);
    }
}

#[test]
fn a_packed_statement_is_signed_by_the_key_of_its_certificate() {
    let registered = Bench::of("yubikey-5-nfc").register(&create());
    let statement = registered.0.att_stmt.clone().unwrap();
    assert_eq!(member(&statement, "alg"), Some(&Value::from(-7)));
    let certificates = member(&statement, "x5c").and_then(Value::as_array).unwrap();
    assert_eq!(certificates.len(), 1);
    let leaf = certificates[0].as_bytes().unwrap();
    let aaguid = registered.data().attested.unwrap().aaguid;
    assert!(leaf.windows(16).any(|window| window == aaguid.as_bytes()), "the certificate names the AAGUID");
}

#[test]
fn the_platform_prefers_formats() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let mut sent = |formats: &[&str]| {
        let response = bench.register(&preferring(formats)).0;
        (response.fmt, response.att_stmt.map(|statement| statement == Value::Map(vec![])))
    };
    assert_eq!(sent(&["none"]), ("none".into(), None));
    assert_eq!(sent(&["none", "packed"]), ("none".into(), Some(true)));
    assert_eq!(sent(&["packed", "none"]), ("packed".into(), Some(false)));
    assert_eq!(sent(&["tomato"]), ("packed".into(), Some(false)));
    assert_eq!(sent(&["tomato", "none"]), ("none".into(), Some(true)));
    assert_eq!(sent(&[]), ("packed".into(), Some(false)));
}

#[test]
fn a_format_that_is_not_built_is_none_and_said_to_be() {
    let model = models::find("windows-hello").unwrap();
    let built = model.attestation_as_built();
    if lab_attestation::emit::can_emit("tpm") {
        assert_eq!(built.instead_of, None);
        return;
    }
    assert_eq!((built.format, built.instead_of), ("none", Some("tpm")));
    let gaps: Vec<_> = model.as_built().gaps.iter().map(ToString::to_string).collect();
    assert!(gaps.iter().any(|gap| gap.contains("attestation format tpm is not built")), "{gaps:?}");
}

/// What the lab's own verifier says of a registration, and of its path to `root`.
fn judged(id: &str, root: &[u8]) -> (Kind, Trust) {
    let registered = Bench::of(id).register(&create_for_any());
    let (data, key) = (registered.data(), registered.key());
    let statement = lab_protocol::cbor::encode(registered.0.att_stmt.as_ref().unwrap());
    let input = Input {
        auth_data: &data,
        credential_key: Known::Value(&key),
        att_stmt: &statement,
        client_data_hash: &HASH,
        policy: &Policy::webauthn(),
        at: now(),
    };
    let mut trace = Trace::new();
    let attested = verify::format(&registered.0.fmt).unwrap().verify(&input, &mut trace);
    let attested = attested.unwrap_or_else(|| panic!("{id}: {:?}", trace.decided_by()));
    let mut anchors = Anchors::new();
    anchors.push(Anchor::from_der(root, Origin::StandIn).unwrap());
    (attested.kind, trust::assess(&attested, &anchors, &[], now(), &mut trace))
}

#[test]
fn every_statement_verifies_and_stands_on_the_stand_in_root_and_on_no_other() {
    let vendors = vendors();
    for model in models::built_in() {
        let (kind, trust) = judged(&model.id, vendors.stand_in_root());
        let (expected, name) = match model.attestation_as_built().chain {
            Chain::Batch | Chain::AttestationCa => (Kind::Basic, "trusted"),
            Chain::SelfAttestation => (Kind::SelfAttestation, "no-path"),
            Chain::None => (Kind::None, "no-path"),
        };
        assert_eq!((kind, trust.name()), (expected, name), "{}", model.id);
    }
    assert!(matches!(judged("yubikey-5-nfc", vendors.stand_in_root()).1, Trust::Trusted { stand_in: true, .. }));
    assert!(matches!(judged("yubikey-5-nfc", vendors.foreign_root()).1, Trust::Untrusted { .. }));
}
