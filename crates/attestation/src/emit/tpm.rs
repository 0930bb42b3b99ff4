//! `tpm` (`webauthn-3 §8.3`): a TPM certifies the credential's key under an attestation identity key.

mod aik;
mod certify;
mod public_area;

use ciborium::Value;

use super::{Attest, Attestor, EmitError, Format, certificates};
use crate::layout::{member, tpm};
use crate::vendors::Maker;
use certify::Certify;
use public_area::PublicArea;

/// The format.
pub(super) struct Tpm;

impl Format for Tpm {
    fn id(&self) -> &'static str {
        "tpm"
    }

    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        aik::attestor(maker)
    }

    fn per_device(&self) -> bool {
        true
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let aik = attest.certified(self.id())?;
        let public = attest.credential.public_key();
        let public_area = PublicArea::windows(public).ok_or(EmitError::Credential {
            fmt: self.id(),
            alg: public.alg,
            able: "RSA keys and those on NIST curves",
        })?;
        let public_area = public_area.encode();
        let alg = aik.key.algorithm();
        let certify = Certify::windows(&aik.key, &public_area, certify::digest(alg, &attest.message()), attest.rng);
        let cert_info = certify.encode();
        let signature = aik.key.sign(&cert_info, attest.rng);
        Ok(Value::Map(vec![
            (member::ALG.into(), alg.0.into()),
            (member::SIG.into(), Value::Bytes(signature)),
            (member::VER.into(), tpm::VERSION.into()),
            (member::X5C.into(), certificates(&aik.chain)),
            (member::PUB_AREA.into(), Value::Bytes(public_area)),
            (member::CERT_INFO.into(), Value::Bytes(cert_info)),
        ]))
    }
}

/// A TPM2B: a length of 16 bits and as many bytes.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

/// The name of an object (TPM 2.0 Library, part 1, §16): the hash of its public area, and which hash.
fn object_name(public_area: &[u8]) -> Vec<u8> {
    [&tpm::alg::SHA256.to_be_bytes()[..], &crate::sha256(public_area)].concat()
}

#[cfg(test)]
mod tests;
