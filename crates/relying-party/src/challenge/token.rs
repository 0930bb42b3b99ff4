//! The two token shapes.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use lab_protocol::{Random, base64url};
use serde::Deserialize;

use super::{ChallengeError, Kind};

/// The key that every header names.
const KEY_ID: &str = "PASSKEY-LAB";
/// What stands where Entra has a certificate, so that nobody who decodes it is in doubt.
const LABEL: &str = "NOT A CERTIFICATE. This challenge was made by Passkey Lab, a laboratory, for a rehearsal. \
    It was not issued by Microsoft and no service of Microsoft accepts it.";
/// The audience of sign-in challenges.
const AUDIENCE: &str = "urn:microsoft:fido:challenge";
/// Who issues sign-in challenges here.
const ISSUER: &str = "https://passkey-lab.invalid";
/// The tag of A256GCM is 16 bytes; the MAC is cut to that.
const TAG_LEN: usize = 16;
/// An RSA-2048 block.
const KEY_LEN: usize = 256;
/// The initialisation vector of A256GCM.
const IV_LEN: usize = 12;
/// Makes the whole as long as the captured one: about 5200 characters.
const CIPHERTEXT_LEN: usize = 3230;

/// When a token starts and ends, in seconds since 1970.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Life {
    #[serde(rename = "iat")]
    pub issued: i64,
    #[serde(rename = "exp")]
    pub expires: i64,
}

impl Life {
    pub(super) fn check(self, now: Timestamp) -> Result<(), ChallengeError> {
        let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
        let (not_before, expires) = (at(self.issued), at(self.expires));
        match () {
            () if now.as_second() < self.issued => Err(ChallengeError::NotYetValid { not_before, now }),
            () if now > expires => Err(ChallengeError::Expired { expires, now }),
            () => Ok(()),
        }
    }
}

/// Header, encrypted key, initialisation vector, ciphertext, tag. What is opaque in Entra's is random here;
/// the times stand in the header.
pub(super) fn registration(
    life: Life,
    rng: &mut (impl Random + ?Sized),
    mac: impl FnOnce(&str) -> hmac::Tag,
) -> String {
    let (Life { issued, expires }, label) = (life, base64url::encode(LABEL));
    let header = format!(
        r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{KEY_ID}","x5c":["{label}"],"iat":{issued},"exp":{expires}}}"#
    );
    let mut opaque = [0; KEY_LEN + IV_LEN + CIPHERTEXT_LEN];
    rng.fill(&mut opaque);
    let (key, rest) = opaque.split_at(KEY_LEN);
    let (iv, ciphertext) = rest.split_at(IV_LEN);
    let mut token = base64url::encode(header);
    for part in [key, iv, ciphertext] {
        token.push('.');
        token.push_str(&base64url::encode(part));
    }
    let tag = mac(&token);
    token.push('.');
    token.push_str(&base64url::encode(tag.as_ref().get(..TAG_LEN).unwrap_or_default()));
    token
}

/// `O.`, header, claims, MAC. Entra's has no nonce, so that two of one second are equal; `jti` keeps the
/// lab's apart, as a store that allows each only once needs it.
pub(super) fn sign_in(life: Life, rng: &mut (impl Random + ?Sized), mac: impl FnOnce(&str) -> hmac::Tag) -> String {
    let Life { issued, expires } = life;
    let mut nonce = [0; 16];
    rng.fill(&mut nonce);
    let nonce = base64url::encode(nonce);
    let header = format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{KEY_ID}"}}"#);
    let claims = format!(
        r#"{{"aud":"{AUDIENCE}","iss":"{ISSUER}","iat":{issued},"nbf":{issued},"exp":{expires},"jti":"{nonce}"}}"#
    );
    let mut token = format!("{}.{}", base64url::encode(header), base64url::encode(claims));
    let tag = mac(&token);
    let _ = write!(token, ".{}", base64url::encode(tag.as_ref()));
    format!("O.{token}")
}

/// A token taken apart; nothing in it is believed before its tag was compared.
pub(super) struct Token<'t> {
    pub kind: Kind,
    /// What the MAC covers.
    pub signed: &'t str,
    /// The tag, where it is strict base64url.
    pub tag: Option<Vec<u8>>,
    /// The part that carries the times.
    timed: &'t str,
}

impl<'t> Token<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let (kind, token) = match text.strip_prefix("O.") {
            Some(token) => (Kind::EntraSignIn, token),
            None => (Kind::EntraRegistration, text),
        };
        let (signed, tag) = token.rsplit_once('.')?;
        let mut parts = signed.split('.');
        let (header, second) = (parts.next()?, parts.next()?);
        let (timed, rest) = match kind {
            Kind::EntraRegistration => (header, 2),
            Kind::EntraSignIn => (second, 0),
        };
        (parts.count() == rest).then(|| Self { kind, signed, tag: base64url::decode(tag).ok(), timed })
    }

    pub(super) fn life(&self) -> Option<Life> {
        serde_json::from_slice(&base64url::decode(self.timed).ok()?).ok()
    }
}

/// Compares in a time that depends on the length only.
pub(super) fn same_tag(found: &[u8], mac: &[u8], kind: Kind) -> bool {
    let expected = match kind {
        Kind::EntraRegistration => mac.get(..TAG_LEN).unwrap_or_default(),
        Kind::EntraSignIn => mac,
    };
    aws_lc_rs::constant_time::verify_slices_are_equal(found, expected).is_ok()
}
