//! The built-in models.

use std::sync::{Arc, LazyLock};

use lab_protocol::Aaguid;
use lab_protocol::nearest::nearest;

use crate::model::{Model, ModelError};

/// The files, by name: a line here for every file of the folder.
const FILES: &[(&str, &str)] = &[
    ("authenticator-android", include_str!("../models/authenticator-android.toml")),
    ("authenticator-ios", include_str!("../models/authenticator-ios.toml")),
    ("google-password-manager", include_str!("../models/google-password-manager.toml")),
    ("icloud-keychain", include_str!("../models/icloud-keychain.toml")),
    ("samsung-pass", include_str!("../models/samsung-pass.toml")),
    ("security-key-nfc", include_str!("../models/security-key-nfc.toml")),
    ("windows-hello", include_str!("../models/windows-hello.toml")),
    ("yubikey-5-nfc", include_str!("../models/yubikey-5-nfc.toml")),
    ("yubikey-5-nfc-5.1", include_str!("../models/yubikey-5-nfc-5.1.toml")),
    ("yubikey-5-nfc-5.4", include_str!("../models/yubikey-5-nfc-5.4.toml")),
];

/// A model of this id does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no model “{found}”{}: `models list` has them all", .nearest.as_ref().map_or(String::new(), |id| format!(" (did you mean “{id}”?)")))]
pub struct UnknownModel {
    /// The id that was asked for.
    pub found: String,
    /// The id that was probably meant.
    pub nearest: Option<String>,
}

/// The built-in models, by id. They are read when they are first asked for.
#[must_use]
pub fn built_in() -> &'static [Arc<Model>] {
    // Every file is read by the tests, so none is left out.
    static MODELS: LazyLock<Vec<Arc<Model>>> =
        LazyLock::new(|| parsed().filter_map(Result::ok).map(Arc::new).collect());
    &MODELS
}

fn parsed() -> impl Iterator<Item = Result<Model, ModelError>> {
    FILES.iter().map(|(id, text)| Model::from_toml(&format!("models/{id}.toml"), text))
}

/// The built-in model of an id.
///
/// # Errors
/// There is none; the error names the nearest.
pub fn find(id: &str) -> Result<&'static Arc<Model>, UnknownModel> {
    find_in(built_in(), id)
}

/// The model of an id among `models`, built-in ones and users' own alike.
///
/// # Errors
/// There is none; the error names the nearest.
pub fn find_in<'m>(models: &'m [Arc<Model>], id: &str) -> Result<&'m Arc<Model>, UnknownModel> {
    models.iter().find(|model| model.id == id).ok_or_else(|| UnknownModel {
        found: id.chars().take(60).collect(),
        nearest: nearest(id, models.iter().map(|model| model.id.as_str())).map(str::to_owned),
    })
}

/// The built-in model that reports this AAGUID.
#[must_use]
pub fn by_aaguid(aaguid: Aaguid) -> Option<&'static Arc<Model>> {
    built_in().iter().find(|model| model.aaguid() == aaguid)
}

#[cfg(test)]
mod tests;
