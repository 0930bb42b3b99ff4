//! The structures by themselves, with every choice that they have.

use super::*;

/// Parameters and unique of a pubArea of this kind.
fn public(kind: u16, rest: &[Vec<u8>]) -> Vec<u8> {
    [head(kind), rest.concat()].concat()
}

fn object(bytes: &[u8]) -> Object<'_> {
    let public = Public::parse(bytes).unwrap();
    assert_eq!(public.trailing, 0);
    public.object
}

#[test]
fn schemes_and_ciphers_other_than_null_have_parameters() {
    let n = vec![0x81; 256];
    let bytes = public(0x0001, &[u16s(&[0x06, 128, 0x43, 0x14, 0x0b, 2048, 0, 0]), sized(&n)]);
    let symmetric = Symmetric::Cipher { algorithm: 0x06, key_bits: 128, mode: 0x43 };
    let scheme = Scheme::Hash { algorithm: 0x14, hash: 0x0b };
    assert_eq!(object(&bytes), Object::Rsa { symmetric, scheme, key_bits: 2048, exponent: 0, n: &n });
    let bytes = public(0x0001, &[u16s(&[0x10, 0x15, 2048, 1, 1]), sized(&n)]);
    assert!(matches!(object(&bytes), Object::Rsa { scheme: Scheme::Plain { algorithm: 0x15 }, exponent: 65537, .. }));
    let bytes = public(0x0023, &[u16s(&[0x10, 0x1a, 0x0b, 7, 3, 0x20, 0x0b]), sized(&[1; 32]), sized(&[2; 32])]);
    let Object::Ecc { scheme, curve, kdf, x, y, .. } = object(&bytes) else { panic!("an ECC key") };
    assert_eq!(scheme, Scheme::HashAnd { algorithm: 0x1a, hash: 0x0b, second: 7 });
    assert_eq!((curve, kdf), (3, Scheme::Hash { algorithm: 0x20, hash: 0x0b }));
    assert_eq!((x, y), (&[1; 32][..], &[2; 32][..]));
}

#[test]
fn a_scheme_beside_the_key_changes_nothing_about_the_statement() {
    let rsa = generate(Algorithm::RS256);
    let KeyMaterial::Rsa { n, .. } = &rsa.public_key().material else { panic!("an RSA key") };
    let pub_area = public(0x0001, &[u16s(&[0x10, 0x14, 0x0b, 2048, 0, 0]), sized(n)]);
    assert!(Draft { pub_area, ..Draft::of(rsa) }.verify().attested.is_some());
}

#[test]
fn objects_that_are_no_key_pairs_are_recognised() {
    let hmac = public(0x0008, &[u16s(&[0x05, 0x0b]), sized(&[1; 32])]);
    let scheme = Scheme::Hash { algorithm: 0x05, hash: 0x0b };
    assert_eq!(object(&hmac), Object::KeyedHash { scheme, unique: &[1; 32] });
    let xor = public(0x0008, &[u16s(&[0x0a, 0x0b, 0x22]), sized(&[])]);
    assert!(matches!(object(&xor), Object::KeyedHash { scheme: Scheme::HashAnd { second: 0x22, .. }, .. }));
    let cipher = public(0x0025, &[u16s(&[0x26, 256, 0x44]), sized(&[1; 32])]);
    assert!(matches!(object(&cipher), Object::SymCipher { symmetric: Symmetric::Cipher { algorithm: 0x26, .. }, .. }));
    for (bytes, kind) in [(hmac, "a keyed hash"), (cipher, "a symmetric key")] {
        let verified = Draft { pub_area: bytes, ..Draft::new() }.verify();
        verified.assert_refused(PUB_AREA_KEY.id, kind);
    }
}

#[test]
fn algorithms_with_unknown_parameters_are_named() {
    let refused = |kind, numbers: &[u16], cause: &str| {
        let error = Public::parse(&public(kind, &[u16s(numbers), vec![0; 600]])).unwrap_err().to_string();
        assert!(error.contains(cause), "{error}");
    };
    refused(0x0001, &[0x0a], "symmetric of pubArea (TPMT_PUBLIC) is 0x000a");
    refused(0x0001, &[0x10, 0x18], "scheme of pubArea (TPMT_PUBLIC) is 0x0018");
    refused(0x0023, &[0x10, 0x14], "scheme of pubArea (TPMT_PUBLIC) is 0x0014");
    refused(0x0023, &[0x10, 0x10, 3, 0x14], "kdf of pubArea (TPMT_PUBLIC) is 0x0014");
    refused(0x0008, &[0x14], "scheme of pubArea (TPMT_PUBLIC) is 0x0014");
}

#[test]
fn a_coordinate_may_lack_its_leading_zeros() {
    let (x, y) = ([&[0][..], &[5; 31]].concat(), vec![6; 32]);
    let material = KeyMaterial::Ec2 { curve: lab_protocol::cose::Curve::P256, x, y };
    let credential = CredentialPublicKey { alg: Algorithm::ES256, material, extra: vec![] };
    let area = |x: &[u8]| public(0x0023, &[u16s(&[0x10, 0x10, 3, 0x10]), sized(x), sized(&[6; 32])]);
    let judge = |x: &[u8]| key::judge(&Public::parse(&area(x)).unwrap(), &credential).outcome;
    assert_eq!(judge(&[&[0][..], &[5; 31]].concat()), Outcome::Pass);
    assert_eq!(judge(&[5; 31]), Outcome::Pass);
    assert_eq!(judge(&[5; 30]), Outcome::Fail);
    assert_eq!(judge(&[&[0, 0][..], &[5; 31]].concat()), Outcome::Fail);
}

#[test]
fn cert_info_is_read_whole() {
    let bytes = Draft::new().cert_info();
    let attest = Attest::parse(&bytes).unwrap();
    assert_eq!((attest.magic, attest.structure_tag), (tpm::GENERATED, tpm::ST_ATTEST_CERTIFY));
    assert_eq!((attest.qualified_signer, attest.trailing), (&[1, 2][..], 0));
    assert_eq!((attest.clock_info.safe, attest.clock_info.reset_count), (0x33, 0x3333_3333));
    assert_eq!((attest.clock_info.clock, attest.firmware_version), (0x3333_3333_3333_3333, 0x3333_3333_3333_3333));
    assert_eq!(attest.clock_info.restart_count, 0x3333_3333);
    let AttestedInfo::Certify { name, qualified_name } = attest.attested else { panic!("it certifies") };
    assert_eq!((name.len(), qualified_name), (34, &[3, 4, 5][..]));
    let mut quote = bytes;
    quote[5] = 0x18;
    assert!(matches!(Attest::parse(&quote).unwrap().attested, AttestedInfo::Other(rest) if rest.len() == 41));
}

proptest! {
    #[test]
    fn any_bytes_are_structures_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (Attest::parse(&bytes), Public::parse(&bytes));
    }

    #[test]
    fn a_truncated_structure_is_refused(at: prop::sample::Index) {
        let (attest, public) = (Draft::new().cert_info(), Draft::new().pub_area);
        prop_assert!(Attest::parse(&attest[..at.index(attest.len())]).is_err());
        prop_assert!(Public::parse(&public[..at.index(public.len())]).is_err());
    }
}
