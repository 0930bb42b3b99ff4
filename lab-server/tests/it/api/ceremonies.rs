//! Ceremonies at the lab, from options to trace.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures_util::StreamExt as _;
use lab_directory::Door;
use lab_entra::Verdict;
use lab_protocol::webauthn::Ceremony;
use lab_server::Settings;
use lab_server::api::types::{
    Answer, BeginRegistration, BeginSignIn, Call, CeremonyQuery, EndRegistration, EndSignIn, Flow, NewAuthenticator,
    Person, Register, SignIn, UserQuery,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{KEY, client, made, of, status};
use crate::described;
use crate::lab::{OTHER, TestLab, USER, request};

fn register() -> Register {
    Register { user: USER.to_owned(), ..Register::default() }
}

#[tokio::test]
async fn every_model_registers_and_signs_in() {
    let settings = Settings::localhost(8080);
    let limits = lab_server::Limits { rate: None, ..settings.limits };
    let lab = TestLab::with(Settings { limits, ..settings });
    let client = client(&lab);
    let models = client.models().await.unwrap().models;
    assert!(models.len() > 300, "{}", models.len());
    let mut refused = Vec::new();
    for model in &models {
        let key = made(&client, &of(&model.id)).await;
        let registered = client.register(&key.id, &register()).await.unwrap();
        let signed_in = client.sign_in(&key.id, &SignIn::default()).await.unwrap();
        if (registered.told.verdict, signed_in.told.verdict) != (Verdict::Allowed, Verdict::Allowed) {
            refused.push((model.id.clone(), registered.told.message, signed_in.told.message));
        }
        client.delete_authenticator(&key.id).await.unwrap();
        if let Some(passkey) = registered.told.passkey {
            lab.form("/mysecurityinfo/delete", &format!("user={USER}&passkey={passkey}")).await;
        }
    }
    let ids: Vec<_> = refused.iter().map(|(id, ..)| id.as_str()).collect();
    // The first attests itself, the others make no key of a type that Entra takes.
    assert_eq!(ids, ["opensk", "solo-2-usb-a", "solo-2-usb-c"], "{refused:#?}");
}

#[tokio::test]
async fn a_program_does_what_the_pages_do_and_sees_what_they_show() {
    let lab = TestLab::new();
    let client = client(&lab);
    let key = made(&client, &of(KEY)).await;
    let origin = "http://localhost:8080".to_owned();
    let begin = BeginRegistration { user: USER.to_owned(), ..BeginRegistration::default() };
    let options = client.registration_options(&begin).await.unwrap();
    assert!(options.user.id.0.starts_with(b"LAB"), "no handle of Entra's leaves the lab");
    let call = Call { origin: origin.clone(), options, flow: None };
    let Answer::Made { response, .. } = client.create(&key.id, &call).await.unwrap() else { panic!("refused") };
    let end = EndRegistration { credential: response, name: Some("Blue key".to_owned()) };
    let registered = client.registration_result(&end).await.unwrap();
    assert_eq!(registered.verdict, Verdict::Allowed, "{}", registered.message);
    assert_eq!(status(client.registration_result(&end).await), StatusCode::CONFLICT, "once");

    let options = client.sign_in_options(&BeginSignIn { user: Some(USER.to_owned()) }).await.unwrap();
    assert_eq!(options.allow_credentials.len(), 1);
    let Answer::Made { response, .. } =
        client.get_assertion(&key.id, &Call { origin, options, flow: None }).await.unwrap()
    else {
        panic!("refused")
    };
    let signed_in = client.sign_in_result(&EndSignIn { credential: response }).await.unwrap();
    assert_eq!((signed_in.verdict, &signed_in.passkey), (Verdict::Allowed, &registered.passkey));

    let detail = client.ceremony(registered.ceremony).await.unwrap();
    assert_eq!((detail.summary.ceremony, detail.summary.door), (Ceremony::Registration, Door::Api));
    let step = detail.step.unwrap();
    let trace = step["webauthn"]["trace"].as_array().unwrap();
    assert!(trace.iter().any(|entry| entry["id"] == "registration/rp-id-hash" && entry["outcome"] == "pass"));
    assert_eq!(detail.anatomy.as_array().unwrap().len(), 2, "client data and attestation object");
    let case = detail.case.unwrap();
    let judged = client.verify(&case, lab_server::api::types::VerifyQuery::default()).await.unwrap();
    assert_eq!(judged.result[0]["outcome"], "valid");
    let info = lab.get(&format!("/mysecurityinfo?user={USER}")).await.text;
    assert!(info.contains("Blue key"));
}

#[tokio::test]
async fn a_lie_is_caught_and_named() {
    let lab = TestLab::new();
    let client = client(&lab);
    for (lie, check) in [
        ("wrong-rp-id-hash", "registration/rp-id-hash"),
        ("wrong-origin", "registration/origin"),
        ("bs-without-be", "registration/be-bs"),
    ] {
        let liar = made(&client, &NewAuthenticator { lies: vec![lie.to_owned()], ..of(KEY) }).await;
        let told = client.register(&liar.id, &register()).await.unwrap().told;
        assert_eq!((told.verdict, told.decided_by.as_deref()), (Verdict::Refused, Some(check)), "{lie}");
        let step = client.ceremony(told.ceremony).await.unwrap().step.unwrap();
        assert!(step["webauthn"]["failed"].as_array().unwrap().contains(&json!(check)), "{lie}");
    }
}

#[tokio::test]
async fn whoever_declines_is_recorded_without_a_response() {
    let lab = TestLab::new();
    let client = client(&lab);
    let key = made(&client, &NewAuthenticator { person: Person::Deny, ..of(KEY) }).await;
    let told = client.register(&key.id, &register()).await.unwrap();
    assert_eq!((told.told.verdict, told.error.unwrap().name.as_str()), (Verdict::Refused, "NotAllowedError"));
    let detail = client.ceremony(told.told.ceremony).await.unwrap();
    assert_eq!(detail.failure.unwrap().name, "NotAllowedError");
    assert!(detail.step.is_none() && detail.case.is_none());
    let nothing = made(&client, &of(KEY)).await;
    let told = client.sign_in(&nothing.id, &SignIn::default()).await.unwrap();
    assert!(told.error.unwrap().ctap.unwrap().contains("NO_CREDENTIALS"));
}

#[tokio::test]
async fn an_app_registers_in_its_own_way_and_nothing_else_does() {
    let lab = TestLab::new();
    let client = client(&lab);
    let app = made(&client, &of("authenticator-ios")).await;
    let inside = Register {
        flow: Some(Flow::InApp),
        in_app_attestation: Some(lab_entra::InAppAttestation::Passed),
        ..register()
    };
    let told = client.register(&app.id, &inside).await.unwrap().told;
    assert_eq!(told.verdict, Verdict::Allowed, "{}", told.message);
    let outside = Register { flow: None, ..inside };
    assert_eq!(status(client.register(&app.id, &outside).await), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_user_whom_the_tenant_does_not_have_is_said() {
    let lab = TestLab::new();
    let client = client(&lab);
    let (key, nobody) = (made(&client, &of(KEY)).await, "nobody@lab.example".to_owned());
    let wanted = Register { user: nobody.clone(), ..Register::default() };
    assert_eq!(status(client.register(&key.id, &wanted).await), StatusCode::UNPROCESSABLE_ENTITY);
    let wanted = SignIn { user: Some(nobody.clone()), flow: None };
    assert_eq!(status(client.sign_in(&key.id, &wanted).await), StatusCode::UNPROCESSABLE_ENTITY);
    let begin = BeginRegistration { user: nobody, ..BeginRegistration::default() };
    assert_eq!(status(client.registration_options(&begin).await), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(client.credentials(&key.id).await.unwrap().credentials.len(), 0);
}

#[tokio::test]
async fn recorded_ceremonies_are_listed_page_by_page() {
    let lab = TestLab::new();
    let client = client(&lab);
    let key = made(&client, &of(KEY)).await;
    client.register(&key.id, &register()).await.unwrap();
    for _ in 0..4 {
        client.sign_in(&key.id, &SignIn { user: Some(USER.to_owned()), flow: None }).await.unwrap();
    }
    let (mut numbers, mut query) = (Vec::new(), CeremonyQuery { limit: Some(2), ..CeremonyQuery::default() });
    loop {
        let page = client.ceremonies(&query).await.unwrap();
        numbers.extend(page.ceremonies.iter().map(|ceremony| ceremony.number));
        let Some(next) = page.next else { break };
        query.before = Some(next);
    }
    assert_eq!(numbers.len(), 5);
    assert!(numbers.is_sorted_by(|a, b| a > b));
    let of = |user: &str| CeremonyQuery { user: Some(user.to_owned()), ..CeremonyQuery::default() };
    assert_eq!(client.ceremonies(&of(USER)).await.unwrap().ceremonies.len(), 5);
    assert!(client.ceremonies(&of(OTHER)).await.unwrap().ceremonies.is_empty());
    assert_eq!(status(client.ceremonies(&of("nobody@lab.example")).await), StatusCode::NOT_FOUND);
    for number in [0, 999, u64::MAX] {
        assert_eq!(status(client.ceremony(number).await), StatusCode::NOT_FOUND, "{number}");
    }
    let users = client.users(&UserQuery { limit: Some(1), skip: 0 }).await.unwrap();
    assert_eq!((users.users[0].user_principal_name.as_str(), users.users[0].passkeys, users.next), (USER, 1, Some(1)));
    assert_eq!(client.users(&UserQuery { limit: Some(1), skip: 1 }).await.unwrap().next, None);
    assert!(client.tenant().await.unwrap()["fido2"].is_object());
}

#[tokio::test]
async fn whoever_watches_again_misses_nothing() {
    let lab = TestLab::new();
    let client = client(&lab);
    let key = made(&client, &of(KEY)).await;
    let registered = client.register(&key.id, &register()).await.unwrap().told.ceremony;
    let signed_in = client.sign_in(&key.id, &SignIn::default()).await.unwrap().told.ceremony;
    let seen = (registered - 1).to_string();
    let asked = request(Method::GET, "/api/events", &[("last-event-id", &seen)], Body::empty());
    let response = lab.app.clone().oneshot(asked).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.into_body().into_data_stream();
    for (number, event) in [(registered, "registered"), (signed_in, "signedIn")] {
        let text = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
        assert!(text.contains(&format!("id: {number}\n")) && text.contains(&format!("event: {event}\n")), "{text}");
        let data: Value = serde_json::from_str(text.split("data: ").nth(1).unwrap().trim()).unwrap();
        described::check_event(&data);
        assert_eq!((&data["number"], &data["ceremony"]["verdict"]), (&json!(number), &json!("allowed")));
    }
    client.sign_in(&key.id, &SignIn::default()).await.unwrap();
    let next = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(next.contains("event: signedIn"), "as it happens: {next}");
    lab.lab.close();
    assert!(events.next().await.is_none(), "a lab that ends says nothing more");
}

#[tokio::test]
async fn only_so_many_watch() {
    let settings = Settings::localhost(8080);
    let limits = lab_server::Limits { streams: 1, ..settings.limits };
    let lab = TestLab::with(Settings { limits, ..settings });
    let ask = || lab.app.clone().oneshot(request(Method::GET, "/api/events", &[], Body::empty()));
    let first = ask().await.unwrap();
    let second = ask().await.unwrap();
    assert_eq!(
        (second.status(), &second.headers()["retry-after"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"10".parse().unwrap())
    );
    assert_eq!(lab.get("/events").await.status, StatusCode::SERVICE_UNAVAILABLE, "pages are among them");
    drop(first);
    assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
}
