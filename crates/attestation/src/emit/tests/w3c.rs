//! The W3C's own vectors (`webauthn-3 §16`), made again from their keys: the same bytes, for their ECDSA
//! is deterministic too. They stand beside the workspace; without them the tests say so.

#![allow(clippy::print_stderr, reason = "a test says what it skips")]

use lab_protocol::cbor;
use lab_protocol::cose::KeyMaterial;
use lab_protocol::webauthn::attestation_object::AttestationObject;
use lab_protocol::webauthn::authenticator_data::AttestedDraft;
use serde_json::Value as Json;

use super::*;
use crate::keys::Backend;
use crate::layout::{member, oid};
use crate::signature::Hash;
use crate::test_rng::{Counter, hex};
use crate::vendors::authority::{Authority, Draft, spki};
use crate::vendors::extensions::{self, usage};
use crate::vendors::name::name;
use crate::vendors::writer::{ENUMERATED, OCTET_STRING, SEQUENCE, element, extension, integer, unsigned};
use crate::x509::Certificate;

/// One vector, and the CA of all.
pub(crate) struct Vector {
    case: Json,
    authority: Authority,
}

/// The vectors, or none where they are not beside the workspace.
pub(crate) fn vectors() -> Vec<Vector> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/w3c/webauthn-l3-test-vectors.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: no W3C vectors beside the workspace");
        return Vec::new();
    };
    let file: Json = serde_json::from_str(&text).unwrap();
    let root = &file["attestation_root"];
    let certificate = hex(root["attestation_ca_cert"].as_str().unwrap());
    let key = hex(root["attestation_ca_key"].as_str().unwrap());
    let key = SigningKey::from_secret(Algorithm::ES256, Backend::Deterministic, &key).unwrap();
    let authority = Authority::own(key, &Certificate::parse(&certificate).unwrap(), Vec::new());
    let all = file["vectors"].as_array().unwrap().iter().cloned();
    all.map(|case| Vector { case, authority: authority.clone() }).collect()
}

/// The vectors of a format.
pub(crate) fn of(fmt: &str) -> Vec<Vector> {
    vectors().into_iter().filter(|vector| vector.case["fmt"] == fmt).collect()
}

impl Vector {
    fn hex(&self, name: &str) -> Option<Vec<u8>> {
        self.case["registration"][name].as_str().map(hex)
    }

    pub(crate) fn client_data_hash(&self) -> [u8; 32] {
        sha256(&self.hex("clientDataJSON").unwrap())
    }

    /// The credential's key, where the engine makes keys of its kind.
    pub(crate) fn credential(&self) -> Option<SigningKey> {
        let alg = Algorithm(self.case["alg"].as_i64().unwrap());
        let secret = self.hex("credential_private_key").or_else(|| self.hex("private_key"))?;
        let key = SigningKey::from_secret(alg, Backend::Deterministic, &secret).ok()?;
        assert_eq!(key.cose(), hex(self.case["credential_public_key_cose"].as_str().unwrap()));
        Some(key)
    }

    fn attestation_key(&self) -> SigningKey {
        let secret = self.hex("attestation_private_key").unwrap();
        SigningKey::from_secret(Algorithm::ES256, Backend::Deterministic, &secret).unwrap()
    }

    pub(crate) fn auth_data(&self) -> Vec<u8> {
        let flags = self.case["registration_flags"]["byte"].as_u64().unwrap();
        let draft = AuthenticatorDataDraft {
            rp_id_hash: sha256(b"example.org"),
            flags: Flags(u8::try_from(flags).unwrap()),
            sign_count: 0,
            attested: Some(AttestedDraft {
                aaguid: lab_protocol::Aaguid(self.hex("aaguid").unwrap().try_into().unwrap()),
                credential_id: hex(self.case["credential_id_in_authData"].as_str().unwrap()),
                public_key: hex(self.case["credential_public_key_cose"].as_str().unwrap()),
            }),
            extensions: None,
            trailing: Vec::new(),
        };
        draft.encode()
    }

    /// A certificate of the vectors' CA.
    pub(crate) fn certificate(&self, subject: &[u8], key: &SigningKey, own: &[u8]) -> Vec<u8> {
        let spki = spki(key.public_key()).unwrap();
        let KeyMaterial::Ec2 { x, y, .. } = &key.public_key().material else { panic!() };
        let key_id = Hash::Sha1.digest(&[&[4], x, y]).try_into().unwrap();
        let at = |text: &str| text.parse().unwrap();
        let extensions = [
            extensions::end_entity(),
            extensions::key_usage(&[usage::DIGITAL_SIGNATURE]),
            extensions::subject_key_id(&key_id),
            extensions::authority_key_id(self.authority.key_id()),
            own.to_vec(),
        ];
        let draft = Draft {
            subject,
            spki: &spki,
            serial: &unsigned(&self.hex("attestation_cert_serial_number").unwrap()),
            validity: (at("2024-01-01T00:00:00Z"), at("3024-01-01T00:00:00Z")),
            extensions: &extensions.concat(),
        };
        self.authority.issue(&draft, &mut Counter::new(0))
    }

