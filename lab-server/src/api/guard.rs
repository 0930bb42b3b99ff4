//! Which relying parties an emulated authenticator of the API answers.
//!
//! Whoever may use the API takes its responses to wherever they like, so the rule for emulated keys on a wire holds
//! here too: relying parties of laboratories, the lab itself (but not where it stands in for Entra), and those that
//! were named when the authenticator was made. One that is made from a seed can be made again by anybody, so nobody
//! else can be named for it.

use axum::http::StatusCode;
use lab_jobs::emulated::Origin;
use lab_protocol::laboratory::is_laboratory;

use super::types::NewAuthenticator;
use crate::lab::Lab;
use crate::problem::Problem;

/// Checks the RP IDs that are named for a new authenticator.
///
/// # Errors
/// 403 in a lab with a seed.
pub fn nameable(lab: &Lab, new: &NewAuthenticator) -> Result<(), Problem> {
    if lab.world.seed.is_none() || new.allow_rp_ids.is_empty() {
        return Ok(());
    }
    let detail = "The lab was started with --seed, so its keys are public: they answer laboratories only.";
    Err(Problem::new(StatusCode::FORBIDDEN, detail).hint("Leave allowRpIds out, or start the lab without --seed."))
}

/// Checks the RP ID of a call: the one that it names, else its caller's domain.
///
/// # Errors
/// 403 where the authenticator does not answer it.
pub fn admit(lab: &Lab, named: &[String], requested: Option<&str>, origin: &Origin) -> Result<(), Problem> {
    // A caller without a domain gets nowhere: the client refuses it.
    let rp_id = requested.or_else(|| origin.effective_domain().ok().flatten());
    let own = |rp_id: &str| rp_id == lab.settings.rp_id && !lab.settings.is_entra_host();
    let permitted = |rp_id: &str| is_laboratory(rp_id) || own(rp_id) || named.iter().any(|named| named == rp_id);
    match rp_id {
        Some(rp_id) if !permitted(rp_id) => {
            let rp_id: String = rp_id.chars().take(120).collect();
            let detail = format!("The authenticator is emulated and does not answer the RP ID “{rp_id}”.");
            Err(Problem::new(StatusCode::FORBIDDEN, detail).hint(
                "It answers localhost, names under .localhost, .test, .example and .invalid, the lab itself, and what \
                 allowRpIds named when it was made.",
            ))
        }
        _ => Ok(()),
    }
}
