//! The lab over real sockets, by TLS and without: the same bounds, the same stop.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lab_protocol::Random;
use lab_server::serve::{Front, Listeners};
use lab_server::{Clock as _, Identity, Listen, Server, Settings, SystemClock};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::lab::TestLab;

/// How long the server waits for the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

struct Zeros;

impl Random for Zeros {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A lab at one socket.
struct Running {
    port: u16,
    end: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

fn start(sites: impl FnOnce(u16) -> Vec<Settings>, by_tls: bool) -> Running {
    let listeners = Listeners::open(Listen::Localhost(0)).unwrap();
    let port = listeners.port();
    let lab = TestLab::new().lab;
    let sites: Vec<_> = sites(port).into_iter().map(|settings| Arc::new(lab.at(settings))).collect();
    let identity = by_tls.then(|| Identity::of_this_run(&["localhost"], SystemClock.now(), &mut Zeros).unwrap());
    let front = Front { listeners, sites, identity };
    let server = Server { lab, fronts: vec![front], management: None };
    let (end, ends) = oneshot::channel::<()>();
    let ended = tokio::spawn(async move { server.run(async { drop(ends.await) }).await.unwrap() });
    Running { port, end: Some(end), ended }
}

/// Takes any certificate: whose it is, others test.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

trait Both: Read + Write + Send {}
impl<T: Read + Write + Send> Both for T {}

fn connect(port: u16, by_tls: bool) -> Box<dyn Both> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(3 * HEAD_WITHIN)).unwrap();
    if !by_tls {
        return Box::new(socket);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let config = config.unwrap().dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider)));
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::new(config.with_no_client_auth()), name).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket).unwrap();
    }
    Box::new(StreamOwned::new(connection, socket))
}

/// All that comes until the connection ends; however it ends.
fn rest(connection: &mut dyn Both) -> String {
    let mut bytes = Vec::new();
    let _ = connection.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn get(port: u16, by_tls: bool, host: &str) -> String {
    let request = format!("GET /enter HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let asked = spawn_blocking(move || {
        let mut connection = connect(port, by_tls);
        connection.write_all(request.as_bytes()).unwrap();
        rest(&mut *connection)
    });
    asked.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_host_of_a_socket_is_its_own_origin_and_no_other_is_served() {
    let sites = |port| [vec![Settings::localhost_by_tls(port)], Settings::entra_hosts()].concat();
    let lab = start(sites, true);
    for host in [format!("localhost:{}", lab.port), "login.microsoft.com".to_owned()] {
        let answer = get(lab.port, true, &host).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
        assert!(!answer.to_lowercase().contains("strict-transport-security"), "{host}");
    }
    assert!(get(lab.port, true, "mysignins.microsoft.com").await.starts_with("HTTP/1.1 303 "));
    for host in ["evil.example", "login.microsoft.com:8443", "localhost", "www.microsoft.com"] {
        assert!(get(lab.port, true, host).await.starts_with("HTTP/1.1 421 "), "{host}");
    }
    let plain = get(lab.port, false, "login.microsoft.com").await;
    assert!(!plain.contains("HTTP/1.1 200"), "no answer without TLS: {plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entras_hosts_are_not_served_without_tls() {
    let lab = start(|port| vec![Settings::localhost(port)], false);
    assert!(get(lab.port, false, &format!("localhost:{}", lab.port)).await.starts_with("HTTP/1.1 200 "));
    assert!(get(lab.port, false, "login.microsoft.com").await.starts_with("HTTP/1.1 421 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_nothing_or_half_of_it_is_let_go() {
    for by_tls in [false, true] {
        let sites = |port| vec![if by_tls { Settings::localhost_by_tls(port) } else { Settings::localhost(port) }];
        let lab = start(sites, by_tls);
        let port = lab.port;
        let silent = ["", "GET /enter HTTP/1.1\r\nhost: lo"].map(|said| {
            spawn_blocking(move || {
                let mut connection = connect(port, by_tls);
                connection.write_all(said.as_bytes()).unwrap();
                let started = Instant::now();
                let said = rest(&mut *connection);
                (started.elapsed(), said)
            })
        });
        // And whoever does not even begin the handshake.
        let mute = spawn_blocking(move || {
            let started = Instant::now();
            let said = rest(&mut *connect(port, false));
            (started.elapsed(), said)
        });
        for waited in silent.into_iter().chain([mute]) {
            let (waited, said) = waited.await.unwrap();
            assert!(waited < 2 * HEAD_WITHIN && !said.contains(" 200 "), "by TLS {by_tls}: {waited:?} {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_open_ends_when_the_lab_does() {
    for by_tls in [false, true] {
        let sites = |port| vec![if by_tls { Settings::localhost_by_tls(port) } else { Settings::localhost(port) }];
        let mut lab = start(sites, by_tls);
        let port = lab.port;
        let (opened, opens) = oneshot::channel();
        let watching = spawn_blocking(move || {
            let mut connection = connect(port, by_tls);
            write!(connection, "GET /events HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n").unwrap();
            let mut first = [0; 15];
            connection.read_exact(&mut first).unwrap();
            opened.send(first).unwrap();
            rest(&mut *connection)
        });
        assert_eq!(&opens.await.unwrap(), b"HTTP/1.1 200 OK");
        let started = Instant::now();
        lab.end.take().unwrap().send(()).unwrap();
        lab.ended.await.unwrap();
        watching.await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(4), "by TLS {by_tls}: nothing had to be cut off");
    }
}
