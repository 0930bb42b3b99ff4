//! The platform's side of the PIN/UV auth protocols (`ctap-2.2 §6.5.6, §6.5.7`).
//!
//! ```text
//! encapsulate: platform key, authenticator's key ──ECDH──> Z ──kdf──> SharedSecret
//! SharedSecret: encrypt, decrypt, authenticate          Token: authenticate
//! ```
//!
//! Nothing here draws random bytes: ephemeral keys and initialization vectors are arguments.

mod secret;
mod token;

use std::fmt;

use lab_protocol::ctap2::KeyAgreement;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey, ecdh};

pub use secret::SharedSecret;
pub use token::Token;

/// A PIN/UV auth protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// `1`: one key by SHA-256, initialization vectors of zeros, MACs of 16 bytes.
    One,
    /// `2`: two keys by HKDF, random initialization vectors, MACs of 32 bytes.
    Two,
}

/// Why no secret can be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyAgreementError {
    /// The authenticator's key is of another type, or not on the curve.
    #[error("the authenticator's key agreement key is no point on P-256")]
    Peer,
    /// The random bytes are no private key; others will be.
    #[error("the random bytes are no private key of P-256")]
    Private,
}

impl Protocol {
    /// The protocol with this number, where it is known here.
    #[must_use]
    pub const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => None,
        }
    }

    /// `pinUvAuthProtocol`.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    /// `encapsulate`: the platform's public key and the secret that it shares with the authenticator.
    ///
    /// # Errors
    /// One of the keys is none.
    pub fn encapsulate(
        self,
        peer: &KeyAgreement,
        private: &[u8; 32],
    ) -> Result<(KeyAgreement, SharedSecret), KeyAgreementError> {
        let point = peer.point().ok_or(KeyAgreementError::Peer)?;
        let peer = PublicKey::from_sec1_bytes(&point).map_err(|_| KeyAgreementError::Peer)?;
        let private = SecretKey::from_slice(private).map_err(|_| KeyAgreementError::Private)?;
        let z = ecdh::diffie_hellman(private.to_nonzero_scalar(), peer.as_affine());
        let z: &[u8; 32] = z.raw_secret_bytes().as_ref();
        Ok((public(&private), SharedSecret::derive(self, z)))
    }
}

/// The public half of a private key, as it is sent; `None` where the bytes are no private key.
pub(crate) fn public_key(private: &[u8; 32]) -> Option<KeyAgreement> {
    SecretKey::from_slice(private).ok().map(|private| public(&private))
}

fn public(private: &SecretKey) -> KeyAgreement {
    let point = private.public_key().to_sec1_point(false);
    let (mut x, mut y) = ([0; 32], [0; 32]);
    x.copy_from_slice(&point.as_bytes()[1..33]);
    y.copy_from_slice(&point.as_bytes()[33..]);
    KeyAgreement::p256(x, y)
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PIN/UV auth protocol {}", self.number())
    }
}

#[cfg(test)]
mod tests;
