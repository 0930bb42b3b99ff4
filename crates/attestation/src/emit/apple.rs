//! `apple` (`webauthn-3 §8.8`): Apple's service certifies each credential, with a nonce and no name.

use ciborium::Value;
use jiff::{SignedDuration, Timestamp};
use lab_protocol::cose::{Algorithm, Curve, KeyMaterial};

use super::{Attest, Attestor, Certifying, EmitError, Format, certificates};
use crate::keys::SigningKey;
use crate::layout::{member, oid as id};
use crate::sha256;
use crate::vendors::Maker;
use crate::vendors::authority::{Authority, Draft, Subordinate, spki};
use crate::vendors::extensions::{self, usage};
use crate::vendors::name::{laboratory, name, stand_in};
use crate::vendors::writer::{OCTET_STRING, SEQUENCE, element, explicit, extension, unsigned};

/// How long before and after its making a credential's certificate is valid: a day, and two.
const VALID_HOURS: (i64, i64) = (24, 48);
/// Apple's name for what is not for people.
const UNIT: &str = "AAA Certification";
/// The state in the names of Apple's CAs.
const STATE: &str = "California";
/// The maker.
const MAKER: &str = "Apple Inc.";

/// The format.
pub(super) struct Apple;

impl Format for Apple {
    fn id(&self) -> &'static str {
        "apple"
    }

    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        attestor(maker, "Apple WebAuthn CA 1")
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let chain = credential(attest, self.id(), &[])?;
        Ok(Value::Map(vec![(member::X5C.into(), certificates(&chain))]))
    }
}

/// Apple's CA of this name, whose key is one of P-384 as Apple's are.
pub(super) fn attestor(maker: &Maker<'_>, common_name: &'static str) -> Result<Attestor, EmitError> {
    let authority = maker.authority(common_name, |root| authority(maker, root, common_name))?;
    let chain = authority.chain().to_vec();
    let certifying = Certifying { authority, chain, model: maker.model.clone(), options: maker.options() };
    Ok(Attestor::Certifying(Box::new(certifying)))
}

fn authority(maker: &Maker<'_>, root: &Authority, common_name: &str) -> Result<Authority, EmitError> {
    let mut rng = maker.rng(common_name);
    let key = SigningKey::generate(Algorithm::ES384, maker.options().backend, &mut rng)?;
    let subject =
        name(&[(id::COMMON_NAME, common_name), (id::ORGANIZATION, &laboratory(maker.options())), (id::STATE, STATE)]);
    let usage = &[usage::CERT_SIGN, usage::CRL_SIGN];
    let ca = Subordinate { subject: &subject, key, path_len: Some(0), usage, extensions: &[] };
    root.subordinate(ca, maker.options(), &mut rng)
}

/// A certificate for the credential's key, with the nonce in it behind `own` extensions, and its chain.
pub(super) fn credential(attest: Attest<'_>, fmt: &'static str, own: &[u8]) -> Result<Vec<Vec<u8>>, EmitError> {
    let apple = attest.certifying(fmt)?;
    let public = attest.credential.public_key();
    let point = point(attest.credential).ok_or(EmitError::Credential { fmt, alg: public.alg, able: "ES256" })?;
    let common_name = sha256(&point).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let digital = [usage::DIGITAL_SIGNATURE, usage::NON_REPUDIATION, usage::KEY_ENCIPHERMENT, usage::DATA_ENCIPHERMENT];
    let draft = Draft {
        subject: &name(&[
            (id::COMMON_NAME, &common_name),
            (id::ORGANIZATIONAL_UNIT, UNIT),
            (id::ORGANIZATION, &stand_in(MAKER, apple.options)),
            (id::STATE, STATE),
        ]),
        spki: &spki(public)?,
        serial: &unsigned(&attest.now.as_millisecond().max(1).to_be_bytes()),
        validity: validity(attest.now),
        extensions: &[extensions::end_entity(), extensions::key_usage(&digital), own.to_vec(), nonce(&attest)].concat(),
    };
    let leaf = apple.authority.issue(&draft, attest.rng);
    Ok(std::iter::once(leaf).chain(apple.chain.iter().cloned()).collect())
}

/// The extension that binds the certificate to this registration.
pub(super) fn nonce(attest: &Attest<'_>) -> Vec<u8> {
    let nonce = explicit(1, &[&element(OCTET_STRING, &[&attest.nonce()])]);
    extension(id::APPLE_NONCE, false, &element(SEQUENCE, &[&nonce]))
}

/// An uncompressed P-256 point, whose hash names the key.
pub(super) fn point(key: &SigningKey) -> Option<Vec<u8>> {
    match &key.public_key().material {
        KeyMaterial::Ec2 { curve: Curve::P256, x, y } => Some([&[4], &x[..], y].concat()),
        _ => None,
    }
}

fn validity(now: Timestamp) -> (Timestamp, Timestamp) {
    let before = now.saturating_sub(SignedDuration::from_hours(VALID_HOURS.0)).unwrap_or(Timestamp::MIN);
    let after = now.saturating_add(SignedDuration::from_hours(VALID_HOURS.1)).unwrap_or(Timestamp::MAX);
    (before, after)
}
