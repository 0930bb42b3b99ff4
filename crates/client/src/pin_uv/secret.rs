//! The shared secret and what it encrypts and authenticates.

use std::fmt;

use aes::Aes256;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::{Decryptor, Encryptor};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Protocol;

const BLOCK: usize = 16;

/// What the platform and the authenticator know after a key agreement. It shows nothing of itself.
#[derive(Clone)]
pub struct SharedSecret {
    protocol: Protocol,
    hmac_key: Zeroizing<[u8; 32]>,
    aes_key: Zeroizing<[u8; 32]>,
}

impl SharedSecret {
    /// `kdf`, of the x coordinate of the shared point.
    #[must_use]
    pub fn derive(protocol: Protocol, z: &[u8; 32]) -> Self {
        let (mut hmac_key, mut aes_key) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
        match protocol {
            Protocol::One => {
                hmac_key.copy_from_slice(&Sha256::digest(z));
                aes_key.copy_from_slice(&*hmac_key);
            }
            Protocol::Two => {
                let kdf = Hkdf::<Sha256>::new(Some(&[0; 32]), z);
                for (key, info) in [(&mut hmac_key, &b"CTAP2 HMAC key"[..]), (&mut aes_key, b"CTAP2 AES key")] {
                    // 32 bytes are within what HKDF can give.
                    let _ = kdf.expand(info, &mut **key);
                }
            }
        }
        Self { protocol, hmac_key, aes_key }
    }

    /// The protocol that it belongs to.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// `encrypt`: whole blocks only. Protocol 1 does not use `iv`.
    ///
    /// # Panics
    /// `plaintext` is not a whole number of blocks.
    #[must_use]
    pub fn encrypt(&self, plaintext: &[u8], iv: [u8; BLOCK]) -> Vec<u8> {
        assert!(plaintext.len().is_multiple_of(BLOCK), "the protocols encrypt whole blocks");
        let (prefix, iv) = match self.protocol {
            Protocol::One => (Vec::new(), [0; BLOCK]),
            Protocol::Two => (iv.to_vec(), iv),
        };
        let cipher = Encryptor::<Aes256>::new((&*self.aes_key).into(), &iv.into());
        [prefix, cipher.encrypt_padded_vec::<NoPadding>(plaintext)].concat()
    }

    /// `decrypt`; `None` where the length is that of no ciphertext.
    #[must_use]
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (iv, blocks) = match self.protocol {
            Protocol::One => ([0; BLOCK], ciphertext),
            Protocol::Two => ciphertext.split_first_chunk::<BLOCK>().map(|(iv, blocks)| (*iv, blocks))?,
        };
        let cipher = Decryptor::<Aes256>::new((&*self.aes_key).into(), &iv.into());
        cipher.decrypt_padded_vec::<NoPadding>(blocks).ok().map(Zeroizing::new)
    }

    /// `authenticate` under the secret's own key.
    #[must_use]
    pub fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        authenticate(self.protocol, &*self.hmac_key, message)
    }
}

/// HMAC-SHA-256, cut to 16 bytes in protocol 1.
pub(super) fn authenticate(protocol: Protocol, key: &[u8], message: &[u8]) -> Vec<u8> {
    let length = match protocol {
        Protocol::One => 16,
        Protocol::Two => 32,
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes()[..length].to_vec()
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedSecret({})", self.protocol)
    }
}
