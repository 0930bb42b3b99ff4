//! The guardrails over a key in this process, with everything that can go wrong under it.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use lab_authenticator::{Authenticator, InProcess, Person};
use lab_client::{Client, Pin, manage};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{RpEntity, UserEntity, make_credential};
use lab_protocol::{Device, DeviceError, Env, Message, Status};

use super::*;
use crate::ceremony::Who;
use crate::error::JobError;
use crate::input::tenants;
use crate::live::Grounds;
use crate::models::{Catalogue, Choice};
use crate::world::{Part, World};

const PIN: &str = "246813";

fn at() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// A key that can be pulled out before or after any message.
struct Key {
    device: InProcess,
    calls: usize,
    /// After so many calls it is gone; where `after`, it still did what it was asked.
    gone_at: Option<(usize, bool)>,
}

impl Device for Key {
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        self.calls += 1;
        let gone = || DeviceError::Gone("it was pulled out".to_owned());
        match self.gone_at {
            Some((at, false)) if self.calls >= at => Err(gone()),
            Some((at, true)) if self.calls >= at => {
                self.device.call(message, on_wait)?;
                self.gone_at = Some((0, false));
                Err(gone())
            }
            _ => self.device.call(message, on_wait),
        }
    }
}

/// A lab with one key, and a ledger that survives.
struct Lab {
    world: World,
    key: Key,
    env: Env,
    file: RefCell<String>,
}

impl Lab {
    fn new(model: &str) -> Self {
        let world = World::unseeded([7; 32], at());
        let Choice::Emulated(model) = Catalogue::default().choose(model).unwrap() else { panic!("no emulated model") };
        let env = Env::honest(world.stream(Part::Authenticator));
        let key = Authenticator::new(Arc::clone(&model), world.vendors(), world.backend(), env);
        let device = InProcess::at(key.set_up(PIN).unwrap(), at(), Person::Auto);
        let env = Env::honest(world.stream(Part::Client));
        let file = RefCell::new(Ledger::new().text());
        Self { world, key: Key { device, calls: 0, gone_at: None }, env, file }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut dyn KeyClient, &mut Book<'_>, &World) -> T) -> T {
        let mut patient = |_| ControlFlow::Continue(());
        let mut on_pin = |_| Pin::new(PIN).ok();
        let mut client =
            Client { device: &mut self.key, env: &mut self.env, on_wait: &mut patient, on_pin: &mut on_pin };
        let ledger: Ledger = self.file.borrow().parse().unwrap();
        let file = &self.file;
        let mut keep = |text: &str| {
            text.clone_into(&mut file.borrow_mut());
            Ok(())
        };
        act(&mut client, &mut Book::new(ledger, &mut keep), &self.world)
    }

    fn ledger(&self) -> Ledger {
        self.file.borrow().parse().unwrap()
    }

    /// Registers for an RP ID, as run number `n`.
    fn register(&mut self, rp_id: &str, n: u8) -> Result<Registered, JobError> {
        self.world = World::unseeded([n; 32], at());
        let (name, grounds) = (KeyName::default(), Grounds::of_real_keys(Catalogue::default(), None));
        let request = Request { tenant: None, who: Who::Anybody, rp_id, platform: None, key: &name, grounds: &grounds };
        self.with(|client, book, world| Plan::prepare(&request, client, world)?.run(client, book, world))
    }

    fn clean(&mut self) -> Result<Cleaning, JobError> {
        self.with(|client, book, _| clean(&KeyName::default(), client, book, false, &mut |_| true))
    }

    /// RP IDs and user handles on the key.
    fn held(&mut self) -> Vec<(String, Vec<u8>)> {
        self.key.gone_at = None;
        let parties = self.with(|client, _, _| client.credentials()).unwrap();
        let of = |party: manage::credentials::RelyingParty| {
            let rp_id = party.rp.id;
            party.credentials.into_iter().map(move |credential| (rp_id.clone(), credential.user.id))
        };
        parties.into_iter().flat_map(of).collect()
    }

