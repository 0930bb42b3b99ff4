//! Authenticators by themselves: made, used at relying parties of somebody else's, capped, forgotten.

use axum::http::StatusCode;
use lab_entra::Verdict;
use lab_jobs::world::World;
use lab_server::api::client::Client;
use lab_server::api::types::{
    Answer, Call, CreateCall, Flow, GetCall, NewAuthenticator, Person, Register, VerifyQuery,
};
use lab_server::{Limits, Settings};
use serde_json::{Value, json};

use super::{KEY, client, made, of, status};
use crate::described::Described;
use crate::lab::{TestLab, USER};

const CHALLENGE: &str = "AAECAwQFBgcICQoLDA0ODw";

pub fn creation(origin: &str, rp_id: Option<&str>) -> CreateCall {
    let options = json!({
        "rp": { "id": rp_id, "name": "RP" },
        "user": { "id": "AAEC", "name": "ada@rp.example", "displayName": "Ada" },
        "challenge": CHALLENGE,
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }],
        "authenticatorSelection": { "residentKey": "required", "userVerification": "required" },
        "attestation": "direct",
    });
    Call { origin: origin.to_owned(), options: serde_json::from_value(options).unwrap(), flow: None }
}

fn request(origin: &str, rp_id: &str) -> GetCall {
    let options = json!({ "rpId": rp_id, "challenge": CHALLENGE, "userVerification": "required" });
    Call { origin: origin.to_owned(), options: serde_json::from_value(options).unwrap(), flow: None }
}

fn case(origin: &str, rp_id: &str, response: &impl serde::Serialize) -> Value {
    json!({ "rp_id": rp_id, "origin": origin, "challenge": CHALLENGE, "require_user_verification": true, "response": response })
}

#[tokio::test]
async fn a_relying_party_of_somebody_elses_gets_what_an_authenticator_makes() {
    let lab = TestLab::new();
    let client = client(&lab);
    let key = made(&client, &of(KEY)).await;
    let origin = "https://login.rp.example";
    let Answer::Made { response: registered, notes } =
        client.create(&key.id, &creation(origin, Some("rp.example"))).await.unwrap()
    else {
        panic!("refused")
    };
    assert!(notes.is_empty(), "{notes:?}");
    let held = client.credentials(&key.id).await.unwrap().credentials;
    assert_eq!((held.len(), held[0].rp_id.as_deref()), (1, Some("rp.example")));
    assert_eq!((&held[0].credential_id, held[0].is_resident_credential), (&registered.raw_id, true));
    assert_eq!(client.authenticator(&key.id).await.unwrap().credentials, 1);
    let Answer::Made { response, .. } = client.get_assertion(&key.id, &request(origin, "rp.example")).await.unwrap()
    else {
        panic!("refused")
    };
    let mut signed = case(origin, "rp.example", &response);
    signed["credential_public_key_cose"] = cose(&registered).into();
    let cases = json!([case(origin, "rp.example", &registered), signed]);
    let judged = client.verify(&cases, VerifyQuery { anatomy: true }).await.unwrap();
    for outcome in judged.result.as_array().unwrap() {
        assert_eq!(outcome["outcome"], "valid", "{}", outcome["message"]);
        assert!(!outcome["anatomy"].as_array().unwrap().is_empty());
    }
}

fn cose(registered: &lab_protocol::webauthn::RegistrationResponse) -> String {
    let object = lab_protocol::webauthn::AttestationObject::parse(&registered.response.attestation_object.0).unwrap();
    let data = lab_protocol::webauthn::AuthenticatorData::parse(object.auth_data).unwrap();
    lab_protocol::base64url::encode(data.attested.unwrap().public_key)
}

#[tokio::test]
async fn what_a_platform_takes_out_is_said() {
    let lab = TestLab::new();
    let client = client(&lab);
    let key = made(&client, &NewAuthenticator { platform: Some("firefox".to_owned()), ..of(KEY) }).await;
    let mut call = creation("https://rp.example", None);
    "none".clone_into(&mut call.options.attestation);
    let Answer::Made { notes, .. } = client.create(&key.id, &call).await.unwrap() else { panic!("refused") };
    assert!(notes[0].contains("firefox") && notes[0].contains("packed"), "{notes:?}");
}

