use super::description::KeyDescription;
use crate::emit::SecurityLevel;
use crate::emit::tests::{attestor, chain, make};
use crate::keys::{Backend, SigningKey};
use crate::layout::oid;
use crate::test_rng::Counter;
use crate::x509::Certificate;
use jiff::Timestamp;
use lab_protocol::cose::Algorithm;

fn described(level: SecurityLevel, alg: i64) -> Option<Vec<u8>> {
    let key = SigningKey::generate(Algorithm(alg), Backend::Deterministic, &mut Counter::new(1)).unwrap();
    let created = Timestamp::UNIX_EPOCH;
    KeyDescription { level, challenge: &[7; 32], created, key: key.public_key() }.encode()
}

#[test]
fn software_vouches_for_everything_where_there_is_no_hardware() {
    let hardware = described(SecurityLevel::TrustedEnvironment, -7).unwrap();
    let strong_box = described(SecurityLevel::StrongBox, -7).unwrap();
    let software = described(SecurityLevel::Software, -7).unwrap();
    let level = |description: &[u8]| description.windows(3).find(|window| window.starts_with(&[0x0a, 1])).unwrap()[2];
    assert_eq!([level(&software), level(&hardware), level(&strong_box)], [0, 1, 2]);
    assert!(software.ends_with(&[0x30, 0x00]), "nothing is hardware-enforced");
    assert!(!hardware.ends_with(&[0x30, 0x00]));
    assert!(described(SecurityLevel::TrustedEnvironment, -257).is_some());
    assert_eq!(described(SecurityLevel::TrustedEnvironment, -8), None);
}

#[test]
fn the_leaf_is_the_keystores_and_the_root_is_sent_along() {
    let made = make("android-key", attestor("android-key", -7).as_deref(), -7).unwrap();
    let chain = chain(&made);
    assert_eq!(chain.len(), 4);
    let leaf = Certificate::parse(&chain[0]).unwrap();
    assert_eq!(leaf.subject.to_string(), "CN=Android Keystore Key SEEDED");
    assert_eq!(leaf.serial, [1]);
    assert_eq!(leaf.not_before, Timestamp::UNIX_EPOCH);
    assert_eq!(leaf.not_after.to_string(), "2106-02-07T06:28:15Z");
    let extensions: Vec<_> = leaf.extensions.iter().map(|extension| extension.oid).collect();
    assert_eq!(extensions, [oid::KEY_USAGE, oid::ANDROID_KEY]);
    assert_eq!(chain[3], crate::vendors::tests::stand_in().stand_in_root());
}
