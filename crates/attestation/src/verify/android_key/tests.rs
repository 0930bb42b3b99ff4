use ciborium::Value;
use lab_protocol::trace::Outcome;
use proptest::prelude::*;

use super::*;
use crate::layout::{android, oid as id};
use crate::policy::{Authorizations, Policy};
use crate::test_certificates::{Issued, basic_constraints, key};
use crate::test_rng::Counter;
use crate::test_statements::{
    Bench, HASH, certificate_of_the_credential, explicit, message, root, statement, withstands_changes, x5c,
};
use crate::vendors::writer::{INTEGER, OCTET_STRING, SEQUENCE, SET, element, extension};
use lab_protocol::trace::Choice;

fn int(number: u8) -> Vec<u8> {
    element(INTEGER, &[&[number]])
}

fn purposes(values: &[u8]) -> Vec<u8> {
    let values: Vec<_> = values.iter().flat_map(|value| int(*value)).collect();
    explicit(android::PURPOSE, &element(SET, &[&values]))
}

fn origin(value: u8) -> Vec<u8> {
    explicit(android::ORIGIN, &int(value))
}

fn all_applications() -> Vec<u8> {
    explicit(android::ALL_APPLICATIONS, &[5, 0])
}

fn described(challenge: &[u8], version: u8, software: &[Vec<u8>], tee: &[Vec<u8>]) -> Vec<u8> {
    let parts: [&[u8]; 8] = [
        &element(INTEGER, &[&[version]]),
        &[10, 1, 1],
        &int(4),
        &[10, 1, 1],
        &element(OCTET_STRING, &[challenge]),
        &[4, 0],
        &element(SEQUENCE, &[&software.concat()]),
        &element(SEQUENCE, &[&tee.concat()]),
    ];
    extension(id::ANDROID_KEY, false, &element(SEQUENCE, &parts))
}

fn certified_by(leaf: &Issued) -> Vec<u8> {
    let signature = Value::Bytes(leaf.key.sign(&message(), &mut Counter::new(0)));
    statement(&[("alg", (-7).into()), ("sig", signature), ("x5c", x5c(&[&leaf.der, &root().der]))])
}

/// A statement whose key description has these lists.
fn of_lists(software: &[Vec<u8>], tee: &[Vec<u8>]) -> Vec<u8> {
    certified_by(&certificate_of_the_credential(vec![described(&HASH, 4, software, tee)]))
}

fn good() -> Vec<u8> {
    of_lists(&[], &[purposes(&[2]), origin(0)])
}

fn bench() -> Bench {
    Bench::new(&AndroidKey)
}

fn under(policy: Policy) -> Bench {
    Bench { policy, ..bench() }
}

#[test]
fn a_key_of_the_trusted_environment_is_attested() {
    let attested = bench().accepts(&good());
    assert_eq!((attested.kind, attested.trust_path.len()), (Kind::Basic, 2));
    let level = "TrustedEnvironment".to_owned();
    assert_eq!(attested.notes, [Note::KeyDescription { version: 4, attested: level.clone(), kept: level }]);
    let strict = Policy { android_key_authorizations: Authorizations::TeeEnforced, ..Policy::webauthn() };
    under(strict).accepts(&good());
}

#[test]
fn another_key_another_signature_and_another_challenge_are_refused() {
    let lists: [Vec<u8>; 2] = [purposes(&[2]), origin(0)];
    let other = crate::test_certificates::Template {
        key: 2,
        extensions: vec![described(&HASH, 4, &[], &lists)],
        ..crate::test_certificates::Template::leaf()
    };
    let other = certified_by(&other.issued_by(&root()));
    bench().refuses(&other, &KEY, "the certificate carries a P-256 key, the credential is a P-256 key: another one");
    let leaf = certificate_of_the_credential(vec![described(&HASH, 4, &[], &lists)]);
    let forged = Issued { key: key(2), ..leaf };
    bench().refuses(&certified_by(&forged), &SIG, "not one by this key");
    let replayed = certificate_of_the_credential(vec![described(&[8; 32], 4, &[], &lists)]);
    bench().refuses(&certified_by(&replayed), &CHALLENGE, "another challenge than the client data hash");
}

