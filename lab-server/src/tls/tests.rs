use lab_protocol::Random;

use super::*;

const HOST: &str = "lab.corp.example";

/// Bytes that count: only serial numbers are made of them.
struct Count;

impl Random for Count {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().zip(1..).for_each(|(byte, count)| *byte = count);
    }
}

fn now() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    let lines = STANDARD.encode(der).into_bytes();
    let lines: Vec<_> = lines.chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A certificate for a host and its key, a day before now until a day after.
fn files(hosts: &[&str]) -> (String, String) {
    let day = SignedDuration::from_hours(24);
    let made = SelfSigned::new(hosts, (now() - day, now() + day), &mut Count).unwrap();
    (pem("CERTIFICATE", &made.certificate), pem("EC PRIVATE KEY", &made.key))
}

fn read(certificate: &str, key: &str, at: Timestamp) -> Result<Identity, TlsError> {
    Identity::from_pem(certificate.as_bytes(), key.as_bytes(), HOST, at)
}

#[test]
fn a_certificate_of_the_host_is_taken_with_the_key_of_its_pin() {
    let (certificate, key) = files(&[HOST]);
    let identity = read(&certificate, &format!("a note\n{key}"), now()).unwrap();
    let der = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let spki = Certificate::parse(&der).unwrap().spki.to_vec();
    assert_eq!(identity.pin(), STANDARD.encode(Sha256::digest(spki)));
    assert!(read(&files(&["*.corp.example"]).0, &key, now()).is_err(), "the key is another one's");
    let (certificate, key) = files(&["*.corp.example"]);
    assert!(read(&certificate, &key, now()).is_ok());
}

#[test]
fn each_fault_has_its_sentence_and_none_tells_the_key() {
    let (certificate, key) = files(&[HOST]);
    let (other, _) = files(&["other.example", "third.example"]);
    let (_, other_key) = files(&["other.example"]);
    let year = SignedDuration::from_hours(24 * 365);
    let secret: String = key.lines().nth(1).unwrap().to_owned();
    let broken = key.replace("BEGIN EC", &format!("BEGIN {secret}"));
    let encrypted = key.replace("EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let odd = pem("PRIVATE KEY", b"no key at all");
    for (certificate, key, at, says) in [
        ("", key.as_str(), now(), "has no “-----BEGIN CERTIFICATE-----”"),
        (key.as_str(), &key, now(), "has no “-----BEGIN CERTIFICATE-----”"),
        ("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n", &key, now(), "is no PEM"),
        (&pem("CERTIFICATE", b"nothing"), &key, now(), "the first certificate of the file: "),
        (&certificate.repeat(11), &key, now(), "more than 10 certificates"),
        (&certificate, "", now(), "no private key in PEM"),
        (&certificate, &certificate, now(), "no private key in PEM"),
        (&certificate, &broken, now(), "no private key in PEM"),
        (&certificate, &encrypted, now(), "is encrypted"),
        (&certificate, &odd, now(), "of a kind that cannot be used"),
        (&certificate, &other_key, now(), "is not the one of the first certificate"),
        (&certificate, &key, now() - year, "is not valid before 2026-11-27T12:00:00Z, and now it is 2025-"),
        (&certificate, &key, now() + year, "expired at 2026-11-29T12:00:00Z, and now it is 2027-"),
    ] {
        let error = read(certificate, key, at).unwrap_err();
        let said = format!("{error} {error:?} {:?}", error.hint());
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.hint().is_some() && !said.contains(&secret), "{said}");
    }
    let (_, key) = files(&["other.example", "third.example"]);
    assert_eq!(read(&other, &key, now()).unwrap_err(), TlsError::OtherKey);
}

#[test]
fn a_certificate_of_other_hosts_says_whose_it_is() {
    let (certificate, key) = files(&["other.example", "*.example"]);
    let error = read(&certificate, &key, now()).unwrap_err();
    assert_eq!(error.to_string(), "the certificate is not for lab.corp.example: it names other.example, *.example");
    let (certificate, key) = files(&["192.0.2.7"]);
    let at_address = |host| Identity::from_pem(certificate.as_bytes(), key.as_bytes(), host, now());
    assert!(at_address("192.0.2.7").is_ok());
    assert_eq!(
        at_address(HOST).unwrap_err().to_string(),
        "the certificate is not for lab.corp.example: it names no host"
    );
}

#[test]
fn one_for_this_run_is_new_each_time() {
    let pin = || Identity::of_this_run(&["localhost", "::1"], now(), &mut Count).unwrap().pin().to_owned();
    assert_ne!(pin(), pin());
}
