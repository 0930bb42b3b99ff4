//! An emulated key by itself, as it is delivered: for a door.

use std::sync::Arc;

pub use lab_authenticator::Authenticator;
use lab_authenticator::StateError;
use lab_peers::passkey_rs;
use lab_protocol::Env;

use crate::error::JobError;
use crate::models::Choice;
use crate::world::{Part, World};

/// A key of a model, or as it was when its state was written.
///
/// # Errors
/// The model is no emulated one; the state is none, or of another model.
pub fn key(model: &Choice, state: Option<&[u8]>, world: &World) -> Result<Authenticator, JobError> {
    let Choice::Emulated(model) = model else {
        return Err(JobError::Usage {
            what: format!("{} is no emulated key", passkey_rs::ID),
            hint: Some("`passkey-lab models list` shows the models that are".to_owned()),
        });
    };
    let env = Env::honest(world.stream(Part::Authenticator));
    let mut key = Authenticator::new(Arc::clone(model), world.vendors(), world.backend(), env);
    if let Some(state) = state {
        key.restore(state).map_err(|error: StateError| JobError::KeyState(error.to_string()))?;
    }
    Ok(key)
}
