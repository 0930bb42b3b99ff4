//! Key agreement: ECDH on P-256 (`ctap-2.2 §6.5.6`).
//!
//! Only the scalar is random, and it comes from the caller: what follows from it is the same with every library.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use lab_protocol::Random;

/// How often randomness is asked for a scalar before it is taken for broken.
const ATTEMPTS: usize = 64;

/// The authenticator's key of one protocol.
pub(crate) struct AgreementKey {
    private: PrivateKey,
    x: [u8; 32],
    y: [u8; 32],
}

impl AgreementKey {
    /// A new key; `None` where the randomness gives no scalar.
    pub fn generate(rng: &mut dyn Random) -> Option<Self> {
        (0..ATTEMPTS).find_map(|_| {
            let mut bytes = [0; 32];
            rng.fill(&mut bytes);
            Self::from_secret(&bytes)
        })
    }

    /// The key of a scalar; `None` outside of 1 to the order of the curve.
    pub fn from_secret(bytes: &[u8; 32]) -> Option<Self> {
        if *bytes == [0; 32] {
            return None;
        }
        let private = PrivateKey::from_private_key(&ECDH_P256, bytes).ok()?;
        let public = private.compute_public_key().ok()?;
        let (x, y) = public.as_ref().strip_prefix(&[4])?.split_first_chunk()?;
        Some(Self { private, x: *x, y: y.try_into().ok()? })
    }

    /// The coordinates of the public key.
    pub const fn public(&self) -> ([u8; 32], [u8; 32]) {
        (self.x, self.y)
    }

    /// The x coordinate of the point shared with the platform's key; `None` where that is no point of the
    /// curve (`04 x y`).
    pub fn shared(&self, point: &[u8; 65]) -> Option<[u8; 32]> {
        let peer = UnparsedPublicKey::new(&ECDH_P256, point);
        agree(&self.private, peer, (), |z| z.try_into().map_err(|_| ())).ok()
    }
}

impl std::fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AgreementKey")
    }
}
