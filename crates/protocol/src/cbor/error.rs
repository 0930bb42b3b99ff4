//! What can be wrong with CBOR, and where.

use super::Type;
use crate::trace::Reason;

/// Bytes that are not the CBOR that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {kind}")]
pub struct Error {
    /// Offset of the offending item in the decoded byte string.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// Why a byte string is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The data ends inside an item.
    #[error("the data ends inside an item: {needed} more bytes were announced, {left} are left")]
    End {
        /// Bytes that the item still needs.
        needed: u64,
        /// Bytes that are there.
        left: usize,
    },
    /// Bytes follow the item.
    #[error("{0} bytes follow the CBOR item")]
    Trailing(usize),
    /// Another type was needed.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the structure demands.
        expected: &'static str,
        /// What is there.
        found: Type,
    },
    /// A deviation from the canonical form that the rules do not tolerate.
    #[error(transparent)]
    Deviation(#[from] DeviationKind),
    /// An initial byte that CBOR does not define, or a simple value other than true, false and null, which no
    /// structure here has and no tree can carry.
    #[error("0x{0:02x} starts no CBOR item that is read here")]
    Reserved(u8),
    /// Containers are nested too deeply.
    #[error("containers are nested more than {0} deep")]
    Depth(u8),
    /// More elements than any message of this protocol has.
    #[error("a container announces {found} elements, more than the {allowed} that are read")]
    Items {
        /// What is announced.
        found: u64,
        /// The cap.
        allowed: usize,
    },
    /// A text that is not UTF-8.
    #[error("the text string is not UTF-8")]
    Utf8,
    /// A number outside the range of its member.
    #[error("the integer does not fit its member")]
    Range,
    /// A member that the structure demands is absent.
    #[error("the member {0} is missing")]
    Missing(&'static str),
    /// A member has a length that the structure does not allow.
    #[error("{member} has {found} bytes, expected {expected}")]
    Length {
        /// The member's name.
        member: &'static str,
        /// The length that is demanded.
        expected: usize,
        /// The length found.
        found: usize,
    },
}

/// A way in which well-formed CBOR is not CTAP2 canonical.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviationKind {
    /// An integer or length is not in its shortest form.
    #[error("an integer or length is not in its shortest form")]
    NotShortest,
    /// An indefinite length.
    #[error("an indefinite length is used")]
    Indefinite,
    /// Map keys are not sorted.
    #[error("map keys are not in CTAP2 canonical order")]
    KeyOrder,
    /// A map key occurs twice.
    #[error("a map key occurs twice")]
    DuplicateKey,
    /// A tag.
    #[error("tag {0} is used")]
    Tag(u64),
}

/// A tolerated deviation and its offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {kind}")]
pub struct Deviation {
    /// Offset in the decoded byte string.
    pub offset: usize,
    /// What deviates.
    pub kind: DeviationKind,
}

impl Reason for Error {}
impl Reason for Deviation {}
