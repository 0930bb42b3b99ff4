//! PIN/UV auth protocols one and two (`ctap-2.2 §6.5.6, §6.5.7`).

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes256, Block};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use lab_protocol::Random;
use sha2::Sha256;

/// AES-CBC's initialization vector, in bytes.
const IV: usize = 16;
/// The key of HMAC and of AES, in bytes.
const KEY: usize = 32;

/// A PIN/UV auth protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    One,
    Two,
}

impl Protocol {
    /// The protocol of a number.
    pub fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => None,
        }
    }

    /// `authenticate(key, message)`: HMAC-SHA-256, of which protocol one sends the first half. Of a shared
    /// secret of protocol two only the HMAC key is used.
    #[cfg(test)]
    pub fn authenticate(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        mac(key, message).map_or_else(Vec::new, |mac| mac.finalize().into_bytes()[..self.mac_len()].to_vec())
    }

    /// `verify(key, message, signature)`, in constant time; a signature of another length is wrong.
    pub fn verify(self, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        signature.len() == self.mac_len()
            && mac(key, message).is_some_and(|mac| mac.verify_truncated_left(signature).is_ok())
    }

    /// `kdf(Z)`, where Z is the x coordinate of the shared point.
    pub fn shared_secret(self, z: &[u8]) -> SharedSecret {
        let bytes = match self {
            Self::One => lab_attestation::sha256(z).to_vec(),
            Self::Two => [hkdf(z, b"CTAP2 HMAC key"), hkdf(z, b"CTAP2 AES key")].concat(),
        };
        SharedSecret { protocol: self, bytes }
    }

    const fn mac_len(self) -> usize {
        match self {
            Self::One => 16,
            Self::Two => 32,
        }
    }
}

fn mac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    let key = key.get(..KEY).unwrap_or(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac)
}

fn hkdf(z: &[u8], info: &[u8]) -> [u8; KEY] {
    let mut key = [0; KEY];
    // 32 bytes are one block of SHA-256: always within HKDF's limit.
    let made = Hkdf::<Sha256>::new(Some(&[0; KEY]), z).expand(info, &mut key);
    debug_assert!(made.is_ok());
    key
}

/// What platform and authenticator agreed on.
#[derive(Clone)]
pub(crate) struct SharedSecret {
    protocol: Protocol,
    bytes: Vec<u8>,
}

impl SharedSecret {
    /// `encrypt(key, plaintext)`: AES-256-CBC without padding. Protocol two puts a random initialization
    /// vector in front. `None` where the plaintext is not whole blocks.
    pub fn encrypt(&self, plaintext: &[u8], rng: &mut dyn Random) -> Option<Vec<u8>> {
        let mut iv = [0; IV];
        let mut out = Vec::with_capacity(IV + plaintext.len());
        if self.protocol == Protocol::Two {
            rng.fill(&mut iv);
            out.extend(iv);
        }
        let mut buffer = plaintext.to_vec();
        let (blocks, []) = Block::slice_as_chunks_mut(&mut buffer) else { return None };
        cbc::Encryptor::<Aes256>::new_from_slices(self.aes_key(), &iv).ok()?.encrypt_blocks(blocks);
        out.extend(buffer);
        Some(out)
    }

    /// `decrypt(key, ciphertext)`. `None` where the ciphertext cannot be one.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let (iv, ciphertext) = match self.protocol {
            Protocol::One => ([0; IV], ciphertext),
            Protocol::Two => ciphertext.split_first_chunk::<IV>().map(|(iv, rest)| (*iv, rest))?,
        };
        let mut buffer = ciphertext.to_vec();
        let (blocks, []) = Block::slice_as_chunks_mut(&mut buffer) else { return None };
        cbc::Decryptor::<Aes256>::new_from_slices(self.aes_key(), &iv).ok()?.decrypt_blocks(blocks);
        Some(buffer)
    }

    /// `verify(key, message, signature)`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.protocol.verify(&self.bytes, message, signature)
    }

    /// `authenticate(key, message)`, as the platform does.
    #[cfg(test)]
    pub fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        self.protocol.authenticate(&self.bytes, message)
    }

    #[cfg(test)]
    pub fn from_bytes(protocol: Protocol, bytes: Vec<u8>) -> Self {
        Self { protocol, bytes }
    }

    #[cfg(test)]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The last 32 bytes: all of protocol one's, the second half of protocol two's.
    fn aes_key(&self) -> &[u8] {
        &self.bytes[self.bytes.len() - KEY..]
    }
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedSecret").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}
