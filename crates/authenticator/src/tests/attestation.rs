use lab_attestation::emit;
use lab_attestation::signature::Hash;
use lab_attestation::trust::{self, Anchor, Anchors, Origin, Trust};
use lab_attestation::verify::{self, Input, Kind, Policy};
use lab_protocol::cbor::Value;
use lab_protocol::cose::{Algorithm, KeyMaterial};
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::trace::{Known, Trace};

use crate::testing::*;
use crate::{Chain, Model, Sourced, models};

fn preferring(formats: &[&str]) -> Request {
    Request { attestation_formats_preference: formats.iter().map(|fmt| (*fmt).to_owned()).collect(), ..create() }
}

#[test]
fn every_model_sends_the_format_that_it_is_said_to_send() {
    for model in models::built_in() {
        let attestation = &model.attestation;
        let response = Bench::of(&model.id).register(&create_for_any()).0;
        assert_eq!(response.fmt, attestation.format.value, "{}", model.id);
        let statement = response.att_stmt.unwrap();
        assert_eq!(member(&statement, "x5c").is_some(), attestation.chain.is_certified(), "{}", model.id);
        let alg = member(&statement, "alg").map(|alg| Algorithm(alg.as_integer().unwrap().try_into().unwrap()));
        let certified = attestation.algorithm.as_ref().map(|alg| alg.value).filter(|_| response.fmt != "apple");
        assert!(certified.is_none() || alg == certified, "{}: {alg:?}", model.id);
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

/// A registration in a model with another attestation.
fn in_format(fmt: &str, change: impl FnOnce(&mut Model)) -> Registered {
    let mut model = Model::clone(models::find("yubikey-5-nfc").unwrap());
    model.attestation.format.value = fmt.to_owned();
    change(&mut model);
    Bench::with(model, 7).register(&create())
}

#[test]
fn every_format_can_be_sent_by_a_model_that_names_it() {
    for fmt in emit::formats().filter(|fmt| !["none", "compound"].contains(fmt)) {
        assert_eq!(in_format(fmt, |_| {}).0.fmt, fmt);
    }
    let Sourced { source, confidence, .. } = models::find("yubikey-5-nfc").unwrap().attestation.format.clone();
    let parts = Sourced { value: vec!["packed".to_owned(), "tpm".to_owned()], source, confidence, note: None };
    let compound = in_format("compound", |model| model.attestation.parts = Some(parts));
    assert_eq!(compound.0.att_stmt.unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn a_credential_id_can_be_the_name_of_its_key() {
    let bench = |id| Bench::of(id).register(&create());
    let (registered, plain) = (bench("apple-anonymous"), bench("yubikey-5-nfc"));
    let KeyMaterial::Ec2 { x, y, .. } = registered.key().material else { panic!() };
    assert_eq!(registered.id(), Hash::Sha1.digest(&[&[4], &x, &y]));
    assert_ne!(plain.id().len(), 20);
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

/// The type that a format with certificates stands for.
fn kind_of(fmt: &str) -> Kind {
    match fmt {
        "tpm" => Kind::AttCa,
        "apple" => Kind::AnonCa,
        _ => Kind::Basic,
    }
}

#[test]
fn every_statement_verifies_and_stands_on_the_stand_in_root_and_on_no_other() {
    let vendors = vendors();
    for model in models::built_in() {
        if verify::format(&model.attestation.format).is_none() {
            continue;
        }
        let (kind, trust) = judged(&model.id, vendors.stand_in_root());
        let (expected, name) = match model.attestation.chain.value {
            Chain::Batch | Chain::AttestationCa => (kind_of(&model.attestation.format), "trusted"),
            Chain::SelfAttestation => (Kind::SelfAttestation, "no-path"),
            Chain::None => (Kind::None, "no-path"),
        };
        assert_eq!((kind, trust.name()), (expected, name), "{}", model.id);
    }
    assert!(matches!(judged("yubikey-5-nfc", vendors.stand_in_root()).1, Trust::Trusted { stand_in: true, .. }));
    assert!(matches!(judged("yubikey-5-nfc", vendors.foreign_root()).1, Trust::Untrusted { .. }));
}
