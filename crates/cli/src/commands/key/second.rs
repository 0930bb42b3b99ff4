//! The second client: the program `passkey-lab-ctap-hid-fido2`, one request and one reply for each run.
//!
//! ```text
//! {"op": "register", "path": "/dev/hidraw3", "pin": "...", ...}  ->  {"ok": {...}}
//!                                                                ->  {"error": {"status": 46, "message": "..."}}
//! ```

mod program;
mod replies;

use lab_client::manage::credentials::{Metadata, RelyingParty};
use lab_client::manage::pin::PinState;
use lab_client::{Authentication, Context, Pin, PinPrompt, PinReason, Registration};
use lab_jobs::ceremony::ClientRefusal;
use lab_jobs::models::Catalogue;
use lab_jobs::real_key::{Denial, KeyClient, KeyName, Listed};
use lab_links::usb::Found;
use lab_protocol::base64url;
use lab_protocol::ctap2::{Descriptor, get_info};
use lab_protocol::webauthn::{Ceremony, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use serde_json::{Value, json};

use super::person::Person;
use crate::failure::Failure;
pub use program::Program as Second;

/// The program at a key, with its person.
pub struct SecondClient<'p> {
    program: &'p Second,
    person: &'p Person,
}

impl Second {
    /// A client of it.
    pub const fn client<'p>(&'p self, person: &'p Person) -> SecondClient<'p> {
        SecondClient { program: self, person }
    }

    /// The program at this key.
    pub fn at(self, key: &Found) -> Self {
        Self { key: Some(key.path.display().to_string()), ..self }
    }
}

/// The keys that it finds.
pub fn listed(catalogue: &Catalogue) -> Result<Vec<Listed>, Failure> {
    let program = Second::find()?;
    let keys = program.run(json!({"op": "list"})).map_err(lab_jobs::JobError::from)?;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let key = |row: &Value| KeyName {
        path: text(&row["path"]).unwrap_or_default(),
        product: text(&row["product"]),
        usb: text(&row["usb"]),
        ..KeyName::default()
    };
    let list = |row: &Value| match row["aaguid"].as_str().and_then(|aaguid| aaguid.parse().ok()) {
        Some(aaguid) => Listed::asked(key(row), aaguid, catalogue),
        None => Listed { key: key(row), model: None, problem: text(&row["problem"]) },
    };
    Ok(keys.as_array().into_iter().flatten().map(list).collect())
}

impl SecondClient<'_> {
    fn ask(&self, request: Value) -> Result<Value, Denial> {
        self.program.run(request)
    }

    /// With the PIN, where the key has one.
    fn ask_with_pin(&self, mut request: Value) -> Result<Value, Denial> {
        let state = self.state()?;
        if state.is_set == Some(true) {
            let pin = (self.person.pin())(PinPrompt { reason: PinReason::Needed, retries: state.retries });
            let pin = pin.ok_or_else(|| refused("the key demands its PIN, and none was given"))?;
            request["pin"] = pin.text().into();
        }
        self.ask(request)
    }

    fn state(&self) -> Result<PinState, Denial> {
        Ok(replies::pin_state(&self.ask(json!({"op": "info"}))?))
    }
}

fn refused(message: &str) -> Denial {
    let refusal = ClientRefusal {
        name: "NotAllowedError",
        ctap: None,
        message: message.to_owned(),
        hint: Some("give the PIN of the security key".to_owned()),
    };
    Denial::Refused { refusal: Box::new(refusal), status: None }
}

impl KeyClient for SecondClient<'_> {
    fn info(&mut self) -> Result<get_info::Response, Denial> {
        replies::info(&self.ask(json!({"op": "info"}))?)
    }

    fn create(
        &mut self,
        options: &PublicKeyCredentialCreationOptions,
        context: &Context,
    ) -> Result<Registration, Denial> {
        let client_data = replies::client_data(Ceremony::Registration, &options.challenge.0, context);
        let reply = self.ask_with_pin(json!({
            "op": "register",
            "rp_id": options.rp.id,
            "client_data": base64url::encode(&client_data),
            "user_id": options.user.id,
            "user_name": options.user.name,
            "user_display_name": options.user.display_name,
        }))?;
        replies::registration(&reply, client_data)
    }

    fn get(
        &mut self,
        options: &PublicKeyCredentialRequestOptions,
        context: &Context,
    ) -> Result<Authentication, Denial> {
        let client_data = replies::client_data(Ceremony::Authentication, &options.challenge.0, context);
        let allowed: Vec<_> = options.allow_credentials.iter().map(|allowed| allowed.id.clone()).collect();
        let reply = self.ask_with_pin(json!({
            "op": "sign-in",
            "rp_id": options.rp_id,
            "client_data": base64url::encode(&client_data),
            "allow_credentials": allowed,
        }))?;
        replies::authentication(&reply, client_data, &context.choice)
    }

    fn slots(&mut self) -> Result<Metadata, Denial> {
        replies::slots(&self.ask_with_pin(json!({"op": "credentials"}))?)
    }

    fn credentials(&mut self) -> Result<Vec<RelyingParty>, Denial> {
        replies::credentials(&self.ask_with_pin(json!({"op": "credentials"}))?)
    }

    fn delete(&mut self, id: Descriptor) -> Result<(), Denial> {
        self.ask_with_pin(json!({"op": "delete", "credential_id": base64url::encode(&id.id)})).map(|_| ())
    }

    fn pin_state(&mut self) -> Result<PinState, Denial> {
        self.state()
    }

    fn set_pin(&mut self, new: Pin) -> Result<(), Denial> {
        self.ask(json!({"op": "set-pin", "new_pin": new.text()})).map(|_| ())
    }

    fn change_pin(&mut self, current: Pin, new: Pin) -> Result<(), Denial> {
        self.ask(json!({"op": "change-pin", "pin": current.text(), "new_pin": new.text()})).map(|_| ())
    }

    fn reset(&mut self) -> Result<(), Denial> {
        Err(Denial::Lacks("ctap-hid-fido2 cannot reset a key: it has no such command".to_owned()))
    }
}
