use std::sync::{Arc, Mutex};

use ciborium::Value;
use lab_protocol::ctap2::{Command, StatusCode, get_info};
use lab_protocol::tamper::{Root, Signer, StatementPlan};
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::{Ceremony, Flags};
use lab_protocol::{Aaguid, Tamper};

use crate::models;
use crate::testing::*;

/// Writes down where it was called.
struct Witness(Arc<Mutex<Vec<String>>>);

impl Witness {
    fn saw(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }
}

impl Tamper for Witness {
    fn get_info(&mut self, _: &mut get_info::Response) {
        self.saw("getInfo");
    }

    fn authenticator_data(&mut self, ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        self.saw(format!("authenticatorData {ceremony:?} {}", draft.flags));
    }

    fn statement_plan(&mut self, plan: &mut StatementPlan) {
        self.saw(format!("plan {}", plan.fmt));
    }

    fn statement(&mut self, fmt: &mut String, _: &mut Value) {
        self.saw(format!("statement {fmt}"));
    }

    fn reply(&mut self, reply: &mut Vec<u8>) {
        self.saw(format!("reply {}", StatusCode(reply[0])));
    }
}

#[test]
fn it_is_asked_at_each_place_once_and_in_order() {
    let seen = Arc::new(Mutex::new(vec![]));
    let mut bench = Bench::lying("yubikey-5-nfc", Witness(seen.clone()));
    bench.info();
    let id = bench.register(&create_plain()).id();
    bench.sign_in(&get_listed(&[&id]));
    bench.call(Command(0x3f), &[]);
    let ok = "reply CTAP2_OK (0x00)";
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "getInfo",
            ok,
            "authenticatorData Registration 0x41 (UP AT)",
            "plan packed",
            "statement packed",
            ok,
            "authenticatorData Authentication 0x01 (UP)",
            ok,
            "reply CTAP1_ERR_INVALID_COMMAND (0x01)",
        ]
    );
}

/// Another model's AAGUID, its certificate under a foreign root, and a flag.
struct Liar(Aaguid);

impl Tamper for Liar {
    fn authenticator_data(&mut self, _: Ceremony, draft: &mut AuthenticatorDataDraft) {
        draft.flags = draft.flags.with(Flags::BS, true);
        if let Some(attested) = &mut draft.attested {
            attested.aaguid = self.0;
        }
    }

    fn statement_plan(&mut self, plan: &mut StatementPlan) {
        if let Signer::Model { aaguid, root, .. } = &mut plan.signer {
            (*aaguid, *root) = (self.0, Root::Foreign);
        }
    }
}

#[test]
fn what_it_changes_is_signed() {
    let other = models::find("security-key-nfc").unwrap().aaguid();
    for claimed in [other, Aaguid([0x77; 16])] {
        let mut bench = Bench::lying("yubikey-5-nfc", Liar(claimed));
        let registered = bench.register(&create());
        assert_eq!(registered.data().attested.unwrap().aaguid, claimed);
        let asserted = bench.sign_in(&get());
        assert_eq!(asserted.flags(), Flags(0x15));
        asserted.verify(&registered.key(), get().client_data_hash);
        let statement = format!("{:?}", registered.0.att_stmt.unwrap());
        assert!(statement.contains("x5c"));
    }
}

/// Asks for a format that nobody makes.
struct Impossible;

impl Tamper for Impossible {
    fn statement_plan(&mut self, plan: &mut StatementPlan) {
        plan.fmt = "tomato".to_owned();
    }
}

#[test]
fn a_plan_that_cannot_be_made_is_an_error_and_leaves_no_credential() {
    let mut bench = Bench::lying("yubikey-5-nfc", Impossible);
    assert_eq!(bench.register_status(&create()), StatusCode::OTHER);
    assert!(bench.engine.credentials().is_empty());
}