    /// The attestation key with its certificate.
    pub(crate) fn certified(&self, subject: &[u8], own: &[u8]) -> Attestor {
        let key = self.attestation_key();
        Attestor::Certified(Certified { chain: vec![self.certificate(subject, &key, own)], key })
    }

    /// Holds a statement to the vector's bytes.
    pub(crate) fn is(&self, statement: Value) {
        let fmt = self.case["fmt"].as_str().unwrap();
        let members = vec![
            ("fmt".into(), fmt.into()),
            ("attStmt".into(), statement),
            ("authData".into(), Value::Bytes(self.auth_data())),
        ];
        let expected = self.hex("attestationObject").unwrap();
        let theirs = AttestationObject::parse(&expected).unwrap();
        assert_eq!(self.auth_data(), theirs.auth_data, "{}", self.case["id"]);
        assert_eq!(cbor::encode(&Value::Map(members)), expected, "{}", self.case["id"]);
    }

    fn attest<'a>(&'a self, parts: &'a Parts, attestor: Option<&'a Attestor>, rng: &'a mut Counter) -> Attest<'a> {
        Attest {
            auth_data: &parts.auth_data,
            client_data_hash: &parts.client_data_hash,
            credential: &parts.credential,
            attestor,
            now: Timestamp::UNIX_EPOCH,
            rng,
        }
    }

    fn parts(&self) -> Parts {
        // Where a certificate attests, the credential signs nothing.
        let any = || SigningKey::generate(Algorithm::ES256, Backend::Deterministic, &mut Counter::new(9)).unwrap();
        Parts {
            auth_data: self.auth_data(),
            client_data_hash: self.client_data_hash(),
            credential: self.credential().unwrap_or_else(any),
        }
    }
}

struct Parts {
    auth_data: Vec<u8>,
    client_data_hash: [u8; 32],
    credential: SigningKey,
}

/// What the vectors call whatever is not a TPM's.
fn subject() -> Vec<u8> {
    name(&[
        (oid::COMMON_NAME, "WebAuthn test vectors"),
        (oid::ORGANIZATION, "W3C"),
        (oid::ORGANIZATIONAL_UNIT, "Authenticator Attestation"),
        (oid::COUNTRY, "AA"),
    ])
}

#[test]
fn none_packed_and_u2f_are_the_same_bytes() {
    for fmt in ["none", "packed", "fido-u2f"] {
        for vector in of(fmt) {
            let certified = vector.case["registration"].get("attestation_private_key").is_some();
            let attestor = certified.then(|| vector.certified(&subject(), &[]));
            let (parts, mut rng) = (vector.parts(), Counter::new(0));
            vector.is(statement(fmt, vector.attest(&parts, attestor.as_ref(), &mut rng)).unwrap().att_stmt);
        }
    }
}

#[test]
fn the_key_that_apple_and_android_certify_is_certified_in_the_same_bytes() {
    for vector in of("apple").into_iter().chain(of("android-key")) {
        let (parts, mut rng) = (vector.parts(), Counter::new(0));
        let attest = vector.attest(&parts, None, &mut rng);
        let mut members = Vec::new();
        let own = if vector.case["fmt"] == "apple" {
            apple::nonce(&attest)
        } else {
            let signature = attest.credential.sign(&attest.message(), attest.rng);
            members.push((member::ALG.into(), (-7).into()));
            members.push((member::SIG.into(), Value::Bytes(signature)));
            extension(oid::ANDROID_KEY, false, &bare_description(&parts.client_data_hash))
        };
        let leaf = vector.certificate(&subject(), &parts.credential, &own);
        members.push((member::X5C.into(), certificates([&leaf])));
        vector.is(Value::Map(members));
    }
}

/// A key description of version 300 that says nothing but the challenge.
fn bare_description(challenge: &[u8; 32]) -> Vec<u8> {
    let (software, nothing) = (element(ENUMERATED, &[&[0]]), element(SEQUENCE, &[]));
    let octets = |bytes: &[u8]| element(OCTET_STRING, &[bytes]);
    let members = [
        integer(300),
        software.clone(),
        integer(0),
        software,
        octets(challenge),
        octets(&[]),
        nothing.clone(),
        nothing,
    ];
    element(SEQUENCE, &[&members.concat()])
}
