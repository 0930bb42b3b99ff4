//! A request as it is kept.

use lab_protocol::Message;
use lab_protocol::ctap2::Command;

/// A request, command byte included.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Recorded {
    /// A CTAP2 command byte and its CBOR.
    Ctap2(Vec<u8>),
    /// A CTAP1 APDU.
    Ctap1(Vec<u8>),
}

impl Recorded {
    /// The message that it was sent as.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        match self {
            Self::Ctap2(bytes) => Message::Cbor(bytes),
            Self::Ctap1(bytes) => Message::Msg(bytes),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Ctap2(bytes) | Self::Ctap1(bytes) => bytes,
        }
    }

    /// The CTAP2 command; `None` for CTAP1 and for nothing at all.
    #[must_use]
    pub fn command(&self) -> Option<Command> {
        match self {
            Self::Ctap2(bytes) => bytes.first().copied().map(Command),
            Self::Ctap1(_) => None,
        }
    }

    /// The command for people.
    #[must_use]
    pub fn name(&self) -> String {
        match (self, self.command()) {
            (_, Some(command)) => command.to_string(),
            (Self::Ctap2(_), None) => "nothing".to_owned(),
            (Self::Ctap1(apdu), None) => match apdu.get(1) {
                Some(1) => "U2F_REGISTER".to_owned(),
                Some(2) => "U2F_AUTHENTICATE".to_owned(),
                Some(3) => "U2F_VERSION".to_owned(),
                _ => "an APDU".to_owned(),
            },
        }
    }

    pub(super) fn of(message: Message<'_>) -> Self {
        match message {
            Message::Cbor(bytes) => Self::Ctap2(bytes.to_vec()),
            Message::Msg(bytes) => Self::Ctap1(bytes.to_vec()),
        }
    }

    pub(super) const fn bytes_mut(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Ctap2(bytes) | Self::Ctap1(bytes) => bytes,
        }
    }
}
