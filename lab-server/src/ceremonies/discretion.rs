//! What the lab does not keep: what somebody's real passkey answered at Entra's own host.
//!
//! There a browser may offer the real passkeys of the person who rehearses. The lab does not know them and refuses
//! them, but the response has the user handle and the credential id of a real account.

use lab_jobs::ceremony::StepView;
use lab_protocol::webauthn::Ceremony;

use super::Input;
use crate::problem::sentence;
use crate::settings::ENTRA_RP_ID;

/// Whether a sign-in at Entra's RP ID came from a passkey that the lab does not know.
pub fn is_of_a_real_passkey(input: &Input) -> bool {
    let answered = input.ceremony == Ceremony::Authentication && input.response.is_some();
    answered && input.asked.rp_id == ENTRA_RP_ID && input.record.is_none()
}

/// The sentence that is told and recorded of a ceremony.
pub fn sentence_of(input: &Input, step: &StepView) -> String {
    if is_of_a_real_passkey(input) {
        return "The lab does not know this passkey: it is a real one, or was deleted here. What it answered is not kept."
            .to_owned();
    }
    sentence(&step.message)
}
