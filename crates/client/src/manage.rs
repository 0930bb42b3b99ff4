//! What the owner of a key does with it beside ceremonies: each a machine over any device.
//!
//! ```text
//! pin          state, set, change                        authenticatorClientPIN
//! credentials  metadata, list, delete, update_user       authenticatorCredentialManagement
//! config       enterprise attestation, alwaysUv, ...     authenticatorConfig
//! fingerprints sensor, list, enroll, rename, remove      authenticatorBioEnrollment
//! here         info, select, reset                       authenticatorGetInfo, ~Selection, ~Reset
//! ```

pub mod config;
pub mod credentials;
pub mod fingerprints;
pub mod pin;

use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{Command, Permissions, RpEntity, StatusCode, UserEntity, get_info, make_credential};

use crate::authorize::{self, Purpose};
use crate::error::Cause;
use crate::key::{self, Key};
use crate::options::PUBLIC_KEY;
use crate::pin_uv::Token;
use crate::script::{Io, Script};

/// What the authenticator says of itself.
#[must_use]
pub fn info() -> Script<get_info::Response> {
    Script::new(|io| async move { Ok(io.key().await?.info().clone()) })
}

/// Waits for a touch: how one of several keys is chosen.
///
/// Keys before CTAP 2.1 have no authenticatorSelection. They wait for a touch before they refuse a
/// registration whose pinUvAuthParam is empty (`ctap-2.2 §6.1.2` step 1), and make nothing.
#[must_use]
pub fn select() -> Script<()> {
    Script::new(|io| async move {
        let key = io.key().await?;
        if key.selects() {
            return io.body(Command::SELECTION, &[]).await.map(|_| ());
        }
        match io.call(Command::MAKE_CREDENTIAL, &touch_only().encode()).await? {
            (StatusCode::PIN_INVALID | StatusCode::PIN_NOT_SET | StatusCode::PIN_AUTH_INVALID | StatusCode::OK, _) => {
                Ok(())
            }
            (status, _) => Err(key::refused(Command::MAKE_CREDENTIAL, status)),
        }
    })
}

/// A registration that no key finishes.
fn touch_only() -> make_credential::Request {
    make_credential::Request {
        client_data_hash: [0; 32],
        rp: RpEntity { id: "touch.invalid".to_owned(), name: None },
        user: UserEntity { id: vec![1], name: Some("touch".to_owned()), display_name: None },
        pub_key_cred_params: vec![(PUBLIC_KEY.to_owned(), Algorithm::ES256)],
        pin_uv_auth_param: Some(Vec::new()),
        pin_uv_auth_protocol: Some(1),
        ..make_credential::Request::default()
    }
}

/// Deletes every credential, the PIN and all settings. Most keys take it only in the first seconds after power-up.
#[must_use]
pub fn reset() -> Script<()> {
    Script::new(|io| async move { io.body(Command::RESET, &[]).await.map(|_| ()) })
}

/// A pinUvAuthToken itself, for whoever sends commands of his own.
#[must_use]
pub fn token(permissions: Permissions, rp_id: Option<&str>) -> Script<Token> {
    let rp_id = rp_id.map(str::to_owned);
    Script::new(move |io| async move {
        let key = io.key().await?;
        authorize::token(&io, &key, Purpose { permissions, rp_id: rp_id.as_deref() }).await
    })
}

/// A command by its final byte or its preview's, whichever the authenticator has.
fn command(key: &Key, (command, option): (Command, &'static str), preview: (Command, &str)) -> Result<Command, Cause> {
    match (key.info().option(option), key.info().option(preview.1)) {
        (Some(_), _) => Ok(command),
        (None, Some(_)) => Ok(preview.0),
        (None, None) => Err(Cause::NoCommand { command, option }),
    }
}

/// A token for managing the authenticator as a whole.
async fn authorized(io: &Io, key: &Key, permissions: Permissions) -> Result<Token, Cause> {
    authorize::token(io, key, Purpose { permissions, rp_id: None }).await
}
