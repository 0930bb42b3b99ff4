use ciborium::Value;
use lab_protocol::Aaguid;
use lab_protocol::cbor;
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::trace::Outcome;
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;
use proptest::prelude::*;

use super::*;
use crate::keys::SigningKey;
use crate::layout::oid as id;
use crate::note::Note;
use crate::test_certificates::{Issued, Template, at, basic_constraints, key, name};
use crate::test_rng::Counter;
use crate::test_statements::{HASH, statement, x5c};
use crate::test_subject::Subject;
use crate::vendors::writer::{OCTET_STRING, element, extension};
use crate::verify::Policy;

const AAGUID_BYTES: [u8; 16] = [7; 16];
fn auth_data(credential: &SigningKey) -> Vec<u8> {
    Subject::new(credential.clone()).auth_data()
}

fn input<'a>(
    auth_data: &'a AuthenticatorData<'a>,
    credential_key: Known<&'a CredentialPublicKey>,
    att_stmt: &'a [u8],
) -> Input<'a> {
    let policy = &const { Policy::webauthn() };
    Input { auth_data, credential_key, att_stmt, client_data_hash: &HASH, policy, at: at("2026-01-01T00:00:00Z") }
}

fn signed_by(signer: &SigningKey) -> Vec<u8> {
    let message = [auth_data(&key(1)), HASH.to_vec()].concat();
    signer.sign(&message, &mut Counter::new(0))
}