#[tokio::test]
async fn what_client_or_authenticator_refuse_is_a_result() {
    let lab = TestLab::new();
    let client = client(&lab);
    let key = made(&client, &of(KEY)).await;
    let unwilling = made(&client, &NewAuthenticator { person: Person::Deny, ..of(KEY) }).await;
    let refused = |answer| match answer {
        Answer::Refused { error } => error,
        Answer::Made { .. } => panic!("made"),
    };
    let declined = refused(client.create(&unwilling.id, &creation("https://rp.example", None)).await.unwrap());
    assert_eq!(declined.name, "NotAllowedError");
    assert!(declined.ctap.unwrap().contains("CTAP2_ERR_OPERATION_DENIED"));
    let foreign = refused(client.create(&key.id, &creation("https://a.example", Some("b.example"))).await.unwrap());
    assert_eq!(foreign.name, "SecurityError");
    let address = refused(client.create(&key.id, &creation("https://192.0.2.1", None)).await.unwrap());
    assert_eq!(address.name, "SecurityError", "{}", address.message);
    match client.get_assertion(&key.id, &request("https://rp.example", "rp.example")).await.unwrap() {
        Answer::Refused { error } => assert!(error.ctap.unwrap().contains("NO_CREDENTIALS")),
        Answer::Made { .. } => panic!("it holds none"),
    }
}

