//! Challenges: random ones, and ones of Entra's shape that authenticate themselves.
//!
//! Entra's registration challenge is the ASCII of a five-part JWE of about 5 kB, its sign-in challenge
//! that of `O.` and a three-part JWS (captures in MichaelGrafnetter/webauthn-interop @2d23b603; slides of
//! Black Hat USA 2026, read 2026-11-20). The lab's have that shape and length and carry a MAC of the lab's
//! own: the header names the key `PASSKEY-LAB`, where Entra's carry a certificate there is a sentence that
//! says so, and the algorithm of the sign-in token is HS256. Nothing here can pass for Microsoft's.

mod token;

use aws_lc_rs::{digest, hmac};
use jiff::{SignedDuration, Timestamp};
use lab_protocol::{Base64Url, Random, base64url};
use serde::{Deserialize, Serialize};

/// How long a random challenge is.
pub const RANDOM_LEN: usize = 32;
/// How long Entra's challenges live unless the options say otherwise.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// The longest text that is looked at as a challenge.
const MAX_LEN: usize = 16 * 1024;

/// A challenge: the bytes, and the text that they have in client data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Base64Url", into = "Base64Url")]
pub struct Challenge {
    bytes: Vec<u8>,
    text: String,
}

impl Challenge {
    /// 32 random bytes (`webauthn-3 §13.4.3` asks for at least 16). Whether it was issued, to whom and when
    /// is in the caller's store alone.
    #[must_use]
    pub fn random(rng: &mut (impl Random + ?Sized)) -> Self {
        let mut bytes = vec![0; RANDOM_LEN];
        rng.fill(&mut bytes);
        bytes.into()
    }

    /// The bytes that go into the options.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The base64url text that has to stand in the client data.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl From<Vec<u8>> for Challenge {
    fn from(bytes: Vec<u8>) -> Self {
        Self { text: base64url::encode(&bytes), bytes }
    }
}

impl From<Base64Url> for Challenge {
    fn from(bytes: Base64Url) -> Self {
        bytes.0.into()
    }
}

impl From<Challenge> for Base64Url {
    fn from(challenge: Challenge) -> Self {
        Self(challenge.bytes)
    }
}

/// What a challenge of Entra's shape is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Registration: a five-part token.
    EntraRegistration,
    /// Sign-in: `O.` and a three-part token.
    EntraSignIn,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::EntraRegistration => "a registration",
            Self::EntraSignIn => "a sign-in",
        })
    }
}

/// Why a challenge of Entra's shape is not one of this run's, or not usable now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// Not the shape of either kind.
    #[error("“{found}” has not the shape of a challenge: expected five parts, or “O.” and three parts")]
    Shape {
        /// What was found, shortened.
        found: String,
    },
    /// The MAC is not that of this run's key.
    #[error("the challenge was not issued by this laboratory run, or was altered")]
    Forged,
    /// Issued for the other ceremony.
    #[error("the challenge was issued for {found}, expected one for {expected}")]
    Purpose {
        /// What it is needed for.
        expected: Kind,
        /// What it was issued for.
        found: Kind,
    },
    /// Before its time.
    #[error("the challenge is valid from {not_before} on, it is {now}")]
    NotYetValid {
        /// The start of its life.
        not_before: Timestamp,
        /// When it was presented.
        now: Timestamp,
    },
    /// After its time.
    #[error("the challenge expired at {expires}, it is {now}")]
    Expired {
        /// The end of its life.
        expires: Timestamp,
        /// When it was presented.
        now: Timestamp,
    },
}

/// Issues and recognises challenges of Entra's shape. That each is used only once is for the caller's store.
#[derive(Debug, Clone)]
pub struct Challenges {
    key: hmac::Key,
}

impl Challenges {
    /// With the MAC key of a run.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let context: &[u8] = b"passkey-lab challenges v1";
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), context);
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()) }
    }

    /// With a key drawn from the run's randomness.
    #[must_use]
    pub fn from_random(rng: &mut (impl Random + ?Sized)) -> Self {
        let mut key = [0; 32];
        rng.fill(&mut key);
        Self::new(&key)
    }

    /// A challenge that lives for [`LIFETIME`] from `now` on.
    #[must_use]
    pub fn issue(&self, kind: Kind, now: Timestamp, rng: &mut (impl Random + ?Sized)) -> Challenge {
        self.issue_for(kind, now, LIFETIME, rng)
    }

    /// A challenge that lives for `lifetime` from `now` on, as Graph's `challengeTimeoutInMinutes` asks.
    #[must_use]
    pub fn issue_for(
        &self,
        kind: Kind,
        now: Timestamp,
        lifetime: SignedDuration,
        rng: &mut (impl Random + ?Sized),
    ) -> Challenge {
        let life = token::Life { issued: now.as_second(), expires: now.as_second().saturating_add(lifetime.as_secs()) };
        let text = match kind {
            Kind::EntraRegistration => token::registration(life, rng, |signed| self.mac(signed)),
            Kind::EntraSignIn => token::sign_in(life, rng, |signed| self.mac(signed)),
        };
        text.into_bytes().into()
    }

    /// Whether the bytes of a challenge are one that this run issued for `kind`, and `now` within its life.
    ///
    /// # Errors
    /// One variant for each cause; the MAC is looked at first.
    pub fn check(&self, challenge: &[u8], kind: Kind, now: Timestamp) -> Result<(), ChallengeError> {
        let text = std::str::from_utf8(challenge).ok().filter(|text| text.len() <= MAX_LEN);
        let token = text.and_then(token::Token::parse).ok_or_else(|| shape(challenge))?;
        let expected = self.mac(token.signed);
        if !token.tag.as_deref().is_some_and(|tag| token::same_tag(tag, expected.as_ref(), token.kind)) {
            return Err(ChallengeError::Forged);
        }
        if token.kind != kind {
            return Err(ChallengeError::Purpose { expected: kind, found: token.kind });
        }
        let life = token.life().ok_or(ChallengeError::Forged)?;
        life.check(now)
    }

    fn mac(&self, signed: &str) -> hmac::Tag {
        hmac::sign(&self.key, signed.as_bytes())
    }
}

fn shape(challenge: &[u8]) -> ChallengeError {
    ChallengeError::Shape { found: crate::text::shown(&String::from_utf8_lossy(challenge)) }
}

/// The hash under which a store can remember that a challenge was used, without keeping 5 kB of it.
#[must_use]
pub fn fingerprint(challenge: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, challenge);
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
