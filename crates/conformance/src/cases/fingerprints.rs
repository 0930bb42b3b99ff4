//! authenticatorBioEnrollment (`ctap-2.2 §6.7`).

use lab_client::manage::fingerprints;
use lab_protocol::ctap2::bio_enrollment::{FINGERPRINT, Params, Request, Response, SampleStatus, SubCommand};
use lab_protocol::ctap2::{Command, Encoded, Permissions};

use crate::bench::Bench;
use crate::case::{Case, Need};
use crate::outcome::{Outcome, Stop};
use crate::target::Behaviour;

type Done = Result<Outcome, Stop>;

const BIO: Command = Command::BIO_ENROLLMENT;
const ENROLLS: &[Need] = &[Need::Fresh, Need::Option("bioEnroll"), Need::Pin];

pub(super) const CASES: &[Case] = &[
    Case { id: "au.bio.modality", needs: &[Need::Option("bioEnroll")], sends: "getModality", must: "1", run: modality },
    Case {
        id: "au.bio.sensor",
        needs: &[Need::Option("bioEnroll")],
        sends: "getFingerprintSensorInfo",
        must: "kind 1 or 2, samples, length of names",
        run: sensor,
    },
    Case {
        id: "au.bio.no-param",
        needs: ENROLLS,
        sends: "enrollBegin without pinUvAuthParam",
        must: "0x36",
        run: |b| {
            let request = Request {
                modality: Some(FINGERPRINT),
                sub_command: Some(SubCommand::ENROLL_BEGIN),
                ..Default::default()
            };
            b.send(BIO, &request.encode())?.is_of(&[0x36], &[0x14])
        },
    },
    Case { id: "au.bio.enroll", needs: ENROLLS, sends: "an enrolment", must: "bioEnroll true, uv true", run: enroll },
    Case {
        id: "au.bio.names",
        needs: ENROLLS,
        sends: "an enrolment with a name, then another name",
        must: "each is told",
        run: names,
    },
    Case { id: "au.bio.remove", needs: ENROLLS, sends: "removeEnrollment", must: "it is gone", run: remove },
    Case {
        id: "au.bio.remove-unknown",
        needs: ENROLLS,
        sends: "removeEnrollment of a template of nobody",
        must: "an error",
        run: |b| match b.drive(fingerprints::remove(vec![9; 4])) {
            Err(_) => Ok(Outcome::Pass),
            Ok(()) => Err(Stop::fail("an error", "0x00")),
        },
    },
    Case {
        id: "au.bio.cancel",
        needs: ENROLLS,
        sends: "cancelCurrentEnrollment",
        must: "0x00",
        run: |b| {
            let request = Request {
                modality: Some(FINGERPRINT),
                sub_command: Some(SubCommand::CANCEL_CURRENT_ENROLLMENT),
                ..Default::default()
            };
            b.send(BIO, &request.encode())?.is(0x00)
        },
    },
    Case {
        id: "au.bio.timeout",
        needs: &[Need::Fresh, Need::Option("bioEnroll"), Need::Person, Need::Pin],
        sends: "enrollBegin, and nobody touches within 500 ms",
        must: "0x00, lastEnrollSampleStatus 13",
        run: untouched,
    },
    Case { id: "au.bio.full", needs: ENROLLS, sends: "enrolments until none fits", must: "0x17", run: full },
];

fn modality(b: &mut Bench<'_>) -> Done {
    let reply = b.send(BIO, &Request { get_modality: Some(true), ..Default::default() }.encode())?;
    let found = Response::parse(&reply.ok()?)?.modality;
    Ok(Outcome::check(found == Some(FINGERPRINT), FINGERPRINT, format!("{found:?}")))
}

fn sensor(b: &mut Bench<'_>) -> Done {
    let sensor = b.drive(fingerprints::sensor())?;
    let complete = matches!(sensor.kind, Some(1 | 2)) && sensor.samples.is_some();
    Ok(Outcome::check(complete, "kind 1 or 2, and samples", format!("{sensor:?}")))
}

fn enroll(b: &mut Bench<'_>) -> Done {
    let enrolled = b.drive(fingerprints::enroll(None))?;
    let info = b.get_info()?;
    let options = (info.option("bioEnroll"), info.option("uv"));
    if options != (Some(true), Some(true)) {
        return Err(Stop::fail("bioEnroll true, uv true", format!("{options:?}")));
    }
    let found = b.drive(fingerprints::list())?;
    let listed = found.iter().any(|info| info.template_id == enrolled.template_id);
    Ok(Outcome::check(listed, "the template in the list", format!("{found:?}")))
}

fn name(b: &mut Bench<'_>, template: &[u8]) -> Result<Option<String>, Stop> {
    let found = b.drive(fingerprints::list())?;
    Ok(found.into_iter().find(|info| info.template_id == template).and_then(|info| info.template_friendly_name))
}

fn names(b: &mut Bench<'_>) -> Done {
    let enrolled = b.drive(fingerprints::enroll(Some("thumb".to_owned())))?;
    let first = name(b, &enrolled.template_id)?;
    b.drive(fingerprints::rename(enrolled.template_id.clone(), "index".to_owned()))?;
    let second = name(b, &enrolled.template_id)?;
    let found = (first.as_deref(), second.as_deref());
    Ok(Outcome::check(found == (Some("thumb"), Some("index")), "thumb, then index", format!("{found:?}")))
}

fn remove(b: &mut Bench<'_>) -> Done {
    let enrolled = b.drive(fingerprints::enroll(None))?;
    b.drive(fingerprints::remove(enrolled.template_id.clone()))?;
    let left = b.drive(fingerprints::list())?;
    let gone = !left.iter().any(|info| info.template_id == enrolled.template_id);
    Ok(Outcome::check(gone, "gone", "still listed"))
}

fn untouched(b: &mut Bench<'_>) -> Done {
    let token = b.token(Permissions::BIO_ENROLLMENT, None)?;
    let sub_command = SubCommand::ENROLL_BEGIN;
    let params = Encoded::from(Params { timeout_milliseconds: Some(500), ..Default::default() });
    let request = Request {
        modality: Some(FINGERPRINT),
        sub_command: Some(sub_command),
        pin_uv_auth_param: Some(token.authenticate(&fingerprints::authenticated(sub_command, Some(&params)))),
        pin_uv_auth_protocol: Some(token.protocol().number()),
        sub_command_params: Some(params),
        ..Default::default()
    };
    b.person(Behaviour::Absent)?;
    let reply = b.send(BIO, &request.encode())?.ok()?;
    let found = Response::parse(&reply)?.last_enroll_sample_status;
    let expected = SampleStatus::NO_USER_ACTIVITY;
    Ok(Outcome::check(found == Some(expected), expected, format!("{found:?}")))
}

fn full(b: &mut Bench<'_>) -> Done {
    for _ in 0..64 {
        if let Err(Stop::Fail { found, .. }) = b.drive(fingerprints::enroll(None)) {
            return Ok(Outcome::check(found.contains("0x17"), "CTAP2_ERR_FP_DATABASE_FULL (0x17)", found));
        }
    }
    Ok(Outcome::observe("it took 64 fingers"))
}