#[tokio::test]
async fn it_answers_laboratories_the_lab_and_whom_it_was_told() {
    let unseeded = TestLab::in_world(Settings::localhost(8080), |now| World::unseeded([3; 32], now));
    let client = client(&unseeded);
    let key = made(&client, &NewAuthenticator { allow_rp_ids: vec!["corp.com".to_owned()], ..of(KEY) }).await;
    for (origin, rp_id) in [
        ("http://localhost:8080", None),
        ("https://app.localhost", None),
        ("https://a.test", Some("a.test")),
        ("https://login.corp.com", Some("corp.com")),
    ] {
        let made = client.create(&key.id, &creation(origin, rp_id)).await.unwrap();
        assert!(matches!(made, Answer::Made { .. }), "{origin}");
    }
    for (origin, rp_id) in [
        ("https://login.microsoft.com", None),
        ("https://login.microsoft.com", Some("microsoft.com")),
        ("https://login.corp.com", None),
        ("android:apk-key-hash:AAAA", Some("login.microsoft.com")),
    ] {
        let refused = client.create(&key.id, &creation(origin, rp_id)).await;
        assert_eq!(status(refused), StatusCode::FORBIDDEN, "{origin} {rp_id:?}");
    }
    let refused = client.get_assertion(&key.id, &request("https://login.microsoft.com", "login.microsoft.com")).await;
    assert_eq!(status(refused), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn at_entras_host_nothing_for_entra_leaves_the_lab() {
    let lab = TestLab::new();
    let key = made(&client(&lab), &of(KEY)).await;
    let entra = "https://login.microsoft.com";
    let there = Settings::entra_hosts().into_iter().find(|settings| settings.origin == entra).unwrap();
    let client = Client::new(Described(lab.at(there).app), entra);
    let refused = client.create(&key.id, &creation(entra, Some("login.microsoft.com"))).await;
    assert_eq!(status(refused), StatusCode::FORBIDDEN);
    let register = Register { user: USER.to_owned(), ..Register::default() };
    let told = client.register(&key.id, &register).await.unwrap().told;
    assert_eq!(told.verdict, Verdict::Allowed, "{}", told.message);
    assert_eq!(
        status(client.get_assertion(&key.id, &request(entra, "login.microsoft.com")).await),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn keys_of_a_seed_answer_nobody_who_is_named() {
    let lab = TestLab::new();
    let named = NewAuthenticator { allow_rp_ids: vec!["corp.com".to_owned()], ..of(KEY) };
    assert_eq!(status(client(&lab).create_authenticator(&named).await), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn each_draws_its_own_random_bytes() {
    for lab in [TestLab::new(), TestLab::in_world(Settings::localhost(8080), |now| World::unseeded([3; 32], now))] {
        let client = client(&lab);
        let mut ids = Vec::new();
        for _ in 0..2 {
            let key = made(&client, &of(KEY)).await;
            client.create(&key.id, &creation("https://rp.example", None)).await.unwrap();
            ids.push(client.credentials(&key.id).await.unwrap().credentials[0].credential_id.clone());
        }
        assert_ne!(ids[0], ids[1]);
    }
}

#[tokio::test]
async fn two_at_once_do_not_wait_for_each_other() {
    let lab = TestLab::new();
    let client = client(&lab);
    let (busy, free) = (made(&client, &of(KEY)).await, made(&client, &of(KEY)).await);
    let held = lab.lab.authenticators.find(&busy.id).unwrap();
    let held = held.emulated.lock().await;
    let call = creation("https://rp.example", None);
    let waits = client.create(&busy.id, &call);
    tokio::pin!(waits);
    tokio::select! {
        biased;
        _ = &mut waits => panic!("it is in use"),
        made = client.create(&free.id, &call) => assert!(matches!(made.unwrap(), Answer::Made { .. })),
    }
    drop(held);
    assert!(matches!(waits.await.unwrap(), Answer::Made { .. }), "its turn");
}

#[tokio::test]
async fn there_are_only_so_many_and_each_holds_only_so_much() {
    let settings = Settings::localhost(8080);
    let limits = Limits { authenticators: 2, credentials: 1, ..settings.limits };
    let lab = TestLab::with(Settings { limits, ..settings });
    let client = client(&lab);
    let key = made(&client, &NewAuthenticator { name: Some("Blue".to_owned()), ..of(KEY) }).await;
    made(&client, &of("icloud-keychain")).await;
    assert_eq!(status(client.create_authenticator(&of(KEY)).await), StatusCode::CONFLICT);
    let all = client.authenticators().await.unwrap().authenticators;
    assert_eq!(all.iter().map(|one| one.made_from.model.as_str()).collect::<Vec<_>>(), [KEY, "icloud-keychain"]);
    assert_eq!(all[0].made_from.name.as_deref(), Some("Blue"));
    assert!(matches!(client.create(&key.id, &creation("https://a.example", None)).await.unwrap(), Answer::Made { .. }));
    assert_eq!(status(client.create(&key.id, &creation("https://b.example", None)).await), StatusCode::CONFLICT);
    let register = Register { user: USER.to_owned(), ..Register::default() };
    assert_eq!(status(client.register(&key.id, &register).await), StatusCode::CONFLICT);
    client.delete_authenticator(&key.id).await.unwrap();
    assert_eq!(status(client.delete_authenticator(&key.id).await), StatusCode::NOT_FOUND);
    made(&client, &of(KEY)).await;
}

#[tokio::test]
async fn what_does_not_exist_is_said() {
    let lab = TestLab::new();
    let client = client(&lab);
    for new in [
        of("yubikey-5-nfcc"),
        of("peer/passkey-rs"),
        NewAuthenticator { platform: Some("netscape".to_owned()), ..of(KEY) },
        NewAuthenticator { lies: vec!["be-hiden".to_owned()], ..of(KEY) },
    ] {
        assert_eq!(status(client.create_authenticator(&new).await), StatusCode::UNPROCESSABLE_ENTITY, "{new:?}");
    }
    let nobody = "0".repeat(32);
    let call = creation("https://rp.example", None);
    assert_eq!(status(client.create(&nobody, &call).await), StatusCode::NOT_FOUND);
    assert_eq!(status(client.authenticator(&nobody).await), StatusCode::NOT_FOUND);
    let key = made(&client, &of(KEY)).await;
    let flow = Call { flow: Some(Flow::CrossDevice), ..call.clone() };
    assert_eq!(status(client.create(&key.id, &flow).await), StatusCode::UNPROCESSABLE_ENTITY);
    let origin = Call { origin: "rp.example".to_owned(), ..call };
    assert_eq!(status(client.create(&key.id, &origin).await), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(status(client.model("yubikey").await), StatusCode::NOT_FOUND);
    assert_eq!(status(client.model("peer/passkey-rs").await), StatusCode::NOT_FOUND);
    assert_eq!(client.model(KEY).await.unwrap()["id"], KEY);
}
