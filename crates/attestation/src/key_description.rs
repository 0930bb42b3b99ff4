//! Android's key description: what Keystore says about a key in the certificate that it makes for it
//! (`webauthn-3 §8.4.1`; Android Open Source Project, key and ID attestation).
//!
//! Members of the two lists are found by their tags and by presence: an absent origin is not the origin
//! 0, and a member that nobody knows hides none behind it. Versions only ever added members.

mod error;
mod tags;

use crate::asn1::{self, Class, Element, ElementError, Tag};
use crate::layout::android;

pub use error::KeyDescriptionError;
pub use tags::name;

/// The most members of a list that are read.
const MAX_MEMBERS: usize = 128;
/// The most values of a set that are read.
const MAX_VALUES: usize = 64;
/// The most members of the description itself that are read.
const MAX_PARTS: usize = 16;

/// A key description, borrowed from the extension's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDescription<'a> {
    /// 1 to 4 of Keymaster, 100 and up of KeyMint.
    pub attestation_version: i64,
    /// Where the description was made.
    pub attestation_security_level: SecurityLevel,
    /// The version of Keymaster or KeyMint.
    pub keymaster_version: i64,
    /// Where the key is kept.
    pub keymaster_security_level: SecurityLevel,
    /// What whoever made the key handed in: for WebAuthn the client data hash.
    pub attestation_challenge: &'a [u8],
    /// A device's number, which no browser may ask for.
    pub unique_id: &'a [u8],
    /// What Android itself sees to.
    pub software_enforced: AuthorizationList<'a>,
    /// What the trusted environment sees to; `hardwareEnforced` since version 4.
    pub tee_enforced: AuthorizationList<'a>,
    /// Members behind the lists, which no version so far has.
    pub further: Vec<Element<'a>>,
}

/// Where something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityLevel {
    /// By Android itself.
    Software,
    /// By an isolated part of the processor.
    TrustedEnvironment,
    /// By a chip of its own.
    StrongBox,
    /// At a level that nobody has defined yet.
    Unknown(i64),
}

/// One of the two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationList<'a> {
    /// `softwareEnforced` or `teeEnforced`.
    pub name: &'static str,
    /// The members in their order; no tag occurs twice.
    pub members: Vec<Member<'a>>,
}

/// One member of a list: `[tag] EXPLICIT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its tag.
    pub tag: u32,
    /// What stands in it.
    pub content: &'a [u8],
}

impl SecurityLevel {
    /// Its name in Android's schema.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Software => "Software".to_owned(),
            Self::TrustedEnvironment => "TrustedEnvironment".to_owned(),
            Self::StrongBox => "StrongBox".to_owned(),
            Self::Unknown(level) => format!("an unknown level {level}"),
        }
    }
}

impl<'a> KeyDescription<'a> {
    /// Reads the value of the extension.
    ///
    /// # Errors
    /// The first member that is missing or is not of the schema's type, or that a list has twice.
    pub fn parse(value: &'a [u8]) -> Result<Self, KeyDescriptionError> {
        let whole = asn1::only(value).and_then(|whole| whole.expect(Tag::SEQUENCE, "a SEQUENCE"));
        let parts = whole.and_then(|content| asn1::elements(content, MAX_PARTS));
        let mut parts = Parts { parts: parts.map_err(KeyDescriptionError::in_member("KeyDescription"))?.into_iter() };
        Ok(Self {
            attestation_version: parts.number("attestationVersion")?,
            attestation_security_level: parts.level("attestationSecurityLevel")?,
            keymaster_version: parts.number("keymasterVersion")?,
            keymaster_security_level: parts.level("keymasterSecurityLevel")?,
            attestation_challenge: parts.bytes("attestationChallenge")?,
            unique_id: parts.bytes("uniqueId")?,
            software_enforced: parts.list("softwareEnforced")?,
            tee_enforced: parts.list("teeEnforced")?,
            further: parts.parts.collect(),
        })
    }

    /// Both lists, that of the trusted environment first.
    #[must_use]
    pub const fn lists(&self) -> [&AuthorizationList<'a>; 2] {
        [&self.tee_enforced, &self.software_enforced]
    }

    /// Whether neither list says anything.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.lists().iter().all(|list| list.members.is_empty())
    }
}

