//! The state in which people use an authenticator, without the way that leads there.

use crate::engine::Authenticator;
use crate::pin::NewPin;
use crate::state::Template;

/// A PIN that the model refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{model} takes no PIN of {found} characters: it wants {minimum} to {maximum}, and no trivial ones")]
pub struct PinRefused {
    /// The model's name.
    pub model: String,
    /// How long the PIN is, in code points.
    pub found: usize,
    /// The shortest, in code points.
    pub minimum: u8,
    /// The longest, in bytes.
    pub maximum: usize,
}

impl Authenticator {
    /// The same as its user has it, not as it left the factory: a PIN is set where the model takes one, and a
    /// finger is enrolled where it has a sensor for fingers.
    ///
    /// # Errors
    /// The model refuses the PIN.
    pub fn set_up(mut self, pin: &str) -> Result<Self, PinRefused> {
        if self.option("clientPin").is_some() {
            let policy = self.pin_policy();
            let refused = |_| PinRefused {
                model: self.model.name.clone(),
                found: pin.chars().count(),
                minimum: policy.min_length,
                maximum: policy.max_length,
            };
            let new = NewPin::new(pin.as_bytes(), &policy).map_err(refused)?;
            self.store_pin(new);
        }
        if self.option("bioEnroll").or_else(|| self.option("userVerificationMgmtPreview")).is_some() {
            let id = self.env.random::<2>().to_vec();
            self.state.change(|state| state.templates.push(Template { id, name: None }));
        }
        Ok(self)
    }
}
