//! The pinUvAuthToken.

use std::fmt;

use aes::{Aes128, Block};
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Protocol, SharedSecret, secret};

/// A pinUvAuthToken. It shows nothing of itself.
#[derive(Clone)]
pub struct Token {
    protocol: Protocol,
    value: Zeroizing<Vec<u8>>,
}

impl Token {
    /// The token that an authenticator sent under `secret`: 32 bytes, or any whole number of blocks from an
    /// authenticator of CTAP 2.0 (protocol 1). `None` where it is neither.
    #[must_use]
    pub fn decrypt(secret: &SharedSecret, encrypted: &[u8]) -> Option<Self> {
        let value = secret.decrypt(encrypted)?;
        let valid = match secret.protocol() {
            Protocol::One => !value.is_empty(),
            Protocol::Two => value.len() == 32,
        };
        valid.then_some(Self { protocol: secret.protocol(), value })
    }

    /// The token with this value.
    #[must_use]
    pub fn new(protocol: Protocol, value: &[u8]) -> Self {
        Self { protocol, value: Zeroizing::new(value.to_vec()) }
    }

    /// The protocol that it was given under.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Its bytes.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// What getInfo tells only to the holder of the persistent token: member `info`, `encIdentifier` or
    /// `encCredStoreState` (`ctap-2.3 §6.4`). `None` where it is no initialization vector and one block.
    #[must_use]
    pub fn unseal(&self, info: &str, sealed: &[u8]) -> Option<[u8; 16]> {
        let (iv, block) = sealed.split_first_chunk::<16>()?;
        let mut block = Block::from(*<&[u8; 16]>::try_from(block).ok()?);
        let mut key = Zeroizing::new([0; 16]);
        Hkdf::<Sha256>::new(Some(&[0; 32]), &self.value).expand(info.as_bytes(), &mut *key).ok()?;
        Decryptor::<Aes128>::new((&*key).into(), iv.into()).decrypt_block(&mut block);
        Some(block.into())
    }

    /// `pinUvAuthParam` over a message.
    #[must_use]
    pub fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        secret::authenticate(self.protocol, &self.value, message)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.protocol)
    }
}
