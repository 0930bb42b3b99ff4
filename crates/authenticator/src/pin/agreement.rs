//! Key agreement: ECDH on P-256 (`ctap-2.2 §6.5.6`).

use lab_protocol::Random;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};

/// How often randomness is asked for a scalar before it is taken for broken.
const ATTEMPTS: usize = 64;

/// The authenticator's key of one protocol.
#[derive(Clone)]
pub(crate) struct AgreementKey(SecretKey);

impl AgreementKey {
    /// A new key; `None` where the randomness gives no scalar.
    pub fn generate(rng: &mut dyn Random) -> Option<Self> {
        (0..ATTEMPTS).find_map(|_| {
            let mut bytes = [0; 32];
            rng.fill(&mut bytes);
            Self::from_secret(&bytes)
        })
    }

    pub fn from_secret(bytes: &[u8; 32]) -> Option<Self> {
        SecretKey::from_slice(bytes).ok().map(Self)
    }

    /// The coordinates of the public key.
    pub fn public(&self) -> ([u8; 32], [u8; 32]) {
        let point = self.0.public_key().to_sec1_point(false);
        let bytes = point.as_bytes();
        let half = |from: usize| {
            let mut half = [0; 32];
            half.copy_from_slice(&bytes[from..from + 32]);
            half
        };
        (half(1), half(33))
    }

    /// The x coordinate of the point shared with the platform's key; `None` where that is no point of the
    /// curve (`04 x y`).
    pub fn shared(&self, point: &[u8; 65]) -> Option<[u8; 32]> {
        let public = PublicKey::from_sec1_bytes(point).ok()?;
        let shared = p256::ecdh::diffie_hellman(self.0.to_nonzero_scalar(), public.as_affine());
        Some((*shared.raw_secret_bytes()).into())
    }
}

impl std::fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AgreementKey")
    }
}
