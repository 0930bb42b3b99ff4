//! What a transcript of an emulated key holds, and what it does not.

use lab_authenticator::{InProcess, Person};
use lab_client::transcript::{DeviceFacts, Own, Tape, Transcript};
use lab_client::{Client, Context, Pin, Platform, Route, Transport, manage};
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use lab_protocol::{Device, Env, base64url};
use serde_json::json;
use std::ops::ControlFlow;

use crate::key::key;
use crate::models::{self, Catalogue, Choice};
use crate::world::{Part, World};

const PIN: &str = "K7-vermilion-otter";
const NEW_PIN: &str = "N9-cerulean-badger";
const STRANGER: (&str, &str, &[u8]) = ("bank.example", "somebody.else@bank.example", b"STRANGERS-USER-HANDLE-0001");
const OURS: (&str, &str, &[u8]) = ("passkey-lab.test", "pilot@lab.test", b"LAB-handle-of-the-pilot");

fn at() -> jiff::Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn choice(id: &str) -> Choice {
    Catalogue::read(None).unwrap().choose(id).unwrap()
}

fn device(model: &str, world: &World) -> InProcess {
    InProcess::at(key(&choice(model), None, world).unwrap().set_up(PIN).unwrap(), at(), Person::Auto)
}

fn run<T>(device: &mut dyn Device, act: impl FnOnce(&mut Client<'_>) -> T) -> T {
    let mut env = Env::honest(World::seeded(3, at()).stream(Part::Client));
    let mut patience = |_| ControlFlow::Continue(());
    let mut knows = |_| Pin::new(PIN).ok();
    act(&mut Client { device, env: &mut env, on_wait: &mut patience, on_pin: &mut knows })
}

fn context(rp_id: &str) -> Context {
    let origin = format!("https://{rp_id}").parse().unwrap();
    Context::new(origin, Platform::find("l3").unwrap(), Route::new(Transport::Usb))
}

fn register(device: &mut dyn Device, (rp_id, name, handle): (&str, &str, &[u8])) -> Vec<u8> {
    let options: PublicKeyCredentialCreationOptions = serde_json::from_value(json!({
        "rp": {"id": rp_id, "name": rp_id},
        "user": {"id": base64url::encode(handle), "name": name, "displayName": name},
        "challenge": "Y2hhbGxlbmdl",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "authenticatorSelection": {"requireResidentKey": true, "residentKey": "required", "userVerification": "required"},
        "attestation": "direct",
        "extensions": {"prf": {}, "hmacCreateSecret": true},
    }))
    .unwrap();
    run(device, |client| client.create(&options, &context(rp_id))).unwrap().response.raw_id.0
}

fn sign_in(device: &mut dyn Device, rp_id: &str) {
    let options: PublicKeyCredentialRequestOptions = serde_json::from_value(json!({
        "rpId": rp_id, "challenge": "Y2hhbGxlbmdl", "userVerification": "required",
        "extensions": {"prf": {"eval": {"first": "c2FsdA"}}},
    }))
    .unwrap();
    run(device, |client| client.get(&options, &context(rp_id))).unwrap();
}

fn tape() -> Tape {
    Tape::new(("passkey-lab", "0.0.0"), Own::default(), Box::new(at))
}

/// A session with everything that a PIN is used for; the id of the stranger's credential, and ours.
fn session(model: &str) -> (Transcript, Vec<u8>, Vec<u8>) {
    let world = World::seeded(7, at());
    let mut device = device(model, &world);
    let stranger = register(&mut device, STRANGER);
    let tape = tape();
    let mut recorder = tape.record(Box::new(device), DeviceFacts { name: model.to_owned(), hid: None });
    let ours = register(&mut recorder, OURS);
    sign_in(&mut recorder, OURS.0);
    let listed = run(&mut recorder, |client| client.run(manage::credentials::list())).unwrap();
    assert_eq!(listed.len(), 2);
    run(&mut recorder, |client| client.run(manage::credentials::metadata())).unwrap();
    let change = manage::pin::change(Pin::new(PIN).unwrap(), Pin::new(NEW_PIN).unwrap());
    run(&mut recorder, |client| client.run(change)).unwrap();
    // A wrong one.
    let change = manage::pin::change(Pin::new(PIN).unwrap(), Pin::new(NEW_PIN).unwrap());
    run(&mut recorder, |client| client.run(change)).unwrap_err();
    (tape.transcript(), stranger, ours)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every form in which bytes could stand in a text.
fn forms(bytes: &[u8]) -> Vec<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
    let mut forms = Vec::new();
    for bytes in [bytes, &reversed] {
        forms.extend([hex(bytes), hex(bytes).to_uppercase()]);
        // A text in base64 has three forms, by where it starts; its middle is in all longer ones.
        for shift in 0..3 {
            let shifted = [&vec![0; shift][..], bytes].concat();
            for engine in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
                let middle = if shift == 0 { 0 } else { 4 };
                forms.push(engine[middle..engine.len() - 2].to_owned());
            }
        }
        forms.push(STANDARD.encode(bytes));
        forms.extend(String::from_utf8(bytes.to_vec()).ok());
    }
    forms.retain(|form| form.len() >= 6);
    forms
}

