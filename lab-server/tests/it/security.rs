//! What stands between a request and its handler.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use lab_server::{Settings, Token};

use crate::lab::{TestLab, request};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn guarded() -> TestLab {
    TestLab::with(Settings { token: Some(Token::new(TOKEN)), ..Settings::localhost(8080) })
}

async fn status(lab: &TestLab, method: Method, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    lab.ask(request(method, path, headers, Body::empty())).await.status
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_gets_nothing() {
    let lab = TestLab::new();
    for host in ["evil.example", "evil.example:8080", "localhost", "localhost:8081", "localhost.evil.example:8080", ""]
    {
        let answer = status(&lab, Method::GET, "/", &[("host", host)]).await;
        assert_eq!(answer, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:8080"] {
        assert_eq!(status(&lab, Method::GET, "/", &[("host", host)]).await, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_can_do_nothing() {
    let lab = TestLab::new();
    let before = lab.lab.store.read(lab_directory::Directory::seq);
    let form = ("content-type", "application/x-www-form-urlencoded");
    for origin in ["https://evil.example", "null", "http://localhost:8081", "http://127.0.0.1:8080"] {
        let headers = [("origin", origin), form];
        let request = request(Method::POST, "/tenant/import", &headers, Body::from("example=fresh-default"));
        assert_eq!(lab.ask(request).await.status, StatusCode::FORBIDDEN, "{origin}");
    }
    let embedded = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
    assert_eq!(status(&lab, Method::GET, "/log", &embedded).await, StatusCode::FORBIDDEN);
    let preflight = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    let answer = lab.ask(request(Method::OPTIONS, "/signin/options", &preflight, Body::empty())).await;
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "no answer opens a door");
    assert_eq!(lab.lab.store.read(lab_directory::Directory::seq), before, "nothing happened");
}

#[tokio::test]
async fn every_answer_forbids_frames_and_foreign_scripts() {
    let lab = TestLab::new();
    for path in ["/", "/nowhere", "/ceremonies/7", "/lab.mjs", "/enter"] {
        let headers = lab.get(path).await.headers;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("script-src 'self'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn without_the_token_there_is_nothing_but_the_page_that_takes_it() {
    let lab = guarded();
    for path in ["/", "/log", "/ceremonies", "/events", "/nowhere"] {
        assert_eq!(status(&lab, Method::GET, path, &[]).await, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(status(&lab, Method::GET, "/", &[("accept", "text/html")]).await, StatusCode::SEE_OTHER);
    assert_eq!(
        lab.post("/attestation/options", &serde_json::json!({"username": "x"})).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(lab.get("/enter").await.status, StatusCode::OK);
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(status(&lab, Method::GET, "/", &[("authorization", &bearer)]).await, StatusCode::OK);
}

#[tokio::test]
async fn a_browser_enters_once_and_stays_for_its_session() {
    let lab = guarded();
    let entered = lab.form("/enter", &format!("token={TOKEN}")).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    let cookie = entered.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(TOKEN), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(status(&lab, Method::GET, "/", &[("cookie", pair)]).await, StatusCode::OK);
    assert_eq!(status(&lab, Method::GET, "/", &[("cookie", "passkey-lab=guess")]).await, StatusCode::UNAUTHORIZED);
    lab.clock.by(SignedDuration::from_hours(13));
    assert_eq!(status(&lab, Method::GET, "/", &[("cookie", pair)]).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn guessing_is_slowed_down_even_for_whoever_guesses_right_at_last() {
    let lab = guarded();
    let mut answers = Vec::new();
    for guess in 0..15 {
        answers.push(lab.form("/enter", &format!("token=guess{guess}")).await.status);
    }
    assert_eq!(answers.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count(), 10);
    assert_eq!(lab.form("/enter", &format!("token={TOKEN}")).await.status, StatusCode::TOO_MANY_REQUESTS);
    lab.clock.by(SignedDuration::from_mins(1));
    assert_eq!(lab.form("/enter", &format!("token={TOKEN}")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_flood_from_one_address_is_turned_away() {
    let settings = Settings::localhost(8080);
    let limits = lab_server::Limits { rate: Some(5), ..settings.limits };
    let lab = TestLab::with(Settings { limits, ..settings });
    let mut turned_away = 0;
    for _ in 0..30 {
        turned_away += u32::from(lab.get("/enter").await.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(turned_away, 10, "a burst of four seconds' worth is let in");
}
