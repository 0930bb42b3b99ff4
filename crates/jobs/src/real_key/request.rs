//! What a ceremony at a real key is asked for.

use lab_entra::Tenant;

use super::KeyName;
use crate::ceremony::Who;
use crate::live::Grounds;

/// A registration ([`Plan::prepare`](super::Plan::prepare)) or a sign-in ([`Request::sign_in`]) at a real key.
#[derive(Debug)]
pub struct Request<'r> {
    /// The tenant whose policy decides; without one, only WebAuthn is judged.
    pub tenant: Option<&'r Tenant>,
    /// Whose passkey it is.
    pub who: Who,
    /// The RP ID: [`RP_ID`](super::RP_ID), unless somebody chose another.
    pub rp_id: &'r str,
    /// The platform's id; else Chromium's.
    pub platform: Option<&'r str>,
    /// The key.
    pub key: &'r KeyName,
    /// What the answer is judged on.
    pub grounds: &'r Grounds,
}
