//! Why a ceremony gives no response: as a page sees it, and as an administrator needs it.

use std::fmt;

use lab_protocol::DeviceError;
use lab_protocol::ctap2::{Command, MessageError, Permissions, StatusCode};

use crate::flow::FlowError;
use crate::options::OptionsError;
use crate::origin::OriginError;
use crate::pin::PinError;
use crate::pin_uv::KeyAgreementError;
use crate::rp_id::RpIdError;

/// A ceremony that the client or the authenticator refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name}: {cause}")]
pub struct ClientError {
    /// What the page's promise is rejected with.
    pub name: DomName,
    /// What the authenticator answered, where it was one that refused.
    pub ctap: Option<StatusCode>,
    /// The cause, with the values that decided it.
    pub cause: Box<Cause>,
}

/// Names of DOM exceptions and of `TypeError`, as scripts see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DomName {
    /// The person or the authenticator said no, or none could serve.
    NotAllowed,
    /// The authenticator already holds a credential of the exclude list.
    InvalidState,
    /// The caller may not use this RP ID.
    Security,
    /// The authenticator cannot do what was required.
    Constraint,
    /// No key type or extension that was asked for is supported.
    NotSupported,
    /// The options have the wrong shape.
    Type,
    /// A member of the options is not base64url.
    Encoding,
    /// A member of the options contradicts another.
    Syntax,
}

impl DomName {
    /// The name, such as `NotAllowedError`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "NotAllowedError",
            Self::InvalidState => "InvalidStateError",
            Self::Security => "SecurityError",
            Self::Constraint => "ConstraintError",
            Self::NotSupported => "NotSupportedError",
            Self::Type => "TypeError",
            Self::Encoding => "EncodingError",
            Self::Syntax => "SyntaxError",
        }
    }
}

