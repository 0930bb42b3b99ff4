//! `none` (`webauthn-3 §8.7`): the empty map.

use ciborium::Value;

use super::{Attest, EmitError, Format};

/// The format.
pub(super) struct NoAttestation;

impl Format for NoAttestation {
    fn id(&self) -> &'static str {
        "none"
    }

    fn statement(&self, _attest: Attest<'_>) -> Result<Value, EmitError> {
        Ok(Value::Map(Vec::new()))
    }
}
