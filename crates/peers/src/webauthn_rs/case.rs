//! What is asked.

use jiff::Timestamp;
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::{AuthenticationResponse, RegistrationResponse};

/// A recorded response and what the relying party expects of it.
#[derive(Debug, Clone, Copy)]
pub enum Case<'a> {
    /// `webauthn-3 §7.1`.
    Registration(Registration<'a>),
    /// `webauthn-3 §7.2`.
    Authentication(Authentication<'a>),
}

/// What both ceremonies expect.
#[derive(Debug, Clone, Copy)]
pub struct Ceremony<'a> {
    /// The RP ID.
    pub rp_id: &'a str,
    /// The one origin that is accepted, exactly.
    pub origin: &'a str,
    /// The challenge as it stands in the client data: base64url text.
    pub challenge: &'a str,
    /// Whether UV must be set.
    pub require_user_verification: bool,
    /// Whether the page is expected to be framed by another origin.
    pub framed: bool,
}

/// A registration.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// What is expected.
    pub ceremony: Ceremony<'a>,
    /// The response.
    pub response: &'a RegistrationResponse,
    /// The algorithms that were offered; empty: all that the library knows.
    pub algorithms: &'a [Algorithm],
    /// Trust anchors, DER certificates; empty: the statement is judged without its chain.
    pub anchors: &'a [Vec<u8>],
    /// When the certificates have to be valid.
    pub at: Timestamp,
}

/// A sign-in.
#[derive(Debug, Clone, Copy)]
pub struct Authentication<'a> {
    /// What is expected.
    pub ceremony: Ceremony<'a>,
    /// The response.
    pub response: &'a AuthenticationResponse,
    /// The credential as the relying party stored it.
    pub credential: StoredCredential<'a>,
}

/// A credential record (`webauthn-3 §4`), as far as the library looks at it.
#[derive(Debug, Clone, Copy)]
pub struct StoredCredential<'a> {
    /// The credential id.
    pub id: &'a [u8],
    /// The COSE_Key.
    pub public_key: &'a [u8],
    /// The signature counter of the last ceremony.
    pub sign_count: u32,
    /// BE at registration; `None`: not recorded, taken from the response.
    pub backup_eligible: Option<bool>,
    /// BS of the last ceremony; `None`: not recorded, taken from the response.
    pub backup_state: Option<bool>,
}