#[test]
fn a_certificate_without_a_key_description_describes_nothing() {
    let plain = certified_by(&certificate_of_the_credential(vec![basic_constraints(false, None)]));
    bench().refuses(&plain, &CHALLENGE, "has no key description (extension 1.3.6.1.4.1.11129.2.1.17)");
    assert_eq!(bench().finding(&plain, &ALL_APPS).0, Outcome::NotJudged);
    let garbage = certified_by(&certificate_of_the_credential(vec![extension(id::ANDROID_KEY, false, &[5, 0])]));
    bench().refuses(&garbage, &CHALLENGE, "expected a SEQUENCE, found NULL");
}

#[test]
fn all_applications_is_found_in_both_lists_and_behind_unknown_members() {
    let good: [Vec<u8>; 2] = [purposes(&[2]), origin(0)];
    bench().refuses(&of_lists(&[all_applications()], &good), &ALL_APPS, "softwareEnforced has allApplications");
    let tee = [good.to_vec(), vec![all_applications()]].concat();
    bench().refuses(&of_lists(&[], &tee), &ALL_APPS, "teeEnforced has allApplications");
    let hidden = [vec![explicit(77, &[1, 2, 3]), all_applications()], good.to_vec()].concat();
    bench().refuses(&of_lists(&[], &hidden), &ALL_APPS, "teeEnforced has allApplications");
    let unknown = [vec![explicit(77, &[1, 2, 3])], good.to_vec()].concat();
    let notes = bench().accepts(&of_lists(&[], &unknown)).notes;
    assert!(notes.contains(&Note::UnknownAuthorization { list: "teeEnforced", tag: 77 }), "{notes:?}");
    assert!(notes.contains(&Note::UnsortedAuthorizations { list: "teeEnforced" }), "{notes:?}");
}

#[test]
fn an_absent_origin_is_not_the_origin_zero() {
    bench().refuses(&of_lists(&[], &[purposes(&[2])]), &ORIGIN, "neither authorization list has a member origin");
    bench().refuses(&of_lists(&[], &[origin(0)]), &PURPOSE, "neither authorization list has a member purpose");
    let imported = of_lists(&[], &[purposes(&[2]), origin(2)]);
    bench().refuses(&imported, &ORIGIN, "teeEnforced says that the origin of the key is 2 (imported)");
    let disagree = of_lists(&[origin(2)], &[purposes(&[2]), origin(0)]);
    bench().refuses(&disagree, &ORIGIN, "softwareEnforced says that the origin of the key is 2");
    let text = of_lists(&[], &[purposes(&[2]), explicit(android::ORIGIN, &[12, 1, 48])]);
    bench().refuses(&text, &ORIGIN, "origin is malformed: expected an INTEGER, found UTF8String");
}

#[test]
fn where_the_lists_stand_is_a_policy() {
    let strict = || under(Policy { android_key_authorizations: Authorizations::TeeEnforced, ..Policy::webauthn() });
    let software = of_lists(&[purposes(&[2]), origin(0)], &[]);
    assert_eq!(bench().finding(&software, &ORIGIN).0, Outcome::Note);
    assert!(bench().finding(&software, &PURPOSE).1.contains("no trusted environment enforces it"));
    bench().accepts(&software);
    let (attested, entries) = strict().judge(&software);
    assert!(
        attested.is_none() && entries[5].2.contains("teeEnforced has a member origin: an absent one"),
        "{entries:?}"
    );
    strict().accepts(&of_lists(&[origin(2)], &[purposes(&[2]), origin(0)]));
}

#[test]
fn two_empty_lists_say_nothing_and_are_a_policy() {
    let empty = of_lists(&[], &[]);
    bench().accepts(&empty);
    assert_eq!(
        bench().finding(&empty, &ORIGIN).1,
        "both authorization lists are empty: nothing is said about the origin of the key"
    );
    for policy in [
        Policy { android_key_empty_authorizations: Choice::Refuse, ..Policy::webauthn() },
        Policy { android_key_authorizations: Authorizations::TeeEnforced, ..Policy::webauthn() },
    ] {
        let entries = under(policy).judge(&empty).1;
        assert_eq!((entries[5].1, entries[6].1), (Outcome::Fail, Outcome::Fail));
    }
}

