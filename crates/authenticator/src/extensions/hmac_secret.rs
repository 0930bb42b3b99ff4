//! `hmac-secret` and `hmac-secret-mc` (`ctap-2.2 §12.7, §12.8`): HMAC-SHA-256 of the platform's salts under a
//! secret of the credential.

use ciborium::Value;
use hmac::{Hmac, KeyInit, Mac};
use lab_protocol::Random;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::ctap2::hmac_secret::Input;
use sha2::Sha256;

use crate::engine::Authenticator;
use crate::pin::SharedSecret;
use crate::store::{CredRandom, Credential};

/// One salt, in bytes.
const SALT: usize = 32;

/// One or two salts, and what the outputs are encrypted with.
#[derive(Debug, Clone)]
pub(super) struct Salts {
    shared: SharedSecret,
    salts: Vec<u8>,
}

impl Salts {
    /// # Errors
    /// A member is missing: 0x14. The protocol, or the salts' length: 0x02, and 0x33 where no protocol
    /// is given and one is not offered. The platform's key: 0x02. The
    /// authentication: 0x33.
    pub fn read(value: &Value, authenticator: &mut Authenticator) -> Result<Self, StatusCode> {
        let input = Input::from_value(value).map_err(|error| missing(value).unwrap_or(error.status))?;
        let protocol = authenticator.protocol(Some(input.pin_uv_auth_protocol.unwrap_or(1)));
        let absent = |_| StatusCode::PIN_AUTH_INVALID;
        let protocol = if input.pin_uv_auth_protocol.is_none() { protocol.map_err(absent) } else { protocol }?;
        let shared = authenticator.decapsulate(protocol, &input.key_agreement)?;
        if !shared.verify(&input.salt_enc, &input.salt_auth) {
            return Err(StatusCode::PIN_AUTH_INVALID);
        }
        let salts = shared.decrypt(&input.salt_enc).filter(|salts| matches!(salts.len(), SALT | 64));
        Ok(Self { shared, salts: salts.ok_or(StatusCode::INVALID_PARAMETER)? })
    }

    /// The encrypted outputs; `None` where the credential was made without the extension.
    pub fn answer(&self, credential: &Credential, verified: bool, rng: &mut dyn Random) -> Option<Vec<u8>> {
        let CredRandom { with_uv, without_uv } = credential.cred_random?;
        let secret = if verified { with_uv } else { without_uv };
        let outputs: Vec<_> = self.salts.chunks(SALT).flat_map(|salt| hmac(&secret, salt)).collect();
        self.shared.encrypt(&outputs, rng)
    }
}

/// A missing member of the extension's own map counts as a missing parameter.
fn missing(value: &Value) -> Option<StatusCode> {
    let members = value.as_map()?;
    let has = |label: i64| members.iter().any(|(key, _)| *key == Value::from(label));
    (!(has(1) && has(2) && has(3))).then_some(StatusCode::MISSING_PARAMETER)
}

fn hmac(secret: &[u8; 32], salt: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else { return Vec::new() };
    mac.update(salt);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin::{AgreementKey, Protocol};
    use crate::testing::{Seeded, hex, vectors};

    /// The W3C's examples of prf over CTAP: both protocols, one and two salts.
    #[test]
    fn outputs_are_what_the_w3c_says() {
        let Some(file) = vectors("w3c/prf-hmac-secret-vectors.json") else { return };
        let text = |value: &serde_json::Value| hex(value.as_str().unwrap());
        let shared = &file["shared"];
        let platform = AgreementKey::from_secret(
            text(&shared["platform_key_agreement_private_key"]).as_slice().try_into().unwrap(),
        )
        .unwrap();
        let ours = AgreementKey::from_secret(
            text(&shared["authenticator_key_agreement_private_key"]).as_slice().try_into().unwrap(),
        )
        .unwrap();
        let (x, y) = platform.public();
        let z = ours.shared(&[&[4], &x[..], &y].concat().try_into().unwrap()).unwrap();
        let secret: [u8; 32] = text(&shared["authenticator_cred_random"]).try_into().unwrap();
        for case in file["cases"].as_array().unwrap() {
            let protocol = Protocol::of(case["pin_uv_auth_protocol"].as_i64().unwrap()).unwrap();
            let shared = protocol.shared_secret(&z);
            assert_eq!(shared.bytes(), text(&case["shared_secret"]), "{}", case["name"]);
            let salts = shared.decrypt(&text(&case["salt_enc"])).unwrap();
            let outputs: Vec<_> = salts.chunks(SALT).flat_map(|salt| hmac(&secret, salt)).collect();
            let second = case.get("output2").map(text).unwrap_or_default();
            assert_eq!(outputs, [text(&case["output1"]), second].concat(), "{}", case["name"]);
            assert_eq!(shared.decrypt(&text(&case["output_enc"])).unwrap(), outputs, "{}", case["name"]);
            let sealed = shared.encrypt(&outputs, &mut Seeded(1, 0)).unwrap();
            assert_eq!(shared.decrypt(&sealed).unwrap(), outputs);
        }
    }
}