impl fmt::Display for DomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One cause of a refusal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Cause {
    /// The options cannot be used.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The caller's origin cannot use WebAuthn.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The caller may not use the RP ID.
    #[error(transparent)]
    RpId(#[from] RpIdError),
    /// The authenticator cannot be reached in this way.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// The options ask for another kind of authenticator.
    #[error("the options ask for authenticatorAttachment {wanted}, this authenticator is {found}")]
    Attachment {
        /// What the options ask for.
        wanted: String,
        /// What the authenticator is, on this way.
        found: &'static str,
    },
    /// A discoverable credential is required, the authenticator cannot keep one.
    #[error("a discoverable credential is required, the authenticator cannot keep one (getInfo option rk is {found})")]
    NoResidentKeys {
        /// The option `rk`: `false` or `absent`.
        found: &'static str,
    },
    /// User verification is required, the authenticator has none.
    #[error("user verification is required, the authenticator has neither built-in verification nor a PIN")]
    NoUserVerification,
    /// User verification is required, the authenticator's own is not set up.
    #[error("user verification is required, the authenticator's own is not set up (getInfo option uv is false)")]
    VerificationNotSetUp,
    /// The authenticator demands its PIN, and nobody gave one.
    #[error("the authenticator demands its PIN, and none was given")]
    PinRequired {
        /// Its answer, where it was asked.
        status: Option<StatusCode>,
    },
    /// User verification is required, and the authenticator's PIN was never set.
    #[error("user verification is required, and the authenticator has no PIN yet")]
    PinNotSet {
        /// Its answer, where it was asked.
        status: Option<StatusCode>,
    },
    /// The authenticator demands another PIN before it serves with this one.
    #[error("the authenticator demands that its PIN be changed first")]
    PinMustChange,
    /// A PIN that the authenticator would refuse.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The authenticator gives no token for this.
    #[error("the authenticator has no way to give a pinUvAuthToken with the permissions {permissions}")]
    NoToken {
        /// What the token is for.
        permissions: Permissions,
    },
    /// None of its PIN/UV auth protocols is known.
    #[error("the authenticator speaks the PIN/UV auth protocols {found:?}, this client 1 and 2")]
    NoProtocol {
        /// What getInfo lists.
        found: Vec<i64>,
    },
    /// The authenticator does not have a command.
    #[error("the authenticator does not have {command} (getInfo option {option} is not true)")]
    NoCommand {
        /// The command.
        command: Command,
        /// The option that announces it.
        option: &'static str,
    },
    /// What is to be written does not fit.
    #[error("the large-blob array would have {found} bytes, the authenticator keeps {allowed}")]
    LargeBlobs {
        /// Bytes of the array.
        found: usize,
        /// The authenticator's maxSerializedLargeBlobArray.
        allowed: usize,
    },
    /// largeBlob is required, the authenticator does not support it.
    #[error("the options require largeBlob, the authenticator does not support it for this credential")]
    NoLargeBlob,
    /// A protection that the options enforce is not supported.
    #[error("the options enforce credentialProtectionPolicy {policy}, the authenticator does not know credProtect")]
    NoCredProtect {
        /// The policy asked for.
        policy: String,
    },
    /// The request is longer than the authenticator takes.
    #[error("the request has {found} bytes, the authenticator takes at most {allowed}")]
    TooLong {
        /// Bytes of the request.
        found: usize,
        /// The authenticator's maxMsgSize.
        allowed: usize,
    },
    /// No credential of the allow list is of a type that exists.
    #[error("none of the {found} entries of allowCredentials has the type public-key")]
    NoUsableDescriptor {
        /// The number of entries.
        found: usize,
    },
    /// The authenticator holds none of the credentials of a list too long for one request.
    #[error("the authenticator holds none of the {found} credentials of allowCredentials")]
    NoneOfTheList {
        /// The number of entries.
        found: usize,
    },
    /// The authenticator refused.
    #[error("the authenticator answered {status} to {command}")]
    Refused {
        /// What it was asked.
        command: Command,
        /// What it answered.
        status: StatusCode,
        /// Whether a discoverable credential was required.
        resident_key_required: bool,
    },
    /// The authenticator's reply cannot be used.
    #[error("the reply to {command} cannot be used: {error}")]
    Reply {
        /// What it was asked.
        command: Command,
        /// What is wrong with the answer.
        error: ReplyError,
    },
    /// No reply could be had.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Several accounts, and none was chosen.
    #[error("the authenticator holds {found} accounts for this site, and none of them was chosen")]
    NotChosen {
        /// The number of accounts.
        found: usize,
    },
    /// A reply came when none was asked for.
    #[error("the ceremony was resumed with a reply although it waits for none")]
    OutOfTurn,
}

/// What is wrong with a reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Not even a status byte.
    #[error("it is empty")]
    Empty,
    /// Its CBOR cannot be read.
    #[error("{0}")]
    Message(MessageError),
    /// The authenticator data is too short to hold a credential id.
    #[error("its authenticator data of {found} bytes holds no credential id")]
    NoCredentialId {
        /// The length of the authenticator data.
        found: usize,
    },
    /// It does not say which credential signed, and the allow list leaves it open.
    #[error("it names no credential, and allowCredentials had {listed} entries")]
    NoCredential {
        /// The number of entries in the allow list.
        listed: usize,
    },
    /// The key of its key agreement cannot be used.
    #[error("{0}")]
    KeyAgreement(KeyAgreementError),
    /// The encrypted token has a length that none has.
    #[error("its encrypted pinUvAuthToken has {found} bytes, which is the length of none")]
    Token {
        /// The length found.
        found: usize,
    },
    /// A member that the command always answers is absent.
    #[error("it lacks {0}")]
    Missing(&'static str),
    /// It goes on for longer than anything does.
    #[error("it announces {found} {what}, at most {allowed} are read")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// The number announced.
        found: i64,
        /// The cap.
        allowed: usize,
    },
    /// Without an allow list it has to name the account.
    #[error("it names no account (user), although no allowCredentials were given")]
    NoUserHandle,
}

impl<C: Into<Cause>> From<C> for ClientError {
    fn from(cause: C) -> Self {
        let cause = cause.into();
        Self { name: cause.name(), ctap: cause.ctap(), cause: Box::new(cause) }
    }
}

impl ClientError {
    /// What to do about it, where anything can be done.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        self.cause.hint()
    }
}

impl Cause {
    /// What a page is told (`webauthn-3 §5.1.3, §5.1.4`).
    #[must_use]
    pub const fn name(&self) -> DomName {
        match self {
            Self::Options(error) => error.name(),
            Self::Origin(error) => error.name(),
            Self::RpId(_) => DomName::Security,
            Self::Refused { status, resident_key_required, .. } => refused(*status, *resident_key_required),
            _ => DomName::NotAllowed,
        }
    }

