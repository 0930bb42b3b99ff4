//! Somebody with a passkey.

use hyper::body::Bytes;
use serde::Deserialize;

use super::{Connection, Passkey, Trouble};

/// A user of the server, and the passkey.
pub struct User {
    /// The `username`.
    pub name: String,
    /// The passkey.
    pub passkey: Passkey,
}

/// What is read of options; servers that leave the status out mean that all is well.
#[derive(Deserialize)]
struct Options<'o> {
    challenge: &'o str,
}

/// What is read of the answer to a response.
#[derive(Deserialize)]
struct Told {
    /// The number of the ceremony in the lab's log.
    #[serde(default)]
    ceremony: u64,
}

impl User {
    /// Somebody new, with a new key.
    #[must_use]
    pub fn new(name: String) -> Self {
        Self { name, passkey: Passkey::new() }
    }

    /// Registers the passkey; gives the number of the ceremony.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn register(&mut self, connection: &mut Connection) -> Result<u64, Trouble> {
        let asked = format!(
            r#"{{"username":"{0}","displayName":"{0}","attestation":"none","authenticatorSelection":{{"userVerification":"preferred"}}}}"#,
            self.name
        );
        let options = connection.post("/attestation/options", asked).await?;
        let response = self.passkey.create(challenge(&options)?, &connection.origin().text());
        told(&connection.post("/attestation/result", response).await?)
    }

    /// Signs in; gives the number of the ceremony.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn sign_in(&mut self, connection: &mut Connection) -> Result<u64, Trouble> {
        let asked = format!(r#"{{"username":"{}","userVerification":"preferred"}}"#, self.name);
        let options = connection.post("/assertion/options", asked).await?;
        let response = self.passkey.get(challenge(&options)?, &connection.origin().text());
        told(&connection.post("/assertion/result", response).await?)
    }
}

fn challenge(options: &Bytes) -> Result<&str, Trouble> {
    read::<Options<'_>>(options).map(|options| options.challenge)
}

fn told(answer: &Bytes) -> Result<u64, Trouble> {
    read::<Told>(answer).map(|told| told.ceremony)
}

fn read<'a, T: Deserialize<'a>>(body: &'a Bytes) -> Result<T, Trouble> {
    serde_json::from_slice(body)
        .map_err(|error| Trouble::Refused(format!("{error}: {}", String::from_utf8_lossy(body))))
}
