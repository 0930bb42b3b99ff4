//! `compound` (`webauthn-3 §8.9`): several statements about one credential.

use ciborium::Value;

use super::{Attest, Attestor, EmitError, Format, known};
use crate::layout::member;
use crate::vendors::Maker;

/// The fewest parts.
const FEWEST: usize = 2;

/// The format.
pub(super) struct Compound;

impl Format for Compound {
    fn id(&self) -> &'static str {
        "compound"
    }

    fn attestor(&self, maker: &Maker<'_>) -> Result<Attestor, EmitError> {
        let parts = &maker.model.parts;
        if parts.len() < FEWEST || parts.iter().any(|part| part == self.id()) {
            return Err(EmitError::Parts { found: parts.clone() });
        }
        let attestors = parts.iter().map(|part| Ok((part.clone(), maker.part(part)?)));
        attestors.collect::<Result<_, EmitError>>().map(Attestor::Parts)
    }

    fn per_device(&self) -> bool {
        true
    }

    fn statement(&self, attest: Attest<'_>) -> Result<Value, EmitError> {
        let Some(Attestor::Parts(parts)) = attest.attestor else {
            return Err(EmitError::Attestor { fmt: self.id() });
        };
        let mut statements = Vec::with_capacity(parts.len());
        for (fmt, attestor) in parts {
            let part = Attest { attestor: Some(attestor), rng: &mut *attest.rng, ..attest };
            let statement = known(fmt)?.statement(part)?;
            statements.push(Value::Map(vec![
                (member::FMT.into(), fmt.as_str().into()),
                (member::ATT_STMT.into(), statement),
            ]));
        }
        Ok(Value::Array(statements))
    }
}
