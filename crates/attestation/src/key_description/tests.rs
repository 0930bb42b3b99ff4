use proptest::prelude::*;

use super::*;
use crate::test_statements::explicit;
use crate::vendors::writer::{INTEGER, OCTET_STRING, SEQUENCE, SET, element};

fn int(number: u8) -> Vec<u8> {
    element(INTEGER, &[&[number]])
}

fn description(version: &[u8], software: &[Vec<u8>], tee: &[Vec<u8>]) -> Vec<u8> {
    let parts: [&[u8]; 8] = [
        &element(INTEGER, &[version]),
        &[10, 1, 1],
        &element(INTEGER, &[&[41]]),
        &[10, 1, 2],
        &element(OCTET_STRING, &[b"challenge"]),
        &element(OCTET_STRING, &[]),
        &element(SEQUENCE, &[&software.concat()]),
        &element(SEQUENCE, &[&tee.concat()]),
    ];
    element(SEQUENCE, &parts)
}

#[test]
fn members_are_found_by_tag_whatever_stands_before_them() {
    let purposes = explicit(1, &element(SET, &[&int(2), &int(3)]));
    let unknown = explicit(9999, &[0x05, 0x00, 0x05, 0x00]);
    let value = description(&[0x01, 0x90], &[unknown, explicit(600, &[5, 0])], &[explicit(702, &int(0)), purposes]);
    let description = KeyDescription::parse(&value).unwrap();
    assert_eq!((description.attestation_version, description.attestation_challenge), (400, &b"challenge"[..]));
    assert_eq!(description.attestation_security_level, SecurityLevel::TrustedEnvironment);
    assert_eq!(description.keymaster_security_level, SecurityLevel::StrongBox);
    assert!(description.software_enforced.all_applications() && !description.tee_enforced.all_applications());
    assert_eq!(description.tee_enforced.origin(), Ok(Some(0)));
    assert_eq!(description.software_enforced.origin(), Ok(None));
    assert_eq!(description.tee_enforced.purposes(), Ok(Some(vec![2, 3])));
    assert!(!description.tee_enforced.is_sorted() && !description.software_enforced.is_sorted());
    assert!(!description.says_nothing() && description.further.is_empty());
}

#[test]
fn each_way_to_be_none_has_its_sentence() {
    let good = description(&[3], &[], &[]);
    let twice = [explicit(702, &int(0)), explicit(702, &int(2))];
    for (value, cause) in [
        (description(&[3], &twice, &[]), "softwareEnforced has the member origin [702] twice"),
        (description(&[3], &[], &[explicit(777, &[]), explicit(777, &[])]), "teeEnforced has the member [777] twice"),
        (description(&[3], &[], &[int(0)]), "teeEnforced has an element INTEGER"),
        (description(&[3], &[vec![0x9f, 0x84, 0x58, 0]], &[]), "softwareEnforced has an element [600]"),
        (description(&[0, 3], &[], &[]), "attestationVersion is malformed: an integer is not in its shortest form"),
        ([&good[..], &[0]].concat(), "KeyDescription is malformed: 1 bytes follow"),
        (vec![0x31, 0], "KeyDescription is malformed: expected a SEQUENCE, found SET"),
        (vec![0x30, 3, 2, 1, 3], "the key description has no attestationSecurityLevel"),
        (
            vec![0x30, 6, 2, 1, 3, 2, 1, 0],
            "attestationSecurityLevel is malformed: expected an ENUMERATED, found INTEGER",
        ),
    ] {
        let error = KeyDescription::parse(&value).unwrap_err();
        assert!(error.to_string().contains(cause), "{error}");
    }
    let wrong = description(&[3], &[], &[explicit(702, &[5, 0]), explicit(1, &int(2))]);
    let wrong = KeyDescription::parse(&wrong).unwrap().tee_enforced;
    assert!(wrong.origin().unwrap_err().to_string().contains("origin is malformed: expected an INTEGER, found NULL"));
    assert!(wrong.purposes().unwrap_err().to_string().contains("purpose is malformed: expected a SET, found INTEGER"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = KeyDescription::parse(&bytes);
    }

    #[test]
    fn all_applications_cannot_be_hidden(tags in prop::collection::btree_set(1_u32..16_000, 0..20), at: prop::sample::Index, tee: bool) {
        let mut list: Vec<_> = tags.iter().filter(|tag| **tag != 600).map(|tag| explicit(*tag, &[5, 0])).collect();
        list.insert(at.index(list.len() + 1), explicit(600, &[5, 0]));
        let value = if tee { description(&[3], &[], &list) } else { description(&[3], &list, &[]) };
        let description = KeyDescription::parse(&value).unwrap();
        prop_assert!(description.lists().iter().any(|list| list.all_applications()));
    }
}
