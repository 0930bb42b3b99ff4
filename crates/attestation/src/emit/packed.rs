//! `packed` (`webauthn-3 §8.2`): signed by the batch key with its chain, or by the credential.

use ciborium::Value;

use super::{Attest, Attestor, EmitError, Format, certificates};
use crate::layout::member;
use crate::vendors::{Maker, batch};

/// The format.
pub(super) struct Packed;

impl Format for Packed {
    fn id(&self) -> &'static str {
        "packed"
    }

    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        batch::attestor(maker, maker.wanted.alg)
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let message = attest.message();
        let batch = attest.attestor.map(|_| attest.certified(self.id())).transpose()?;
        let key = batch.map_or(attest.credential, |batch| &batch.key);
        let signature = key.sign(&message, attest.rng);
        let mut members =
            vec![(member::ALG.into(), key.algorithm().0.into()), (member::SIG.into(), Value::Bytes(signature))];
        members.extend(batch.map(|batch| (member::X5C.into(), certificates(&batch.chain))));
        Ok(Value::Map(members))
    }
}
