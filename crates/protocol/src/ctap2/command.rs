//! Command bytes.

use std::fmt;

/// A CTAP2 command byte, known or not (`ctap-2.2 §6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Command(pub u8);

impl Command {
    /// authenticatorMakeCredential.
    pub const MAKE_CREDENTIAL: Self = Self(0x01);
    /// authenticatorGetAssertion.
    pub const GET_ASSERTION: Self = Self(0x02);
    /// authenticatorGetInfo.
    pub const GET_INFO: Self = Self(0x04);
    /// authenticatorClientPIN.
    pub const CLIENT_PIN: Self = Self(0x06);
    /// authenticatorReset.
    pub const RESET: Self = Self(0x07);
    /// authenticatorGetNextAssertion.
    pub const GET_NEXT_ASSERTION: Self = Self(0x08);
    /// authenticatorBioEnrollment.
    pub const BIO_ENROLLMENT: Self = Self(0x09);
    /// authenticatorCredentialManagement.
    pub const CREDENTIAL_MANAGEMENT: Self = Self(0x0a);
    /// authenticatorSelection.
    pub const SELECTION: Self = Self(0x0b);
    /// authenticatorLargeBlobs.
    pub const LARGE_BLOBS: Self = Self(0x0c);
    /// authenticatorConfig.
    pub const CONFIG: Self = Self(0x0d);
    /// authenticatorBioEnrollment before CTAP 2.1 was final (`userVerificationMgmtPreview`).
    pub const BIO_ENROLLMENT_PREVIEW: Self = Self(0x40);
    /// authenticatorCredentialManagement before CTAP 2.1 was final (`credentialMgmtPreview`).
    pub const CREDENTIAL_MANAGEMENT_PREVIEW: Self = Self(0x41);

    /// The name in the specification.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x01 => "authenticatorMakeCredential",
            0x02 => "authenticatorGetAssertion",
            0x04 => "authenticatorGetInfo",
            0x06 => "authenticatorClientPIN",
            0x07 => "authenticatorReset",
            0x08 => "authenticatorGetNextAssertion",
            0x09 => "authenticatorBioEnrollment",
            0x0a => "authenticatorCredentialManagement",
            0x0b => "authenticatorSelection",
            0x0c => "authenticatorLargeBlobs",
            0x0d => "authenticatorConfig",
            0x40 => "authenticatorBioEnrollment (preview)",
            0x41 => "authenticatorCredentialManagement (preview)",
            _ => return None,
        })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (0x{:02x})", self.name().unwrap_or("unknown command"), self.0)
    }
}
