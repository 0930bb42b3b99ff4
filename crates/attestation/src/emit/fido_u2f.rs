//! `fido-u2f` (`webauthn-3 §8.6`): what a client makes of a U2F registration. One certificate, one
//! signature of its P-256 key, no algorithm.

use ciborium::Value;
use lab_protocol::cose::{Algorithm, Curve, KeyMaterial};
use lab_protocol::webauthn::AuthenticatorData;

use super::{Attest, Attestor, EmitError, Format, VendorModel, certificates};
use crate::layout::member;
use crate::vendors::{Maker, batch};

/// The format.
pub(super) struct FidoU2f;

impl Format for FidoU2f {
    fn id(&self) -> &'static str {
        "fido-u2f"
    }

    /// The certificate of the batch, which U2F and CTAP2 share; its key is always one of P-256, and the
    /// root its issuer: U2F has room for one certificate.
    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        let model = VendorModel { intermediates: 0, ..maker.model.clone() };
        batch::attestor(&maker.with(&model), Algorithm::ES256)
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let batch = attest.certified(self.id())?;
        let message = registration(&attest)?;
        let signature = batch.key.sign(&message, attest.rng);
        Ok(Value::Map(vec![
            (member::SIG.into(), Value::Bytes(signature)),
            (member::X5C.into(), certificates(&batch.chain)),
        ]))
    }
}

/// What a U2F key signs at registration (FIDO U2F raw message formats §4.3): a reserved byte, the
/// application parameter, the challenge parameter, the key handle and the public key.
fn registration(attest: &Attest<'_>) -> Result<Vec<u8>, EmitError> {
    let fmt = FidoU2f.id();
    let unreadable = |reason: String| EmitError::AuthData { fmt, reason };
    let data = AuthenticatorData::parse(attest.auth_data).map_err(|error| unreadable(error.to_string()))?;
    let attested = data.attested.ok_or_else(|| unreadable("no credential is attested".to_owned()))?;
    let public = attest.credential.public_key();
    let KeyMaterial::Ec2 { curve: Curve::P256, x, y } = &public.material else {
        return Err(EmitError::Credential { fmt, alg: public.alg, able: "ES256" });
    };
    Ok([&[0x00], &data.rp_id_hash[..], attest.client_data_hash, attested.credential_id, &[0x04], x, y].concat())
}
