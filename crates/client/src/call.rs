//! What both ceremonies begin with: the RP ID and the client data.

use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::client_data::ClientDataDraft;
use lab_protocol::{Env, base64url};
use sha2::{Digest, Sha256};

use crate::context::{Context, Framing};
use crate::error::Cause;
use crate::rp_id::{self, Related};

/// A call that passed the rules of origins and RP IDs.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The RP ID.
    pub rp_id: String,
    /// The client data, serialized.
    pub client_data: Vec<u8>,
    /// Its SHA-256.
    pub hash: [u8; 32],
}

impl Call {
    pub(crate) fn new(
        ceremony: Ceremony,
        rp_id: String,
        challenge: &[u8],
        (context, env): (&Context, &mut Env),
    ) -> Self {
        let mut draft = client_data(ceremony, challenge, context);
        env.tamper.client_data(ceremony, &mut draft);
        let client_data = draft.serialize();
        Self { rp_id, hash: Sha256::digest(&client_data).into(), client_data }
    }
}

/// The RP ID of a call, where the caller may use it.
pub(crate) fn rp_id(requested: Option<&str>, context: &Context) -> Result<String, Cause> {
    let platform = &context.platform;
    let unsupported_by = (!platform.related_origins.value).then_some(&platform.name[..]);
    rp_id::resolve(requested, &context.origin, Related { list: context.related.as_ref(), unsupported_by })
}

fn client_data(ceremony: Ceremony, challenge: &[u8], context: &Context) -> ClientDataDraft {
    let (cross_origin, top_origin) = match &context.framing {
        Framing::SameOrigin => (false, None),
        Framing::CrossOrigin { top_origin } => (true, top_origin.as_ref().map(ToString::to_string)),
    };
    ClientDataDraft {
        ty: ceremony.client_data_type().to_owned(),
        challenge: base64url::encode(challenge),
        origin: context.origin.to_string(),
        cross_origin,
        top_origin,
        extra: Vec::new(),
    }
}