#[test]
fn purposes_are_a_set_that_has_to_have_signing() {
    let of = |values: &[u8]| of_lists(&[], &[purposes(values), origin(0)]);
    bench().refuses(&of(&[3]), &PURPOSE, "may be used for verifying, and not for signing");
    bench().refuses(&of(&[]), &PURPOSE, "may be used for nothing, and not for signing");
    assert_eq!(
        bench().finding(&of(&[3, 2]), &PURPOSE),
        (Outcome::Note, "the key may be used for signing, verifying".to_owned())
    );
    let alone = under(Policy { android_key_other_purposes: Choice::Refuse, ..Policy::webauthn() });
    alone.refuses(&of(&[2, 3]), &PURPOSE, "may be used for signing, verifying");
    alone.accepts(&of(&[2]));
    let between = of_lists(&[purposes(&[0])], &[purposes(&[2]), origin(0)]);
    assert_eq!(bench().finding(&between, &PURPOSE).0, Outcome::Note);
}

#[test]
fn versions_that_nobody_knows_are_read() {
    let of = |version: u8| {
        let lists: [Vec<u8>; 2] = [purposes(&[2]), origin(0)];
        certified_by(&certificate_of_the_credential(vec![described(&HASH, version, &[], &lists)]))
    };
    for version in [1, 2, 3, 100, 127] {
        let notes = bench().accepts(&of(version)).notes;
        assert!(matches!(&notes[0], Note::KeyDescription { version: found, .. } if *found == i64::from(version)));
    }
}

#[test]
fn what_is_no_statement_is_refused_by_its_syntax() {
    let leaf = certificate_of_the_credential(vec![]);
    let sig = Value::Bytes(vec![1]);
    for (members, cause) in [
        (vec![("sig", sig.clone()), ("x5c", x5c(&[&leaf.der]))], "the member alg is missing"),
        (vec![("alg", (-7).into()), ("x5c", x5c(&[&leaf.der]))], "the member sig is missing"),
        (vec![("alg", (-7).into()), ("sig", sig.clone())], "the member x5c is missing"),
        (vec![("alg", (-7).into()), ("sig", sig.clone()), ("x5c", x5c(&[]))], "x5c has no elements"),
        (vec![("alg", (-7).into()), ("sig", sig.clone()), ("x5c", x5c(&[&leaf.der, &[1]]))], "certificate 2 of x5c"),
        (vec![("alg", "ES256".into()), ("sig", sig), ("x5c", x5c(&[&leaf.der]))], "alg is a text string"),
    ] {
        bench().refuses(&statement(&members), &SYNTAX, cause);
    }
}

#[test]
fn changes_are_refused_or_are_of_the_second_certificate() {
    let good = good();
    let second = good.len() - root().der.len();
    withstands_changes(&bench(), &good, |at| {
        // What vouches for the first certificate is for the path to judge, and so is its own signature.
        at >= second || is_of_the_leafs_envelope(&good, at)
    });
}

/// Whether a byte belongs to a part of the first certificate that only the path judges: neither its key nor the
/// key description.
fn is_of_the_leafs_envelope(good: &[u8], at: usize) -> bool {
    let lists: [Vec<u8>; 2] = [purposes(&[2]), origin(0)];
    let leaf = certificate_of_the_credential(vec![described(&HASH, 4, &[], &lists)]).der;
    let start = good.windows(leaf.len()).position(|window| window == leaf).unwrap();
    let inside = |part: &[u8]| {
        let place = good.windows(part.len()).position(|window| window == part).unwrap();
        (place..place + part.len()).contains(&at)
    };
    let judged = [key(1).public_key().to_spki().unwrap(), element(OCTET_STRING, &[&HASH])];
    (start..start + leaf.len()).contains(&at) && !judged.iter().any(|part| inside(part))
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(bench().judge(&bytes).0.is_none());
    }

    #[test]
    fn any_key_description_is_judged(value in prop::collection::vec(any::<u8>(), 0..100)) {
        let leaf = certificate_of_the_credential(vec![extension(id::ANDROID_KEY, false, &value)]);
        prop_assert!(bench().judge(&certified_by(&leaf)).0.is_none());
    }
}
