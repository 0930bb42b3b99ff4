//! Why bytes are no key description.

use lab_protocol::trace::Reason;

use super::tags;
use crate::asn1::ElementError;

/// Why bytes are refused as a key description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyDescriptionError {
    /// A member that is not of the schema's type.
    #[error("the key description's {member} is malformed: {error}")]
    Member {
        /// The member.
        member: &'static str,
        /// What is wrong.
        error: ElementError,
    },
    /// The description ends before this member.
    #[error("the key description has no {member}")]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// An element of a list that is not `[tag] EXPLICIT`.
    #[error("{list} has an element {found}, expected members that are tagged explicitly")]
    Untagged {
        /// The list.
        list: &'static str,
        /// The element's tag.
        found: String,
    },
    /// A list that has a member twice: two readers could take different ones.
    #[error("{list} has the member {} twice", tags::shown(*.tag))]
    Duplicate {
        /// The list.
        list: &'static str,
        /// The tag.
        tag: u32,
    },
}

impl KeyDescriptionError {
    pub(super) fn in_member(member: &'static str) -> impl Fn(ElementError) -> Self {
        move |error| Self::Member { member, error }
    }
}

impl Reason for KeyDescriptionError {
    fn hint(&self) -> Option<&str> {
        Some("No Keystore writes this: the certificate was made by hand, or the maker of the device has to mend it.")
    }
}