    /// The status that the authenticator answered, where it was one that refused.
    #[must_use]
    pub const fn ctap(&self) -> Option<StatusCode> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::PinRequired { status } | Self::PinNotSet { status } => *status,
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Options(error) => return error.hint(),
            Self::Origin(error) => error.hint(),
            Self::RpId(error) => error.hint(),
            Self::Flow(error) => error.hint(),
            Self::Attachment { .. } => {
                "Graph's creationOptions ask for cross-platform, which keeps platform authenticators out; the Security info page sends other options."
            }
            Self::NoResidentKeys { .. } => {
                "Entra ID takes discoverable credentials only: use a FIDO2 key with resident keys."
            }
            Self::NoUserVerification => {
                "Entra ID always requires user verification: this authenticator cannot be used."
            }
            Self::VerificationNotSetUp => "Enrol a fingerprint or set up the screen lock first.",
            Self::PinRequired { .. } => "Give the PIN of the security key.",
            Self::PinMustChange => "Change the PIN of the security key, then try again.",
            Self::PinNotSet { .. } => "Set a PIN on the security key first.",
            Self::NoneOfTheList { .. } => refused_hint(StatusCode::NO_CREDENTIALS)?,
            Self::Refused { status, .. } => refused_hint(*status)?,
            _ => return None,
        })
    }
}

/// The common mapping of a CTAP status to what the page sees.
const fn refused(status: StatusCode, resident_key_required: bool) -> DomName {
    match status {
        StatusCode::CREDENTIAL_EXCLUDED => DomName::InvalidState,
        StatusCode::UNSUPPORTED_ALGORITHM => DomName::NotSupported,
        StatusCode::KEY_STORE_FULL | StatusCode::UNSUPPORTED_OPTION if resident_key_required => DomName::Constraint,
        _ => DomName::NotAllowed,
    }
}

const fn refused_hint(status: StatusCode) -> Option<&'static str> {
    Some(match status {
        StatusCode::CREDENTIAL_EXCLUDED => {
            "This authenticator already holds a passkey of this account: use that one, or delete it first."
        }
        StatusCode::UNSUPPORTED_ALGORITHM => "The authenticator knows none of the algorithms that were offered.",
        StatusCode::OPERATION_DENIED | StatusCode::USER_ACTION_TIMEOUT | StatusCode::ACTION_TIMEOUT => {
            "Nobody touched the authenticator, or the person declined."
        }
        StatusCode::KEY_STORE_FULL => "The key has no free slot for a passkey: delete one with its manager.",
        StatusCode::NO_CREDENTIALS => "The authenticator holds no passkey of this account for this site.",
        StatusCode::PIN_INVALID | StatusCode::UV_INVALID => "The PIN or fingerprint was wrong: try again.",
        StatusCode::PIN_AUTH_BLOCKED => "Too many wrong attempts in a row: unplug the key, plug it in again and retry.",
        StatusCode::PIN_BLOCKED | StatusCode::UV_BLOCKED => {
            "The PIN or fingerprint is blocked for good: only a reset helps, and it deletes every passkey on the key."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: StatusCode, resident_key_required: bool) -> ClientError {
        Cause::Refused { command: Command::MAKE_CREDENTIAL, status, resident_key_required }.into()
    }

    #[test]
    fn a_status_becomes_the_exception_that_pages_see() {
        assert_eq!(error(StatusCode::CREDENTIAL_EXCLUDED, true).name, DomName::InvalidState);
        assert_eq!(error(StatusCode::UNSUPPORTED_ALGORITHM, true).name, DomName::NotSupported);
        assert_eq!(error(StatusCode::KEY_STORE_FULL, true).name, DomName::Constraint);
        assert_eq!(error(StatusCode::KEY_STORE_FULL, false).name, DomName::NotAllowed);
        assert_eq!(error(StatusCode::UNSUPPORTED_OPTION, true).name, DomName::Constraint);
        for status in [0x27, 0x2d, 0x2e, 0x2f, 0x7f, 0xe4, 0xf3] {
            assert_eq!(error(StatusCode(status), true).name, DomName::NotAllowed, "0x{status:02x}");
        }
    }

    #[test]
    fn wrong_pins_ask_for_another_try_then_a_replug_then_stop() {
        let hint = |status| error(status, false).hint().unwrap();
        assert!(hint(StatusCode::PIN_INVALID).contains("try again"));
        assert!(hint(StatusCode::PIN_AUTH_BLOCKED).contains("plug it in again"));
        assert!(hint(StatusCode::PIN_BLOCKED).contains("only a reset"));
    }

    #[test]
    fn the_sentence_carries_the_status_and_the_command() {
        assert_eq!(
            error(StatusCode::OPERATION_DENIED, false).to_string(),
            "NotAllowedError: the authenticator answered CTAP2_ERR_OPERATION_DENIED (0x27) to authenticatorMakeCredential (0x01)"
        );
    }
}
