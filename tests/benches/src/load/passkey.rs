//! A passkey: a key pair, and the bytes that an authenticator and a browser make with it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;

/// UP and UV.
const PRESENT_AND_VERIFIED: u8 = 0x05;
/// AT.
const ATTESTED: u8 = 0x40;

/// A passkey of the RP ID `localhost`.
pub struct Passkey {
    key: EcdsaKeyPair,
    id: [u8; 16],
    random: SystemRandom,
    rp_id_hash: Vec<u8>,
    /// The signature counter of its last use.
    pub counter: u32,
}

impl Passkey {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        let mut id = [0; 16];
        aws_lc_rs::rand::fill(&mut id).unwrap();
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id,
            random: SystemRandom::new(),
            rp_id_hash: digest(&SHA256, b"localhost").as_ref().to_vec(),
            counter: 0,
        }
    }

    /// Its credential id, in base64url.
    #[must_use]
    pub fn id(&self) -> String {
        BASE64URL.encode(self.id)
    }

    /// A RegistrationResponseJSON, with the attestation statement format `none`.
    #[must_use]
    pub fn create(&self, challenge: &str, origin: &str) -> String {
        let attested = [&[0; 16][..], &[0, 16], &self.id, &self.public_key()].concat();
        let data = self.authenticator_data(PRESENT_AND_VERIFIED | ATTESTED, &attested);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let length = u8::try_from(data.len()).unwrap();
        let object = [b"\xA3\x63fmt\x64none\x67attStmt\xA0\x68authData\x58", &[length][..], &data].concat();
        self.response(&client_data("webauthn.create", challenge, origin), &[("attestationObject", &object)])
    }

    /// An AuthenticationResponseJSON, for the next use.
    #[must_use]
    pub fn get(&mut self, challenge: &str, origin: &str) -> String {
        self.counter += 1;
        let client_data = client_data("webauthn.get", challenge, origin);
        let data = self.authenticator_data(PRESENT_AND_VERIFIED, &[]);
        let signed = [&data[..], digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.key.sign(&self.random, &signed).unwrap();
        self.response(&client_data, &[("authenticatorData", &data), ("signature", signature.as_ref())])
    }

    fn response(&self, client_data: &str, parts: &[(&str, &[u8])]) -> String {
        let (id, client_data) = (self.id(), BASE64URL.encode(client_data));
        let parts: String =
            parts.iter().map(|(name, part)| format!(r#","{name}":"{}""#, BASE64URL.encode(part))).collect();
        format!(
            r#"{{"id":"{id}","rawId":"{id}","type":"public-key","clientExtensionResults":{{}},"response":{{"clientDataJSON":"{client_data}"{parts}}}}}"#
        )
    }

    fn authenticator_data(&self, flags: u8, attested: &[u8]) -> Vec<u8> {
        [&self.rp_id_hash[..], &[flags], &self.counter.to_be_bytes(), attested].concat()
    }

    /// The COSE key: `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        [b"\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
    }
}

impl Default for Passkey {
    fn default() -> Self {
        Self::new()
    }
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> String {
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#)
}