    /// Puts somebody's own passkey on the key, as their browser did.
    fn plant(&mut self, rp_id: &str, user: &[u8], name: &str) {
        let permissions = lab_protocol::ctap2::Permissions::MAKE_CREDENTIAL;
        let mut patient = |_| ControlFlow::Continue(());
        let mut on_pin = |_| Pin::new(PIN).ok();
        let mut client =
            Client { device: &mut self.key, env: &mut self.env, on_wait: &mut patient, on_pin: &mut on_pin };
        let token = client.run(manage::token(permissions, Some(rp_id))).unwrap();
        let request = make_credential::Request {
            client_data_hash: [1; 32],
            rp: RpEntity { id: rp_id.to_owned(), name: None },
            user: UserEntity { id: user.to_vec(), name: Some(name.to_owned()), display_name: None },
            pub_key_cred_params: vec![("public-key".to_owned(), Algorithm::ES256)],
            options: vec![("rk".to_owned(), true)],
            pin_uv_auth_param: Some(token.authenticate(&[1; 32])),
            pin_uv_auth_protocol: Some(token.protocol().number()),
            ..make_credential::Request::default()
        };
        let message = [&[1][..], &request.encode()].concat();
        let reply = self.key.call(Message::Cbor(&message), &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(reply[0], 0);
    }
}

const ENTRA: &str = "login.microsoft.com";

#[test]
fn a_passkey_registers_signs_in_and_is_cleaned_away() {
    let mut lab = Lab::new("yubikey-5-nfc");
    lab.plant(ENTRA, b"OF:somebody", "ada@contoso.example");
    let registered = lab.register(RP_ID, 1).unwrap();
    assert_eq!(registered.exit_status(), 0, "{registered:#?}");
    assert_eq!(lab.ledger().entries()[0].state, State::Written);
    assert_eq!(lab.held().len(), 2);

    let (name, grounds) = (KeyName::default(), Grounds::of_real_keys(Catalogue::default(), None));
    let request =
        Request { tenant: None, who: Who::Anybody, rp_id: RP_ID, platform: None, key: &name, grounds: &grounds };
    let signed_in = lab.with(|client, book, world| request.sign_in(client, book, world)).unwrap();
    assert_eq!(signed_in.exit_status(), 0, "{signed_in:#?}");

    lab.clean().unwrap();
    assert_eq!(lab.held(), [(ENTRA.to_owned(), b"OF:somebody".to_vec())]);
    assert!(lab.ledger().entries().is_empty());
}

#[test]
fn with_a_tenant_the_verdict_is_entras() {
    let mut lab = Lab::new("yubikey-5-nfc");
    let tenant = tenants::read("example:admins-attested", &mut std::io::empty()).unwrap();
    let (name, grounds) = (KeyName::default(), Grounds::of_real_keys(Catalogue::default(), None));
    let who = Who::User("admin.berg@nordhafen.example".to_owned());
    let request = Request { tenant: Some(&tenant), who, rp_id: RP_ID, platform: None, key: &name, grounds: &grounds };
    let registered = lab.with(|client, book, world| Plan::prepare(&request, client, world)?.run(client, book, world));
    let registered = registered.unwrap();
    assert_eq!((registered.exit_status(), registered.registration.decided_by), (1, Some("entra/key-restrictions")));
}

#[test]
fn a_real_passkey_of_entra_is_never_replaced() {
    let mut lab = Lab::new("yubikey-5-nfc");
    let theirs = [b"OF:".to_vec(), vec![7; 48]].concat();
    lab.plant(ENTRA, &theirs, "LAB rehearsal");
    let before = lab.held();

    // The same user, by name.
    let refused = lab.register(ENTRA, 1).unwrap_err();
    assert!(matches!(refused, JobError::Guard(GuardError::Held { .. })), "{refused}");

    // The same user, by handle: somebody else's is not even looked up.
    let (name, grounds) = (KeyName::default(), Grounds::of_real_keys(Catalogue::default(), None));
    let request =
        Request { tenant: None, who: Who::Anybody, rp_id: ENTRA, platform: None, key: &name, grounds: &grounds };
    let handles = [theirs.clone(), b"OF:".to_vec(), Vec::new()];
    for handle in handles {
        let refused =
            lab.with(|client, _, world| Plan::with_handle(&request, client, handle, world).map(|_| ()).unwrap_err());
        assert!(matches!(refused, JobError::Guard(GuardError::Handle(_))), "{refused}");
    }

    // A handle of the lab's that is on the key already.
    let ours = [b"LAB".to_vec(), vec![9; 48]].concat();
    lab.plant("other.example.com", &ours, "somebody");
    let request = Request { rp_id: "other.example.com", ..request };
    let refused =
        lab.with(|client, _, world| Plan::with_handle(&request, client, ours.clone(), world).map(|_| ()).unwrap_err());
    assert!(matches!(refused, JobError::Guard(GuardError::Held { .. })), "{refused}");

    assert_eq!(lab.held()[..before.len()], before);
    assert!(lab.ledger().entries().is_empty());
}

#[test]
fn a_key_that_does_not_show_what_it_holds_is_not_written_to_in_a_real_name() {
    let mut lab = Lab::new("yubikey-5-nfc-5.1");
    let refused = lab.register(ENTRA, 1).unwrap_err();
    assert!(matches!(refused, JobError::Guard(GuardError::Unlisted { .. })), "{refused}");
    assert!(lab.ledger().entries().is_empty());
}

#[test]
fn the_ledger_is_exact_after_interruptions_at_every_message() {
    let mut lab = Lab::new("yubikey-5-nfc");
    lab.plant(RP_ID, b"somebody's own", "another lab");
    let mut interrupted = 0;
    for n in 0..60_u8 {
        let (at, after) = (usize::from(n / 2) % 12 + 1, n % 2 == 1);
        (lab.key.calls, lab.key.gone_at) = (0, Some((at, after)));
        interrupted += usize::from(lab.register(RP_ID, n).is_err());
        let (held, ledger) = (lab.held(), lab.ledger());
        let ours: Vec<_> = held.iter().filter(|(_, handle)| handle.starts_with(guard::TAG)).collect();
        for (rp_id, handle) in &ours {
            assert!(ledger.find(rp_id, handle).is_some(), "run {n}: the key holds what the ledger does not know");
        }
        let written = ledger.entries().iter().filter(|entry| entry.state == State::Written);
        for entry in written {
            let on_the_key = held.contains(&(entry.rp_id.clone(), entry.user_handle.0.clone()));
            assert!(on_the_key, "run {n}: the ledger says written, the key does not have it");
        }
        (lab.key.calls, lab.key.gone_at) = (0, (n % 3 == 0).then_some((at, after)));
        let _ = lab.clean();
    }
    assert!(interrupted > 20, "{interrupted}");
    lab.key.gone_at = None;
    lab.clean().unwrap();
    assert_eq!(lab.held(), [(RP_ID.to_owned(), b"somebody's own".to_vec())]);
    assert!(lab.ledger().entries().iter().all(|entry| entry.state == State::Asked));
}

#[test]
fn a_ledger_that_cannot_be_kept_stops_before_the_key_is_asked() {
    let mut lab = Lab::new("yubikey-5-nfc");
    let (name, grounds) = (KeyName::default(), Grounds::of_real_keys(Catalogue::default(), None));
    let request =
        Request { tenant: None, who: Who::Anybody, rp_id: RP_ID, platform: None, key: &name, grounds: &grounds };
    let refused = lab.with(|client, _, world| {
        let mut full = |_: &str| Err("no space left on device".to_owned());
        Plan::prepare(&request, client, world)?.run(client, &mut Book::new(Ledger::new(), &mut full), world)
    });
    assert!(matches!(refused, Err(JobError::Ledger(LedgerError::NotKept(_)))));
    assert!(lab.held().is_empty());
}

#[test]
fn a_ledger_survives_its_text_and_names_what_is_wrong_in_one() {
    let mut lab = Lab::new("yubikey-5-nfc");
    lab.register(RP_ID, 1).unwrap();
    assert_eq!(lab.ledger().text(), *lab.file.borrow());
    let wrong = |text: &str| text.parse::<Ledger>().unwrap_err().to_string();
    assert!(wrong("{}").contains("schema"), "{}", wrong("{}"));
    assert!(wrong(r#"{"schema": "other/1", "entries": []}"#).contains("other/1"));
    let broken = lab.file.borrow().replace("\"written\"", "\"eaten\"");
    assert!(wrong(&broken).contains("entries[0].state"), "{}", wrong(&broken));
}
