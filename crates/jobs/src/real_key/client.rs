//! The client at a real key: the lab's own, or one that nobody here wrote.

use lab_client::manage::credentials::{Metadata, RelyingParty};
use lab_client::manage::pin::PinState;
use lab_client::{Authentication, Cause, Client, ClientError, Context, Pin, Registration, manage};
use lab_protocol::DeviceError;
use lab_protocol::ctap2::{Descriptor, StatusCode, get_info};
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};

use crate::ceremony::ClientRefusal;

/// Why a key gave nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Denial {
    /// No reply could be had.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A reply that cannot be used: whether something was done is open.
    #[error("{0}")]
    Unusable(String),
    /// The key does not have it.
    #[error("{0}")]
    Lacks(String),
    /// The key or the client refused, so nothing was done.
    #[error("{}", .refusal.message)]
    Refused {
        /// As a page would see it.
        refusal: Box<ClientRefusal>,
        /// The key's answer, where it was the key.
        status: Option<StatusCode>,
    },
}

impl From<ClientError> for Denial {
    fn from(error: ClientError) -> Self {
        match *error.cause {
            Cause::Device(error) => Self::Device(error),
            Cause::Reply { .. } | Cause::OutOfTurn => Self::Unusable(error.cause.to_string()),
            Cause::NoCommand { .. } => Self::Lacks(error.cause.to_string()),
            _ => Self::Refused { status: error.ctap, refusal: Box::new(ClientRefusal::of(&error)) },
        }
    }
}

impl Denial {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Device(DeviceError::Gone(_)) => {
                "plug the key in again and repeat the command; `passkey-lab key credentials clean` deletes what it \
                 may have written"
                    .to_owned()
            }
            Self::Device(DeviceError::Busy) => {
                "close the dialog of the browser or the program that waits for the key, then try again".to_owned()
            }
            Self::Device(DeviceError::Garbled(_)) | Self::Unusable(_) => {
                "unplug the key, plug it in again, and try again; `passkey-lab conformance authenticator` shows what \
                 it does wrong"
                    .to_owned()
            }
            Self::Lacks(_) => "the maker's own tool can do it, if the key can at all".to_owned(),
            Self::Refused { refusal, .. } => return refusal.hint.clone(),
        })
    }
}

/// What is done with a key.
pub trait KeyClient {
    /// What it says of itself.
    ///
    /// # Errors
    /// [`Denial`], here and below.
    fn info(&mut self) -> Result<get_info::Response, Denial>;

    /// `navigator.credentials.create`.
    fn create(
        &mut self,
        options: &PublicKeyCredentialCreationOptions,
        context: &Context,
    ) -> Result<Registration, Denial>;

    /// `navigator.credentials.get`.
    fn get(&mut self, options: &PublicKeyCredentialRequestOptions, context: &Context)
    -> Result<Authentication, Denial>;

    /// How many discoverable credentials it holds, and how many more fit.
    fn slots(&mut self) -> Result<Metadata, Denial>;

    /// What it holds.
    fn credentials(&mut self) -> Result<Vec<RelyingParty>, Denial>;

    /// Deletes one credential.
    fn delete(&mut self, id: Descriptor) -> Result<(), Denial>;

    /// The state of its PIN; uses up no attempt.
    fn pin_state(&mut self) -> Result<PinState, Denial>;

    /// Gives it its first PIN.
    fn set_pin(&mut self, new: Pin) -> Result<(), Denial>;

    /// Replaces its PIN.
    fn change_pin(&mut self, current: Pin, new: Pin) -> Result<(), Denial>;

    /// Deletes everything on it.
    fn reset(&mut self) -> Result<(), Denial>;
}

impl KeyClient for Client<'_> {
    fn info(&mut self) -> Result<get_info::Response, Denial> {
        Ok(self.run(manage::info())?)
    }

    fn create(
        &mut self,
        options: &PublicKeyCredentialCreationOptions,
        context: &Context,
    ) -> Result<Registration, Denial> {
        Ok(Client::create(self, options, context)?)
    }

    fn get(
        &mut self,
        options: &PublicKeyCredentialRequestOptions,
        context: &Context,
    ) -> Result<Authentication, Denial> {
        Ok(Client::get(self, options, context)?)
    }

    fn slots(&mut self) -> Result<Metadata, Denial> {
        Ok(self.run(manage::credentials::metadata())?)
    }

    fn credentials(&mut self) -> Result<Vec<RelyingParty>, Denial> {
        Ok(self.run(manage::credentials::list())?)
    }

    fn delete(&mut self, id: Descriptor) -> Result<(), Denial> {
        Ok(self.run(manage::credentials::delete(id))?)
    }

    fn pin_state(&mut self) -> Result<PinState, Denial> {
        Ok(self.run(manage::pin::state())?)
    }

    fn set_pin(&mut self, new: Pin) -> Result<(), Denial> {
        Ok(self.run(manage::pin::set(new))?)
    }

    fn change_pin(&mut self, current: Pin, new: Pin) -> Result<(), Denial> {
        Ok(self.run(manage::pin::change(current, new))?)
    }

    fn reset(&mut self) -> Result<(), Denial> {
        Ok(self.run(manage::reset())?)
    }
}
