//! What of user verification the loss of power ends.

use jiff::Timestamp;
use lab_protocol::Random;
use lab_protocol::ctap2::KeyAgreement;

use super::{AgreementKey, Protocol, SharedSecret, Token};

/// After this many wrong PINs in a row no PIN is taken until power was lost.
const MAX_MISMATCHES: u8 = 3;

/// Keys, token and counters since power-up.
#[derive(Debug, Default)]
pub(crate) struct Session {
    one: Option<AgreementKey>,
    two: Option<AgreementKey>,
    token: Option<Token>,
    mismatches: u8,
}

impl Session {
    /// The public key of a protocol, made when it is first needed; `None` where randomness fails.
    pub fn public_key(&mut self, protocol: Protocol, rng: &mut dyn Random) -> Option<([u8; 32], [u8; 32])> {
        self.key(protocol, rng).map(|key| key.public())
    }

    /// `decapsulate(peerCoseKey)`: `None` where the platform's key is no point of the curve.
    pub fn decapsulate(
        &mut self,
        protocol: Protocol,
        platform: &KeyAgreement,
        rng: &mut dyn Random,
    ) -> Option<SharedSecret> {
        let z = self.key(protocol, rng)?.shared(&platform.point()?)?;
        Some(protocol.shared_secret(&z))
    }

    /// `regenerate()`: what the platform agreed on is worth nothing any more.
    pub fn regenerate(&mut self, protocol: Protocol) {
        *self.slot(protocol) = None;
    }

    fn key(&mut self, protocol: Protocol, rng: &mut dyn Random) -> Option<&AgreementKey> {
        let slot = self.slot(protocol);
        if slot.is_none() {
            *slot = AgreementKey::generate(rng);
        }
        slot.as_ref()
    }

    fn slot(&mut self, protocol: Protocol) -> &mut Option<AgreementKey> {
        match protocol {
            Protocol::One => &mut self.one,
            Protocol::Two => &mut self.two,
        }
    }

    /// The token in use, if its time is not over.
    pub fn token(&mut self, now: Timestamp) -> Option<&mut Token> {
        if self.token.as_mut().is_some_and(|token| !token.observe(now)) {
            self.token = None;
        }
        self.token.as_mut()
    }

    /// resetPinUvAuthToken for every protocol, then beginUsing: at most one token is in use.
    pub fn begin(&mut self, token: Token) {
        self.token = Some(token);
    }

    /// resetPinUvAuthToken for every protocol.
    pub fn end(&mut self) {
        self.token = None;
    }

    /// Whether wrong PINs have blocked it until power is lost: powerCycleState.
    pub const fn is_blocked(&self) -> bool {
        self.mismatches >= MAX_MISMATCHES
    }

    /// Counts a PIN that was compared.
    pub fn compared(&mut self, right: bool) {
        self.mismatches = if right { 0 } else { self.mismatches.saturating_add(1) };
    }
}
