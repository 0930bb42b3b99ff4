//! `/capture`: a recorded case from any device and browser, for whoever tests a relying party.
//!
//! The ceremony takes place in the browser alone and nothing of it is stored: the page puts challenge, origin and
//! response together in the format of recorded cases.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use lab_relying_party::Challenge;

use super::{Failure, page as render};
use crate::lab::Shared;
use crate::settings::EntraHost;

#[derive(Template)]
#[template(path = "capture.html")]
struct Capture {
    here: &'static str,
    rp_id: String,
    challenge: String,
    user_id: String,
    entra_host: EntraHost,
}

pub async fn page(State(lab): State<Shared>) -> Result<Response, Failure> {
    let (challenge, handle) =
        lab.dice.draw(|random| (Challenge::random(random), lab_directory::handle::random(random)));
    render(&Capture {
        here: "/capture",
        rp_id: lab.settings.rp_id.clone(),
        challenge: challenge.text().to_owned(),
        user_id: lab_protocol::base64url::encode(handle),
        entra_host: lab.settings.entra_host.clone(),
    })
}