/// Verifies a statement about the credential with key 1: what came of it, and each check with its
/// outcome and sentence.
fn verify(att_stmt: &[u8]) -> (Option<Attested>, Vec<(&'static str, Outcome, String)>) {
    let verified = Subject::new(key(1)).verify("packed", att_stmt);
    (verified.attested, verified.entries)
}

fn certified_by(leaf: &Issued) -> Vec<u8> {
    let signature = Value::Bytes(signed_by(&leaf.key));
    statement(&[("alg", (-7).into()), ("sig", signature), ("x5c", x5c(&[&leaf.der]))])
}

fn root() -> Issued {
    Template::root("Root", 50).self_signed()
}

/// The check that decides, and its sentence.
fn refused(att_stmt: &[u8]) -> (&'static str, String) {
    let (attested, entries) = verify(att_stmt);
    assert_eq!(attested, None);
    assert_eq!(entries.len(), CHECKS.len());
    let (id, _, sentence) = entries.into_iter().find(|(_, outcome, _)| *outcome == Outcome::Fail).unwrap();
    (id, sentence)
}

#[track_caller]
fn assert_refused(att_stmt: &[u8], check: &Check, cause: &str) {
    let (id, sentence) = refused(att_stmt);
    assert_eq!(id, check.id, "{sentence}");
    assert!(sentence.contains(cause), "{sentence}");
}

fn outcomes(att_stmt: &[u8]) -> Vec<Outcome> {
    verify(att_stmt).1.into_iter().map(|(_, outcome, _)| outcome).collect()
}

#[test]
fn a_certified_statement_visits_the_certificate_checks() {
    use Outcome::{NotApplicable, Pass};
    let aaguid = extension(id::FIDO_AAGUID, false, &element(OCTET_STRING, &[&AAGUID_BYTES]));
    let leaf = Template::leaf().with(aaguid).issued_by(&root());
    let (attested, _) = verify(&certified_by(&leaf));
    let attested = attested.unwrap();
    assert_eq!((attested.kind, &attested.trust_path, &attested.notes), (Kind::Basic, &vec![leaf.der.clone()], &vec![]));
    assert_eq!(outcomes(&certified_by(&leaf)), [Pass, Pass, Pass, Pass, NotApplicable, NotApplicable]);
    let without = Template::leaf().issued_by(&root());
    assert_eq!(outcomes(&certified_by(&without))[3], NotApplicable);
}

#[test]
fn a_self_attestation_visits_the_self_checks() {
    use Outcome::{NotApplicable, Pass};
    let own = statement(&[("alg", (-7).into()), ("sig", Value::Bytes(signed_by(&key(1))))]);
    assert_eq!(verify(&own).0.map(|attested| attested.kind), Some(Kind::SelfAttestation));
    assert_eq!(outcomes(&own), [Pass, NotApplicable, NotApplicable, NotApplicable, Pass, Pass]);
    let other_alg = statement(&[("alg", (-257).into()), ("sig", Value::Bytes(signed_by(&key(1))))]);
    assert_refused(&other_alg, &SELF_ALG, "alg is RS256 (-257), the credential key is one of ES256 (-7)");
    let other_key = statement(&[("alg", (-7).into()), ("sig", Value::Bytes(signed_by(&key(2))))]);
    assert_refused(&other_key, &SELF_SIG, "not one by this key");
}

#[test]
fn each_defect_of_the_syntax_is_named() {
    let sig = || Value::Bytes(signed_by(&key(1)));
    let alg = || Value::from(-7);
    for (members, cause) in [
        (vec![], "the member alg is missing"),
        (vec![("sig", sig())], "the member alg is missing"),
        (vec![("alg", alg())], "the member sig is missing"),
        (vec![("alg", "ES256".into()), ("sig", sig())], "the member alg is a text string, expected an integer"),
        (vec![("alg", alg()), ("sig", "x".into())], "the member sig is a text string, expected a byte string"),
        (vec![("alg", alg()), ("sig", sig()), ("x5c", Value::Null)], "x5c is null, expected an array"),
        (vec![("alg", alg()), ("sig", sig()), ("x5c", Value::Bytes(vec![1]))], "x5c is a byte string"),
        (vec![("alg", alg()), ("sig", sig()), ("x5c", x5c(&[]))], "x5c has no elements"),
        (vec![("alg", alg()), ("sig", sig()), ("x5c", Value::Array(vec![1.into()]))], "x5c element is an integer"),
        (vec![("alg", alg()), ("sig", sig()), ("x5c", x5c(&[&[1_u8][..]; 17]))], "x5c has 17 elements, at most 16"),
        (vec![("alg", alg()), ("sig", sig()), ("ecdaaKeyId", Value::Bytes(vec![1]))], "ECDAA"),
    ] {
        assert_refused(&statement(&members), &SYNTAX, cause);
        assert!(outcomes(&statement(&members))[1..].iter().all(|outcome| *outcome == Outcome::NotJudged));
    }
    assert_refused(&[0x80], &SYNTAX, "expected a map, found an array");
    let duplicate = cbor::emit::Style { duplicate_first_key: true, ..cbor::emit::Style::CANONICAL };
    let own = Value::Map(vec![("alg".into(), alg()), ("sig".into(), sig())]);
    assert_refused(&cbor::emit::encode(&own, &duplicate), &SYNTAX, "a map key occurs twice");
}

#[test]
fn what_nobody_asked_for_is_noted() {
    let unknown = [("alg", (-7).into()), ("sig", Value::Bytes(signed_by(&key(1)))), ("nonce", 1.into())];
    let (attested, entries) = verify(&statement(&unknown));
    assert_eq!(attested.unwrap().notes, [Note::UnknownMember("nonce".into())]);
    assert_eq!(entries[0].2, "the statement has a member nonce that the format does not name");
    let reversed = cbor::emit::Style { keys: cbor::emit::KeyOrder::Reversed, ..cbor::emit::Style::CANONICAL };
    let own = Value::Map(vec![("alg".into(), (-7).into()), ("sig".into(), Value::Bytes(signed_by(&key(1))))]);
    let (attested, _) = verify(&cbor::emit::encode(&own, &reversed));
    assert!(matches!(attested.unwrap().notes[..], [Note::NotCanonical(_)]));
    let serial = extension(id::FIDO_SERIAL, false, &element(OCTET_STRING, &[b"1"]));
    let own_oid = extension(const_oid::ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.2"), false, b"1");
    let leaf = Template::leaf().with(serial).with(own_oid).issued_by(&root());
    assert!(matches!(verify(&certified_by(&leaf)).0.unwrap().notes[..], [Note::Serial, Note::Extension(_)]));
}

#[test]
fn the_certificates_key_has_to_have_signed() {
    let leaf = Template::leaf().issued_by(&root());
    let with = |alg: i64, signer: &SigningKey| {
        statement(&[("alg", alg.into()), ("sig", Value::Bytes(signed_by(signer))), ("x5c", x5c(&[&leaf.der]))])
    };
    assert_refused(&with(-7, &key(1)), &X5C_SIG, "not one by this key");
    assert_refused(&with(-257, &leaf.key), &X5C_SIG, "RS256 (-257) does not belong to a P-256 key");
    assert_refused(&with(-35, &leaf.key), &X5C_SIG, "ES384 (-35) does not belong to a P-256 key");
    let (attested, entries) = verify(&with(-46, &leaf.key));
    assert_eq!((attested, entries[1].1), (None, Outcome::NotJudged));
    assert!(entries.iter().all(|(_, outcome, _)| *outcome != Outcome::Fail));
    let empty = statement(&[("alg", (-7).into()), ("sig", Value::Bytes(vec![])), ("x5c", x5c(&[&leaf.der]))]);
    assert_refused(&empty, &X5C_SIG, "malformed");
}

#[test]
fn each_requirement_on_the_certificate_has_its_sentence() {
    let subject =
        |attributes: &[(const_oid::ObjectIdentifier, &str)]| Template { subject: name(attributes), ..Template::leaf() };
    let (c, o, ou, cn) = (
        (id::COUNTRY, "SE"),
        (id::ORGANIZATION, "Maker"),
        (id::ORGANIZATIONAL_UNIT, "Authenticator Attestation"),
        (id::COMMON_NAME, "Batch"),
    );
    let without = |extensions: Vec<Vec<u8>>| Template { extensions, ..Template::leaf() };
    let critical = |oid, value: &[u8]| Template::leaf().with(extension(oid, true, value));
    let aaguid = element(OCTET_STRING, &[&AAGUID_BYTES]);
    for (template, cause) in [
        (Template { version: 1, ..Template::leaf() }, "version 1 certificate, expected version 3"),
        (Template { version: 2, ..Template::leaf() }, "version 2 certificate, expected version 3"),
        (subject(&[]), "no country (C)"),
        (subject(&[o, ou, cn]), "no country (C)"),
        (subject(&[(id::COUNTRY, "SWE"), o, ou, cn]), "country of its subject is “SWE”"),
        (subject(&[c, ou, cn]), "no organization (O)"),
        (subject(&[c, (id::ORGANIZATION, ""), ou, cn]), "no organization (O)"),
        (subject(&[c, o, cn]), "no organizational unit (OU)"),
        (
            subject(&[c, o, (id::ORGANIZATIONAL_UNIT, "authenticator attestation"), cn]),
            "is “authenticator attestation”",
        ),
        (subject(&[c, o, ou]), "no common name (CN)"),
        (without(vec![]), "no basic constraints"),
        (without(vec![basic_constraints(true, None)]), "say that it is a CA"),
        (without(vec![extension(id::BASIC_CONSTRAINTS, true, &[1])]), "basic constraints are unreadable"),
        (critical(id::FIDO_AAGUID, &aaguid), "AAGUID extension is marked critical"),
        (critical(id::FIDO_SERIAL, &aaguid), "serial number extension is marked critical"),
        (critical(id::FIDO_FIRMWARE, &[2, 1, 1]), "firmware version extension is marked critical"),
    ] {
        assert_refused(&certified_by(&template.issued_by(&root())), &CERT, cause);
    }
    let several = certified_by(&subject(&[c]).issued_by(&root()));
    let (_, sentence) = refused(&several);
    assert!(["(O)", "(OU)", "(CN)"].iter().all(|missing| sentence.contains(missing)), "{sentence}");
    let two = subject(&[c, o, (id::ORGANIZATIONAL_UNIT, "Other"), ou, cn]).issued_by(&root());
    let notes = verify(&certified_by(&two)).0.unwrap().notes;
    assert_eq!(notes, [Note::Repeated { attribute: "organizational unit (OU)", found: 2 }]);
}

#[test]
fn unreadable_certificates_are_named_by_their_place() {
    let leaf = Template::leaf().issued_by(&root());
    let chain = |chain: &[&[u8]]| {
        statement(&[("alg", (-7).into()), ("sig", Value::Bytes(signed_by(&leaf.key))), ("x5c", x5c(chain))])
    };
    assert_refused(&chain(&[&[1, 2, 3]]), &CERT, "certificate 1 of x5c is unreadable");
    assert_refused(&chain(&[&[&leaf.der[..], &[0]].concat()]), &CERT, "1 bytes follow the certificate");
    assert_refused(&chain(&[&leaf.der, &[]]), &CERT, "certificate 2 of x5c is unreadable");
    let unread = outcomes(&chain(&[&[1, 2, 3]]));
    assert_eq!((unread[1], unread[3]), (Outcome::NotJudged, Outcome::NotJudged));
}

#[test]
fn the_aaguid_of_the_certificate_has_to_be_that_of_the_data() {
    let with = |value: &[u8]| {
        certified_by(&Template::leaf().with(extension(id::FIDO_AAGUID, false, value)).issued_by(&root()))
    };
    let other = with(&element(OCTET_STRING, &[&[8; 16]]));
    assert_refused(
        &other,
        &AAGUID,
        "one of 08080808-0808-0808-0808-080808080808, the authenticator data says 07070707",
    );
    for malformed in [&AAGUID_BYTES[..], &element(0x05, &[&AAGUID_BYTES]), &element(OCTET_STRING, &[&[7; 15]]), &[]] {
        assert_refused(&with(malformed), &AAGUID, "not 04 10 and an AAGUID");
    }
}

#[test]
fn without_a_credential_key_a_self_attestation_is_not_judged() {
    static KEY: Check = Check::new("t/key", Document::Lab, "1", "There is a key.");
    let bytes = auth_data(&key(1));
    let auth_data = AuthenticatorData::parse(&bytes).unwrap();
    let att_stmt = statement(&[("alg", (-7).into()), ("sig", Value::Bytes(vec![1]))]);
    let input = input(&auth_data, Known::Missing(&KEY), &att_stmt);
    let mut trace = Trace::new();
    assert_eq!(Packed.verify(&input, &mut trace), None);
    assert_eq!(
        trace.entry("attestation/packed-self-sig").unwrap().finding.stopped_by.map(|check| check.id),
        Some("t/key")
    );
}

fn emitted(alg: i64, certified: bool) -> Vec<u8> {
    let vendors = crate::vendors::tests::stand_in();
    let model = crate::emit::VendorModel { aaguid: Aaguid(AAGUID_BYTES), ..crate::vendors::tests::model() };
    let wanted = crate::emit::Wanted::new("packed", Algorithm(alg), lab_protocol::tamper::Root::StandIn);
    let batch = vendors.attestor(&model, &wanted).unwrap();
    let (credential, mut rng) = (key(1), Counter::new(4));
    let attest = crate::emit::Attest {
        auth_data: &auth_data(&credential),
        client_data_hash: &HASH,
        credential: &credential,
        attestor: certified.then_some(&*batch),
        now: jiff::Timestamp::UNIX_EPOCH,
        rng: &mut rng,
    };
    cbor::encode(&crate::emit::statement("packed", attest).unwrap().att_stmt)
}

#[test]
fn what_is_emitted_verifies_without_a_note() {
    for alg in [-7, -35, -36, -8, -257, -37] {
        let (attested, entries) = verify(&emitted(alg, true));
        assert_eq!(attested.map(|attested| attested.notes), Some(vec![]), "{entries:?}");
    }
    assert_eq!(verify(&emitted(-7, false)).0.unwrap().kind, Kind::SelfAttestation);
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (attested, entries) = verify(&bytes);
        prop_assert!(attested.is_none());
        prop_assert_eq!(entries.len(), CHECKS.len());
    }

    #[test]
    fn a_changed_self_attestation_is_refused(at: prop::sample::Index, byte: u8) {
        let good = emitted(-7, false);
        let mut bytes = good.clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        prop_assert_eq!(verify(&bytes).0.is_some(), bytes == good);
    }

    #[test]
    fn a_truncated_statement_is_refused(at: prop::sample::Index) {
        let good = emitted(-7, true);
        prop_assert_eq!(refused(&good[..at.index(good.len())]).0, SYNTAX.id);
    }
}
