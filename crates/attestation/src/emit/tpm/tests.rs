use crate::emit::tests::{attestor, bytes, chain, make};
use crate::layout::oid;
use crate::x509::Certificate;

/// What 14 captured registrations of Windows Hello start with, up to the numbers of the key.
const WINDOWS_RSA: &str = "0001000b0006047200209dffcbf36c383ae699fb9868dc6dcb89d7153884be2803922c124158bfad22ae\
                           001000100800000000000100";
const WINDOWS_ECC: &str = "0023000b0004007200209dffcbf36c383ae699fb9868dc6dcb89d7153884be2803922c124158bfad22ae\
                           00100010000300100020";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn public_areas_are_those_that_windows_has_its_tpm_make() {
    let area = |alg| hex(bytes(&make("tpm", attestor("tpm", -257).as_deref(), alg).unwrap(), "pubArea"));
    assert!(area(-257).starts_with(WINDOWS_RSA), "{}", area(-257));
    assert_eq!(area(-257).len() / 2, 310, "as captured");
    assert!(area(-7).starts_with(WINDOWS_ECC), "{}", area(-7));
    assert_eq!(area(-7).len() / 2, 118, "as captured");
}

#[test]
fn what_is_certified_has_every_field_of_a_tpm() {
    let made = make("tpm", attestor("tpm", -257).as_deref(), -257).unwrap();
    let info = bytes(&made, "certInfo");
    assert_eq!(hex(&info[..8]), "ff54434780170022", "magic, type, length of qualifiedSigner");
    assert_eq!(hex(&info[8..10]), "000b");
    assert_eq!(hex(&info[42..44]), "0020", "the hash of RS256");
    assert_eq!(info[92], 1, "safe");
    assert_eq!(hex(&info[101..105]), "0022000b", "name");
    assert_eq!(info[105..137], crate::sha256(bytes(&made, "pubArea")));
    assert_eq!(hex(&info[137..141]), "0022000b", "qualifiedName");
    assert_eq!(info.len(), 173);
}

#[test]
fn the_attestation_identity_key_has_no_subject_and_names_its_tpm() {
    let made = make("tpm", attestor("tpm", -257).as_deref(), -257).unwrap();
    let chain = chain(&made);
    assert_eq!(chain.len(), 2, "the key and the CA of its kind of TPM, without the root");
    let leaf = Certificate::parse(&chain[0]).unwrap();
    assert_eq!(leaf.subject.der(), [0x30, 0]);
    let name = leaf.extension(oid::SUBJECT_ALT_NAME).unwrap();
    assert!(name.critical, "it stands in for the subject");
    let name = String::from_utf8_lossy(name.value).into_owned();
    assert!(["id:4E544300", "LAB NPCT75x SEEDED", "id:00070002"].iter().all(|part| name.contains(part)), "{name}");
    let purpose = leaf.extension(oid::EXTENDED_KEY_USAGE).unwrap();
    assert_eq!(hex(purpose.value), "300706056781050803");
    let issuer = Certificate::parse(&chain[1]).unwrap().subject.to_string();
    assert!(issuer.contains("EUS-NTC-KEYID-"), "{issuer}");
}
