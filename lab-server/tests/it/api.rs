//! The API by its own client: emulated authenticators, whole ceremonies, what was recorded, jobs; and what goes wrong.

mod authenticators;
mod bad_input;
mod ceremonies;
mod jobs;
mod socket;

use axum::http::StatusCode;
use lab_server::api::client::{Client, Error};
use lab_server::api::types::{AuthenticatorView, NewAuthenticator};

use crate::described::Described;
use crate::lab::TestLab;

pub const KEY: &str = "yubikey-5-nfc";

/// A client in the same process; every answer has to be as it is described.
pub fn client(lab: &TestLab) -> Client<Described> {
    Client::new(Described(lab.app.clone()), "http://localhost:8080")
}

pub fn of(model: &str) -> NewAuthenticator {
    NewAuthenticator { model: model.to_owned(), ..NewAuthenticator::default() }
}

pub async fn made(client: &Client<Described>, new: &NewAuthenticator) -> AuthenticatorView {
    client.create_authenticator(new).await.unwrap()
}

#[track_caller]
pub fn status<T: std::fmt::Debug>(answer: Result<T, Error>) -> StatusCode {
    answer.unwrap_err().status().unwrap()
}
