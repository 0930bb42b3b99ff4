//! The same client over a socket, as programs of others reach the lab.

use axum::body::Body;
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use lab_entra::Verdict;
use lab_server::api::client::Client;
use lab_server::api::types::{Register, SignIn};
use lab_server::serve::Listeners;
use lab_server::{Listen, Server, Settings, Token};

use super::{KEY, of, status};
use crate::lab::{TestLab, USER};

#[tokio::test]
async fn it_reaches_a_lab_that_wants_a_token() {
    let listeners = Listeners::open(Listen::Localhost(0)).unwrap();
    let port = listeners.port();
    let origin = format!("http://localhost:{port}");
    let settings = Settings { token: Some(Token::new("a-token-of-the-team")), ..Settings::localhost(port) };
    let lab = TestLab::with(settings).lab;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = Server::plain(lab, listeners);
    let server = tokio::spawn(server.run(async { _ = stopped.await }));

    let http = Http::builder(TokioExecutor::new()).build_http::<Body>();
    let nobody = Client::new(http.clone(), &origin);
    assert_eq!(status(nobody.models().await).as_u16(), 401);
    let client = nobody.with_token("a-token-of-the-team");
    let key = client.create_authenticator(&of(KEY)).await.unwrap();
    let register = Register { user: USER.to_owned(), ..Register::default() };
    assert_eq!(client.register(&key.id, &register).await.unwrap().told.verdict, Verdict::Allowed);
    let told = client.sign_in(&key.id, &SignIn::default()).await.unwrap().told;
    assert_eq!((told.verdict, told.user.is_some()), (Verdict::Allowed, true));
    drop((client, http));
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
