//! `packed` (`webauthn-3 §8.2`): signed by the batch key with its chain, or by the credential.

use ciborium::Value;

use super::{Attest, Format};
use crate::layout::member;

/// The format.
pub(super) struct Packed;

impl Format for Packed {
    fn id(&self) -> &'static str {
        "packed"
    }

    fn statement(&self, attest: Attest<'_>) -> Value {
        let message = [attest.auth_data, attest.client_data_hash].concat();
        let key = attest.batch.map_or(attest.credential, |batch| &batch.key);
        let signature = key.sign(&message, attest.rng);
        let mut members =
            vec![(member::ALG.into(), key.algorithm().0.into()), (member::SIG.into(), Value::Bytes(signature))];
        if let Some(batch) = attest.batch {
            let chain = batch.chain.iter().cloned().map(Value::Bytes).collect();
            members.push((member::X5C.into(), Value::Array(chain)));
        }
        Value::Map(members)
    }
}
