use super::*;
use crate::test_certificates::{Template, at, crl};
use crate::trust::{Anchor, Origin};

fn root(key: u64) -> Vec<u8> {
    Template::root("Root", key).self_signed().der
}

/// What lists say about a leaf of root 1 with the serial number of the tests.
fn asked(lists: &[Vec<u8>], anchors: &[Vec<u8>], time: &str) -> Revocation {
    let issuer = Template::root("Root", 1).self_signed();
    let leaf = Template::leaf().issued_by(&issuer).der;
    let anchors = anchors.iter().map(|der| Anchor::from_der(der, Origin::Given).unwrap()).collect();
    let lists: Vec<_> = lists.iter().map(|der| Crl::parse(der).unwrap()).collect();
    of(&Certificate::parse(&leaf).unwrap(), &[], &anchors, &lists, at(time))
}

fn serial() -> Vec<u8> {
    let issuer = Template::root("Root", 1).self_signed();
    let leaf = Template::leaf().issued_by(&issuer).der;
    Certificate::parse(&leaf).unwrap().serial.to_vec()
}

#[test]
fn a_list_in_force_says_yes_or_no() {
    let (serial, anchors) = (serial(), [root(1)]);
    let noon = "2026-06-15T00:00:00Z";
    assert_eq!(asked(&[crl(1, &[(&[1, 2, 3], None)])], &anchors, noon), Revocation::Good);
    let revoked = Revocation::Revoked { at: at("2026-06-02T00:00:00Z"), reason: "keyCompromise" };
    assert_eq!(asked(&[crl(1, &[(&serial, Some(1))])], &anchors, noon), revoked);
    assert_eq!(
        asked(&[crl(1, &[(&serial, Some(1))])], &anchors, "2026-07-15T00:00:00Z"),
        revoked,
        "also by an old list"
    );
    assert_eq!(asked(&[crl(1, &[(&serial, Some(1))])], &anchors, "2026-06-01T12:00:00Z"), Revocation::Good, "not yet");
}

#[test]
fn silence_has_its_reasons() {
    let silence = |lists: &[Vec<u8>], anchors: &[Vec<u8>], time: &str| match asked(lists, anchors, time) {
        Revocation::Unknown(silence) => silence,
        other => panic!("{other:?}"),
    };
    let anchors = [root(1)];
    let list = crl(1, &[]);
    assert!(matches!(silence(&[], &anchors, "2026-06-15T00:00:00Z"), Silence::NoList { .. }));
    let list = [list];
    assert!(matches!(silence(&list, &anchors, "2026-07-15T00:00:00Z"), Silence::Expired { .. }));
    assert!(matches!(silence(&list, &anchors, "2026-05-15T00:00:00Z"), Silence::NotYet { .. }));
    assert!(matches!(silence(&list, &[], "2026-06-15T00:00:00Z"), Silence::NoIssuer { .. }));
    assert!(matches!(silence(&list, &[root(2)], "2026-06-15T00:00:00Z"), Silence::Signature { .. }));
    assert_eq!(asked(&list, &[root(2), root(1)], "2026-06-15T00:00:00Z"), Revocation::Good, "two roots of one name");
}
