use super::certify::{Certify, digest};
use super::public_area::{Key, PublicArea};
use super::{certificates, object_name};
use crate::emit::tests::{attestor, bytes, chain, make, w3c};
use crate::emit::{Attestor, Certified};
use crate::layout::{member, oid};
use crate::test_rng::Counter;
use crate::vendors::extensions;
use crate::vendors::writer::{SEQUENCE, SET, UTF8_STRING, element, oid as identifier};
use crate::x509::Certificate;
use ciborium::Value;

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

/// The W3C's TPM has no names of its own, a clock of ones, twos and threes, and its three attributes in
/// one relative name.
#[test]
fn the_vector_of_the_w3c_is_made_again() {
    let attribute = |id, text: &str| element(SEQUENCE, &[&identifier(id), &element(UTF8_STRING, &[text.as_bytes()])]);
    let tpm = [
        attribute(oid::TCG_TPM_MANUFACTURER, "id:00000000"),
        attribute(oid::TCG_TPM_VERSION, "id:00000000"),
        attribute(oid::TCG_TPM_MODEL, "WebAuthn test vectors"),
    ];
    let name = element(SEQUENCE, &[&element(SET, &[&tpm.concat()])]);
    let own = [extensions::extended_key_usage(&[oid::TCG_AIK_CERTIFICATE]), extensions::directory_name(&name)].concat();
    for vector in w3c::of("tpm") {
        let Attestor::Certified(Certified { key, chain }) = vector.certified(&element(SEQUENCE, &[]), &own) else {
            panic!("it is certified")
        };
        let credential = vector.credential().unwrap();
        let public_area =
            PublicArea { attributes: 0x0004_0000, policy: &[], key: Key::of(credential.public_key()).unwrap() };
        let public_area = public_area.encode();
        let mut clock_info = [0; 17];
        clock_info[8..12].fill(0x11);
        clock_info[12..16].fill(0x22);
        clock_info[16] = 0x33;
        let message = [vector.auth_data(), vector.client_data_hash().to_vec()].concat();
        let certify = Certify {
            qualified_signer: Vec::new(),
            extra_data: digest(key.algorithm(), &message),
            clock_info,
            firmware_version: [0; 8],
            name: object_name(&public_area),
            qualified_name: Vec::new(),
        };
        let cert_info = certify.encode();
        vector.is(Value::Map(vec![
            (member::ALG.into(), (-7).into()),
            (member::SIG.into(), Value::Bytes(key.sign(&cert_info, &mut Counter::new(0)))),
            (member::VER.into(), "2.0".into()),
            (member::X5C.into(), certificates(&chain)),
            (member::PUB_AREA.into(), Value::Bytes(public_area)),
            (member::CERT_INFO.into(), Value::Bytes(cert_info)),
        ]));
    }
}
