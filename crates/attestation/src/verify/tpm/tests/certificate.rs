//! The certificate of the attestation key (`webauthn-3 §8.3.1`).

use super::*;

#[test]
fn each_requirement_on_the_certificate_has_its_sentence() {
    let usage = || key_usage(&[id::TCG_AIK_CERTIFICATE]);
    let san = || alternative_name(&TPM, true);
    let constraints = || basic_constraints(false, None);
    let only = |attributes: &[(const_oid::ObjectIdentifier, &str)]| {
        with_extensions(vec![alternative_name(attributes, true), usage(), constraints()])
    };
    let manufacturer = |id_text: &'static str| only(&[(id::TCG_TPM_MANUFACTURER, id_text), TPM[1], TPM[2]]);
    for (template, cause) in [
        (Template { version: 1, ..aik() }, "version 1 certificate, expected version 3"),
        (
            Template { subject: name(&[(id::COMMON_NAME, "AIK")]), ..aik() },
            "subject is “CN=AIK”, expected an empty one",
        ),
        (with_extensions(vec![usage(), constraints()]), "no subject alternative name"),
        (
            with_extensions(vec![extension(id::SUBJECT_ALT_NAME, true, &[5, 0]), usage(), constraints()]),
            "name is unreadable",
        ),
        (only(&TPM[1..]), "does not say the manufacturer"),
        (only(&[TPM[0], TPM[2]]), "does not say the model"),
        (only(&TPM[..2]), "does not say the version"),
        (manufacturer("Intel"), "manufacturer of its TPM is “Intel”"),
        (with_extensions(vec![san(), constraints()]), "no extended key usage"),
        (with_extensions(vec![san(), key_usage(&[id::P256]), constraints()]), "usages are 1.2.840.10045.3.1.7"),
        (
            with_extensions(vec![san(), extension(id::EXTENDED_KEY_USAGE, false, &[1]), constraints()]),
            "usage is unreadable",
        ),
        (with_extensions(vec![san(), usage()]), "no basic constraints"),
        (with_extensions(vec![san(), usage(), basic_constraints(true, None)]), "say that it is a CA"),
    ] {
        Draft::with_aik(&template).verify().assert_refused(AIK.id, cause);
    }
    let draft = Draft::new();
    let garbage = with_member(&draft.statement(), "x5c", |_| Some(x5c(&[&draft.aik.der, &[1, 2, 3]])));
    draft.subject.verify("tpm", &garbage).assert_refused(AIK.id, "certificate 2 of x5c is unreadable");
    let garbage = with_member(&draft.statement(), "x5c", |_| Some(x5c(&[&[1, 2, 3]])));
    let verified = draft.subject.verify("tpm", &garbage);
    verified.assert_refused(AIK.id, "certificate 1 of x5c is unreadable");
    assert_eq!(verified.outcome(SIG.id), Some(Outcome::NotJudged));
}

#[test]
fn the_three_attributes_may_share_a_set() {
    let attribute = |(name, text): &(const_oid::ObjectIdentifier, &str)| {
        element(SEQUENCE, &[&oid(*name), &element(UTF8_STRING, &[text.as_bytes()])])
    };
    let set = element(SEQUENCE, &[&element(SET, &[&TPM.iter().map(attribute).collect::<Vec<_>>().concat()])]);
    let usage = key_usage(&[id::TCG_AIK_CERTIFICATE]);
    let template = with_extensions(vec![directory(&set, true), usage, basic_constraints(false, None)]);
    assert_eq!(Draft::with_aik(&template).verify().held().notes, []);
}

#[test]
fn what_the_text_leaves_open_is_noted_or_refused_by_its_switch() {
    let with = |san: Vec<u8>| {
        let usage = key_usage(&[id::TCG_AIK_CERTIFICATE]);
        Draft::with_aik(&with_extensions(vec![san, usage, basic_constraints(false, None)]))
    };
    let of_maker =
        |text: &'static str| with(alternative_name(&[(id::TCG_TPM_MANUFACTURER, text), TPM[1], TPM[2]], true));
    type Open = (Draft, Note, fn(&mut Policy), &'static str);
    let open: [Open; 3] = [
        (
            of_maker("id:00000000"),
            Note::UnknownTpm("id:00000000".into()),
            |policy| policy.tpm_manufacturer = Choice::Refuse,
            "“id:00000000”, which stands for nobody",
        ),
        (
            of_maker("id:fffff1d0"),
            Note::TestTpm,
            |policy| policy.tpm_test_manufacturer = Choice::Refuse,
            "the FIDO conformance tools",
        ),
        (
            with(alternative_name(&TPM, false)),
            Note::AlternativeNameNotCritical,
            |policy| policy.tpm_alternative_name = Choice::Refuse,
            "is not critical",
        ),
    ];
    for (mut draft, note, refuse, cause) in open {
        assert_eq!(draft.verify().held().notes, [note]);
        refuse(&mut draft.subject.policy);
        draft.verify().assert_refused(AIK.id, cause);
    }
    let module = element(0xa0, &[&oid(id::HARDWARE_MODULE_NAME), &element(0xa0, &[&element(SEQUENCE, &[])])]);
    let names = element(SEQUENCE, &[&module, &element(0xa4, &[&name(&TPM)])]);
    assert_eq!(with(extension(id::SUBJECT_ALT_NAME, true, &names)).verify().held().notes, [Note::HardwareModuleName]);
}

#[test]
fn the_aaguid_of_the_certificate_has_to_be_that_of_the_data() {
    let with = |aaguid: [u8; 16]| {
        Draft::with_aik(&aik().with(extension(id::FIDO_AAGUID, false, &element(OCTET_STRING, &[&aaguid]))))
    };
    assert_eq!(with([7; 16]).verify().outcome(AAGUID.id), Some(Outcome::Pass));
    with([8; 16]).verify().assert_refused(AAGUID.id, "one of 08080808");
}
