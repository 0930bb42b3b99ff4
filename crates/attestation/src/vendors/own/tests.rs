use lab_protocol::Aaguid;
use lab_protocol::tamper::Root;

use super::*;
use crate::layout::oid;
use crate::test_certificates::{Template, basic_constraints};
use crate::vendors::tests::{batch, stand_in};
use crate::vendors::writer::{OCTET_STRING, SEQUENCE, element, integer, oid as identifier};
use crate::vendors::{VendorModel, Wanted};
use std::sync::Arc;

fn pem(label: &str, der: &[u8]) -> String {
    let text = lab_protocol::base64url::encode(der).replace('-', "+").replace('_', "/");
    let padded = format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
    let lines: Vec<_> = padded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// RFC 5915 within RFC 5958, as `openssl genpkey -algorithm EC` writes them.
fn pkcs8(secret: &[u8]) -> Vec<u8> {
    let private = element(SEQUENCE, &[&integer(1), &element(OCTET_STRING, &[secret])]);
    let algorithm = element(SEQUENCE, &[&identifier(oid::EC_PUBLIC_KEY), &identifier(oid::P256)]);
    element(SEQUENCE, &[&integer(0), &algorithm, &element(OCTET_STRING, &[&private])])
}

fn read(certificates: &str, key: &str) -> Result<OwnAuthority, OwnAuthorityError> {
    OwnAuthority::from_pem(certificates, key)
}

#[test]
fn models_chain_to_the_users_root_through_the_users_ca() {
    let root = Template::root("Corp Root", 1).self_signed();
    let mut template = Template::root("Corp Issuing CA", 2);
    template.extensions = vec![basic_constraints(true, Some(0))];
    let issuing = template.issued_by(&root);
    let certificates = pem("CERTIFICATE", &issuing.der) + &pem("CERTIFICATE", &root.der);
    let own = read(&certificates, &pem("PRIVATE KEY", &pkcs8(&issuing.key.to_secret()))).unwrap();
    assert_eq!(own.anchor(), root.der);
    assert_eq!(own.algorithm(), Algorithm::ES256);
    let model =
        VendorModel { authority: Some(Arc::new(own)), ..VendorModel::new(Aaguid([3; 16]), "Key", "Maker", "SE") };
    let vendors = stand_in();
    let chain = batch(&vendors, &model, Algorithm::ES256, Root::StandIn).unwrap().chain;
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[1], issuing.der);
    assert_eq!(Certificate::parse(&chain[0]).unwrap().issuer.der(), issuing.subject);
    let foreign = batch(&vendors, &model, Algorithm::ES256, Root::Foreign).unwrap().chain;
    let issuer = Certificate::parse(&foreign[0]).unwrap().issuer.to_string();
    assert!(issuer.contains("foreign root"), "a lie stays one: {issuer}");
    for fmt in ["tpm", "android-key", "android-safetynet", "apple", "apple-appattest", "fido-u2f"] {
        assert!(vendors.attestor(&model, &Wanted::new(fmt, Algorithm::ES256, Root::StandIn)).is_ok(), "{fmt}");
    }
}

#[test]
fn each_kind_of_key_file_is_read_or_named() {
    let root = Template::root("Corp Root", 1).self_signed();
    let certificate = pem("CERTIFICATE", &root.der);
    let secret = root.key.to_secret();
    let named = element(0xa0, &[&identifier(oid::P256)]);
    let sec1 = element(SEQUENCE, &[&integer(1), &element(OCTET_STRING, &[&secret]), &named]);
    let parameters = pem("EC PARAMETERS", &identifier(oid::P256));
    assert!(read(&certificate, &(parameters + &pem("EC PRIVATE KEY", &sec1))).is_ok());
    let said = |key: &str| read(&certificate, key).unwrap_err().to_string();
    assert!(said(&pem("ENCRYPTED PRIVATE KEY", &[0x30, 0])).contains("“ENCRYPTED PRIVATE KEY” was found"));
    assert!(said(&pem("RSA PRIVATE KEY", &[0x30, 0])).contains("openssl pkcs8 -topk8"));
    assert!(said("tomato").contains("no PEM block"));
    assert!(said(&pem("PRIVATE KEY", &[0x30, 0])).contains("malformed"));
    assert!(said(&"x".repeat(70_000)).contains("at most 65536"));
    assert!(
        said(&pem("PRIVATE KEY", &pkcs8(&[9; 32]))).contains("not the one of the first certificate, “CN=Corp Root”")
    );
    assert!(said(&pem("PRIVATE KEY", &pkcs8(&[0; 32]))).contains("no secret of a key of ES256"));
}

#[test]
fn what_may_not_issue_is_no_ca() {
    let refused = |template: Template| {
        let made = template.self_signed();
        let key = pem("PRIVATE KEY", &pkcs8(&made.key.to_secret()));
        read(&pem("CERTIFICATE", &made.der), &key).unwrap_err().to_string()
    };
    let mut end_entity = Template::root("Server", 1);
    end_entity.extensions = vec![basic_constraints(false, None)];
    assert!(refused(end_entity).contains("“CN=Server” may not issue certificates"));
    let usage = crate::vendors::extensions::key_usage(&[0]);
    assert!(refused(Template::root("CA", 1).with(usage)).contains("keyCertSign"));
    let nobody = read("tomato", "tomato").unwrap_err().to_string();
    assert!(nobody.contains("no “-----BEGIN CERTIFICATE-----” was found"), "{nobody}");
    let many = (1..10).map(|key| pem("CERTIFICATE", &Template::root("R", key).self_signed().der));
    let many = read(&many.collect::<String>(), "").unwrap_err().to_string();
    assert!(many.contains("9 certificates, at most 8"), "{many}");
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(certificates in ".{0,200}", key in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..120)) {
        let root = Template::root("Corp Root", 1).self_signed();
        proptest::prop_assert!(read(&certificates, "").is_err());
        proptest::prop_assert!(read(&pem("CERTIFICATE", &root.der), &pem("PRIVATE KEY", &key)).is_err());
    }
}
