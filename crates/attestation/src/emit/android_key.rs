//! `android-key` (`webauthn-3 §8.4`): signed by the credential, whose certificate Android's keystore makes
//! with a description of the key.

mod chain;
mod description;

use ciborium::Value;
use jiff::Timestamp;

use super::{Attest, Attestor, EmitError, Format, certificates};
use crate::layout::{member, oid as id};
use crate::vendors::Maker;
use crate::vendors::authority::{Draft, spki};
use crate::vendors::extensions::{self, usage};
use crate::vendors::name::{name, seeded};
use crate::vendors::writer::extension;
use description::KeyDescription;

/// The last second of an unsigned 32-bit clock, 2106-02-07: until when the keystore's certificates are
/// valid; from 1970 on.
const LAST_SECOND: i64 = 0xffff_ffff;

/// The format.
pub(super) struct AndroidKey;

impl Format for AndroidKey {
    fn id(&self) -> &'static str {
        "android-key"
    }

    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        chain::attestor(maker)
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let keystore = attest.certifying(self.id())?;
        let public = attest.credential.public_key();
        let description = KeyDescription {
            level: keystore.model.security_level,
            challenge: attest.client_data_hash,
            created: attest.now,
            key: public,
        };
        let description = description.encode().ok_or(EmitError::Credential {
            fmt: self.id(),
            alg: public.alg,
            able: "RSA keys and those on NIST curves",
        })?;
        let draft = Draft {
            subject: &name(&[(id::COMMON_NAME, &format!("Android Keystore Key{}", seeded(keystore.options)))]),
            spki: &spki(public)?,
            serial: &[1],
            validity: (Timestamp::UNIX_EPOCH, Timestamp::from_second(LAST_SECOND).unwrap_or(Timestamp::MAX)),
            extensions: &[
                extensions::key_usage(&[usage::DIGITAL_SIGNATURE]),
                extension(id::ANDROID_KEY, false, &description),
            ]
            .concat(),
        };
        let leaf = keystore.authority.issue(&draft, attest.rng);
        let message = attest.message();
        let signature = attest.credential.sign(&message, attest.rng);
        Ok(Value::Map(vec![
            (member::ALG.into(), public.alg.0.into()),
            (member::SIG.into(), Value::Bytes(signature)),
            (member::X5C.into(), certificates(std::iter::once(&leaf).chain(&keystore.chain))),
        ]))
    }
}

#[cfg(test)]
mod tests;