/// The members of the description that are still to be read.
struct Parts<'a> {
    parts: std::vec::IntoIter<Element<'a>>,
}

impl<'a> Parts<'a> {
    fn next(&mut self, member: &'static str) -> Result<Element<'a>, KeyDescriptionError> {
        self.parts.next().ok_or(KeyDescriptionError::Missing { member })
    }

    fn number(&mut self, member: &'static str) -> Result<i64, KeyDescriptionError> {
        let number = self.next(member)?.number(Tag::INTEGER, "an INTEGER");
        number.map_err(KeyDescriptionError::in_member(member))
    }

    fn level(&mut self, member: &'static str) -> Result<SecurityLevel, KeyDescriptionError> {
        let level = self.next(member)?.number(Tag::ENUMERATED, "an ENUMERATED");
        Ok(match level.map_err(KeyDescriptionError::in_member(member))? {
            0 => SecurityLevel::Software,
            1 => SecurityLevel::TrustedEnvironment,
            2 => SecurityLevel::StrongBox,
            other => SecurityLevel::Unknown(other),
        })
    }

    fn bytes(&mut self, member: &'static str) -> Result<&'a [u8], KeyDescriptionError> {
        let bytes = self.next(member)?.expect(Tag::OCTET_STRING, "an OCTET STRING");
        bytes.map_err(KeyDescriptionError::in_member(member))
    }

    fn list(&mut self, name: &'static str) -> Result<AuthorizationList<'a>, KeyDescriptionError> {
        let in_list = KeyDescriptionError::in_member(name);
        let content = self.next(name)?.expect(Tag::SEQUENCE, "a SEQUENCE");
        let found = content.and_then(|content| asn1::elements(content, MAX_MEMBERS)).map_err(in_list)?;
        let mut members: Vec<Member<'a>> = Vec::with_capacity(found.len());
        for element in found {
            let Tag { class: Class::Context, constructed: true, number: tag } = element.tag else {
                return Err(KeyDescriptionError::Untagged { list: name, found: element.tag.name() });
            };
            if members.iter().any(|earlier| earlier.tag == tag) {
                return Err(KeyDescriptionError::Duplicate { list: name, tag });
            }
            members.push(Member { tag, content: element.content });
        }
        Ok(AuthorizationList { name, members })
    }
}

impl AuthorizationList<'_> {
    /// The member with this tag.
    #[must_use]
    pub fn member(&self, tag: u32) -> Option<&Member<'_>> {
        self.members.iter().find(|member| member.tag == tag)
    }

    /// Whether every application on the device may use the key.
    #[must_use]
    pub fn all_applications(&self) -> bool {
        self.member(android::ALL_APPLICATIONS).is_some()
    }

    /// Whether the members stand in the order of their tags, as Android writes them.
    #[must_use]
    pub fn is_sorted(&self) -> bool {
        self.members.is_sorted_by_key(|member| member.tag)
    }

    /// Where the key comes from, if the list says.
    ///
    /// # Errors
    /// The member is no INTEGER.
    pub fn origin(&self) -> Result<Option<i64>, KeyDescriptionError> {
        let origin = self.member(android::ORIGIN).map(|member| number(member.content));
        origin.transpose().map_err(KeyDescriptionError::in_member("origin"))
    }

    /// What the key may be used for, if the list says.
    ///
    /// # Errors
    /// The member is no SET OF INTEGER.
    pub fn purposes(&self) -> Result<Option<Vec<i64>>, KeyDescriptionError> {
        let purposes = self.member(android::PURPOSE).map(|member| numbers(member.content));
        purposes.transpose().map_err(KeyDescriptionError::in_member("purpose"))
    }
}

fn number(content: &[u8]) -> Result<i64, ElementError> {
    asn1::only(content)?.number(Tag::INTEGER, "an INTEGER")
}

fn numbers(content: &[u8]) -> Result<Vec<i64>, ElementError> {
    let set = asn1::only(content)?.expect(Tag::SET, "a SET")?;
    asn1::elements(set, MAX_VALUES)?.iter().map(|element| element.number(Tag::INTEGER, "an INTEGER")).collect()
}

#[cfg(test)]
mod tests;