/// What a PIN is on its way to the key.
fn of_a_pin(pin: &str) -> Vec<Vec<u8>> {
    let utf16 = |bytes: fn(u16) -> [u8; 2]| pin.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let hash = lab_attestation::sha256(pin.as_bytes());
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(64, 0);
    vec![
        pin.as_bytes().to_vec(),
        pin.to_lowercase().into_bytes(),
        pin.to_uppercase().into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        hash.to_vec(),
        hash[..16].to_vec(),
        hash[16..].to_vec(),
        padded,
    ]
}

#[test]
fn no_pin_is_in_a_transcript_in_any_form() {
    for model in ["yubikey-5-nfc"] {
        let (transcript, ..) = session(model);
        let text = transcript.to_lines();
        for form in [PIN, NEW_PIN].into_iter().flat_map(of_a_pin).flat_map(|bytes| forms(&bytes)) {
            assert!(!text.contains(&form), "{model}: {form}");
        }
        // The search finds what is there.
        assert!(forms(OURS.2).iter().any(|form| text.contains(form)));
        assert!(transcript.end.unwrap().secrets > 20);
    }
}

#[test]
fn others_credentials_are_not_in_a_transcript_and_the_labs_own_are() {
    let (transcript, stranger, ours) = session("yubikey-5-nfc");
    let text = transcript.to_lines();
    let (rp_id, name, handle) = STRANGER;
    let hash = lab_attestation::sha256(rp_id.as_bytes());
    for bytes in [stranger.as_slice(), rp_id.as_bytes(), name.as_bytes(), handle, &hash[..]] {
        for form in forms(bytes) {
            assert!(!text.contains(&form), "{form}");
        }
    }
    for bytes in [ours.as_slice(), OURS.2, OURS.1.as_bytes()] {
        assert!(forms(bytes).iter().any(|form| text.contains(form)));
    }
    let end = transcript.end.unwrap();
    assert_eq!((end.credentials, end.users, end.relying_parties), (1, 1, 1));
    assert_eq!(Transcript::from_lines(&text).unwrap(), transcript);
}

#[test]
fn a_client_with_another_key_and_another_pin_gets_the_same_out_of_a_replay() {
    let (transcript, _, ours) = session("yubikey-5-nfc");
    let mut rng = World::seeded(99, at()).stream(Part::Client);
    let mut replay = lab_client::transcript::Replay::new(&transcript, None, &mut rng);
    assert_eq!(register(&mut replay, OURS), ours);
    sign_in(&mut replay, OURS.0);
    let listed = run(&mut replay, |client| client.run(manage::credentials::list())).unwrap();
    let of = |own: bool| listed.iter().find(|party| (party.rp.id == OURS.0) == own).unwrap();
    assert_eq!(of(true).credentials[0].id.id, ours);
    assert!(of(false).rp.id.starts_with("00001-stand"));
    // What was never asked.
    let error = run(&mut replay, |client| client.run(manage::select())).unwrap_err();
    assert!(error.cause.to_string().contains("the transcript has no authenticatorSelection"), "{error:?}");
}

#[test]
fn a_model_is_as_its_own_transcript_shows_it_and_so_is_its_draft() {
    let catalogue = Catalogue::read(None).unwrap();
    for id in
        ["yubikey-5-nfc", "yubikey-bio-mpe", "security-key-nfc", "windows-hello", "icloud-keychain", "solo-2-usb-a"]
    {
        let transcript = models::record(&choice(id), &catalogue, at()).unwrap();
        let same = models::compare(&choice(id), &transcript, &catalogue).unwrap();
        assert!(!same.differs, "{id}: {:#?}", same.report(false).result);
        let draft = models::draft(&transcript, &catalogue).unwrap();
        let (model, problems) = lab_authenticator::Model::examine("draft.toml", &draft.toml);
        assert!(problems.is_empty(), "{id}: {problems:?}\n{}", draft.toml);
        assert!(models::check(&[("draft.toml".to_owned(), draft.toml.clone())]).clean, "{id}");
        let drafted = Choice::Emulated(std::sync::Arc::new(model.unwrap()));
        let again = models::compare(&drafted, &transcript, &catalogue).unwrap();
        assert!(!again.differs, "{id}: {:#?}\n{}", again.report(false).result, draft.toml);
    }
}

#[test]
fn another_model_differs_from_a_transcript() {
    let catalogue = Catalogue::read(None).unwrap();
    let transcript = models::record(&choice("yubikey-5-nfc-5.4"), &catalogue, at()).unwrap();
    let comparison = models::compare(&choice("yubikey-5-nfc"), &transcript, &catalogue).unwrap();
    assert!(comparison.differs);
    let result = comparison.report(false).result;
    let differs = |row: &&serde_json::Value| row["verdict"] == "differs";
    let members: Vec<_> = result["rows"].as_array().unwrap().iter().filter(differs).map(|row| &row["member"]).collect();
    assert!(members.contains(&&json!("aaguid")) && members.contains(&&json!("firmwareVersion")), "{members:?}");
}
