//! User verification by PIN and by token (`ctap-2.2 §6.5`): what authenticatorClientPIN works on.
//!
//! * [`Protocol`], [`SharedSecret`], [`AgreementKey`]: PIN/UV auth protocols one and two.
//! * [`NewPin`]: what a PIN may be, and what is kept of it.
//! * [`Session`]: what the loss of power ends: key agreement keys, the [`Token`] in use, wrong PINs in a row.
//!
//! Nothing here knows a command; `commands/client_pin.rs` and `authorize.rs` do.

mod agreement;
mod new_pin;
mod protocol;
mod sealed;
mod session;
mod token;

pub(crate) use agreement::AgreementKey;
pub(crate) use new_pin::{NewPin, PinError, PinPolicy};
pub(crate) use protocol::{Protocol, SharedSecret};
pub(crate) use sealed::seal;
pub(crate) use session::Session;
pub(crate) use token::Token;

#[cfg(test)]
mod tests;
