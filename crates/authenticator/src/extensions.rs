//! Extensions (`ctap-2.2 §12`): their inputs are read before the person is asked, their outputs are signed.

mod authentication;
mod hmac_secret;
mod registration;

use ciborium::Value;
use lab_protocol::cbor::Writer;
use lab_protocol::ctap2::StatusCode;

use crate::engine::Authenticator;

pub(crate) use authentication::AuthenticationExtensions;
pub(crate) use registration::RegistrationExtensions;

/// The extension inputs of a request; those that the model does not have are ignored.
struct Inputs<'a> {
    inputs: &'a [(Value, Value)],
    extensions: &'a [String],
}

impl<'a> Inputs<'a> {
    fn of(inputs: &'a [(Value, Value)], authenticator: &'a Authenticator) -> Self {
        Self { inputs, extensions: &authenticator.built.extensions }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        let has = self.extensions.iter().any(|extension| extension == name);
        self.inputs.iter().find(|(key, _)| has && key.as_text() == Some(name)).map(|(_, value)| value)
    }

    /// A boolean input; absent is false.
    fn flag(&self, name: &str) -> Result<bool, StatusCode> {
        let value = self.get(name).map(|value| value.as_bool().ok_or(StatusCode::CBOR_UNEXPECTED_TYPE));
        value.transpose().map(Option::unwrap_or_default)
    }

    /// `largeBlobKey`: true, or absent.
    fn large_blob_key(&self) -> Result<bool, StatusCode> {
        let asked = self.get("largeBlobKey").is_some();
        if asked && !self.flag("largeBlobKey")? { Err(StatusCode::INVALID_OPTION) } else { Ok(asked) }
    }
}

/// Extension outputs, in any order.
#[derive(Debug, Default)]
struct Outputs(Vec<(&'static str, Vec<u8>)>);

impl Outputs {
    fn put(&mut self, name: &'static str, write: impl FnOnce(&mut Writer)) {
        let mut writer = Writer::new();
        write(&mut writer);
        self.0.push((name, writer.into_bytes()));
    }

    /// The canonical map; `None` where there are no outputs.
    fn encode(mut self) -> Option<Vec<u8>> {
        self.0.sort_by_key(|(name, _)| (name.len(), *name));
        let mut writer = Writer::new();
        writer.map(self.0.len());
        self.0.iter().for_each(|(name, value)| _ = writer.text(name).raw(value));
        (!self.0.is_empty()).then(|| writer.into_bytes())
    }
}
