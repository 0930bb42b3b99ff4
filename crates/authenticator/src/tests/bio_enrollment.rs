use lab_protocol::ctap2::bio_enrollment::{Params, Request, Response, SampleStatus, SubCommand};
use lab_protocol::ctap2::{Command, Permissions, StatusCode};
use lab_protocol::{Event, Step};

use crate::testing::*;

const BE: Permissions = Permissions::BIO_ENROLLMENT;

/// A Bio with a PIN and without fingers.
fn bare() -> Bench {
    let mut bench = Bench::of("yubikey-bio-mpe");
    bench.engine.state.change(|state| state.templates.clear());
    bench
}

fn of_template(id: &[u8]) -> Params {
    Params { template_id: Some(id.to_vec()), ..Params::default() }
}

/// Sends, and lets `event` happen.
fn sample(bench: &mut Bench, request: &Request, event: Event) -> Response {
    let Step::Waiting { until, .. } = bench.send(Command::BIO_ENROLLMENT, &request.encode(), now()) else {
        panic!("it does not wait")
    };
    let at = if event == Event::Tick { until } else { now() };
    let Step::Done(reply) = bench.engine.event(event, at) else { panic!("it waits on") };
    Response::parse(Reply(reply).ok()).unwrap()
}

/// Enrols a finger with good samples only.
fn enrol(bench: &mut Bench, token: &Token) -> Vec<u8> {
    let first = sample(bench, &token.bio(SubCommand::ENROLL_BEGIN, None), Event::Touch);
    let id = first.template_id.unwrap();
    let next = token.bio(SubCommand::ENROLL_CAPTURE_NEXT_SAMPLE, Some(of_template(&id)));
    let mut left = first.remaining_samples.unwrap();
    while left > 0 {
        let response = sample(bench, &next, Event::Touch);
        assert_eq!(response.remaining_samples, Some(left - 1));
        left -= 1;
    }
    id
}

#[test]
fn the_sensor_tells_what_it_is_without_authorisation() {
    let mut bench = bare();
    let modality = Request { get_modality: Some(true), ..Request::default() };
    assert_eq!(Response::parse(bench.bio(&modality).ok()).unwrap().modality, Some(1));
    let mut info = Request { modality: Some(1), ..Request::default() };
    info.sub_command = Some(SubCommand::GET_FINGERPRINT_SENSOR_INFO);
    let told = Response::parse(bench.bio(&info).ok()).unwrap();
    assert_eq!((told.fingerprint_kind, told.max_capture_samples_required_for_enroll), (Some(1), Some(5)));
    assert_eq!(told.max_template_friendly_name, Some(15));
    let preview = bench.call(Command::BIO_ENROLLMENT_PREVIEW, &info.encode());
    assert_eq!(Response::parse(preview.ok()).unwrap().max_template_friendly_name, None);
    assert_eq!(bench.bio(&Request { modality: Some(2), ..info.clone() }).status(), StatusCode::INVALID_PARAMETER);
    assert_eq!(bench.bio(&Request { modality: None, ..info.clone() }).status(), StatusCode::MISSING_PARAMETER);
    assert_eq!(bench.bio(&Request::default()).status(), StatusCode::MISSING_PARAMETER);
    assert_eq!(Bench::of("yubikey-5-nfc").bio(&info).status(), StatusCode::INVALID_COMMAND);
}

#[test]
fn five_good_samples_enrol_a_finger_which_then_verifies() {
    let mut bench = bare();
    assert_eq!((bench.info().option("bioEnroll"), bench.info().option("uv")), (Some(false), Some(false)));
    let token = bench.authorized(BE);
    let revision = bench.engine.revision();
    let id = enrol(&mut bench, &token);
    assert!(bench.engine.revision() > revision);
    assert_eq!((bench.info().option("bioEnroll"), bench.info().option("uv")), (Some(true), Some(true)));
    let step = bench.send(Command::MAKE_CREDENTIAL, &create().encode(), now());
    assert_eq!(waits(&step), lab_protocol::Status::UvNeeded);
    assert_eq!(status(&bench.engine.event(Event::Verified, now())), StatusCode::OK);
    let remove = token.bio(SubCommand::REMOVE_ENROLLMENT, Some(of_template(&id)));
    assert_eq!(bench.bio(&remove).status(), StatusCode::OK);
    assert_eq!((bench.info().option("bioEnroll"), bench.info().option("uv")), (Some(false), Some(false)));
}

#[test]
fn bad_samples_and_none_are_told_and_take_nothing_away() {
    let mut bench = bare();
    let token = bench.authorized(BE);
    let begin = token.bio(SubCommand::ENROLL_BEGIN, None);
    let first = sample(&mut bench, &begin, Event::NotVerified);
    assert_eq!(first.last_enroll_sample_status, Some(SampleStatus::POOR_QUALITY));
    assert_eq!(first.remaining_samples, Some(5));
    let id = first.template_id.unwrap();
    let next = token.bio(SubCommand::ENROLL_CAPTURE_NEXT_SAMPLE, Some(of_template(&id)));
    let second = sample(&mut bench, &next, Event::NotVerified);
    assert_eq!(second.last_enroll_sample_status, Some(SampleStatus::TOO_HIGH));
    assert_eq!(second.template_id, None);
    let third = sample(&mut bench, &next, Event::Tick);
    assert_eq!(third.last_enroll_sample_status, Some(SampleStatus::NO_USER_ACTIVITY));
    let fourth = sample(&mut bench, &next, Event::Verified);
    assert_eq!(fourth.last_enroll_sample_status, Some(SampleStatus::GOOD));
    assert_eq!(fourth.remaining_samples, Some(4));
}

#[test]
fn the_platform_says_how_long_it_waits_up_to_the_usual_time() {
    let mut bench = bare();
    let token = bench.authorized(BE);
    for (asked, expected) in [(Some(5_000), 5), (Some(90_000), 30), (Some(-1), 0), (None, 30)] {
        let params = Params { timeout_milliseconds: asked, ..Params::default() };
        let request = token.bio(SubCommand::ENROLL_BEGIN, Some(params));
        let step = bench.send(Command::BIO_ENROLLMENT, &request.encode(), now());
        assert!(matches!(step, Step::Waiting { until, .. } if until == after(expected)), "{asked:?}: {step:?}");
        bench.engine.event(Event::Cancel, now());
    }
}

#[test]
fn an_enrolment_can_be_cancelled_begun_anew_and_ends_with_power() {
    let mut bench = bare();
    let token = bench.authorized(BE);
    let begin = token.bio(SubCommand::ENROLL_BEGIN, None);
    let first = sample(&mut bench, &begin, Event::Touch).template_id.unwrap();
    let second = sample(&mut bench, &begin, Event::Touch).template_id.unwrap();
    assert_ne!(first, second);
    let next = |id: &[u8]| token.bio(SubCommand::ENROLL_CAPTURE_NEXT_SAMPLE, Some(of_template(id)));
    assert_eq!(bench.bio(&next(&first)).status(), StatusCode::INVALID_PARAMETER);
    assert_eq!(sample(&mut bench, &next(&second), Event::Touch).remaining_samples, Some(3));
    let cancel =
        Request { modality: Some(1), sub_command: Some(SubCommand::CANCEL_CURRENT_ENROLLMENT), ..Request::default() };
    assert_eq!(bench.bio(&cancel).0, [0], "without authorisation");
    assert_eq!(bench.bio(&next(&second)).status(), StatusCode::INVALID_PARAMETER);
    let third = sample(&mut bench, &begin, Event::Touch).template_id.unwrap();
    bench.engine.event(Event::PowerCycle, now());
    let token = bench.authorized(BE);
    let next = token.bio(SubCommand::ENROLL_CAPTURE_NEXT_SAMPLE, Some(of_template(&third)));
    assert_eq!(bench.bio(&next).status(), StatusCode::INVALID_PARAMETER);
}

#[test]
fn fingers_have_names_and_there_is_room_for_five() {
    let mut bench = bare();
    let token = bench.authorized(BE);
    let enumerate = token.bio(SubCommand::ENUMERATE_ENROLLMENTS, None);
    assert_eq!(bench.bio(&enumerate).status(), StatusCode::INVALID_OPTION, "none");
    let ids: Vec<_> = (0..5).map(|_| enrol(&mut bench, &token)).collect();
    assert_eq!(bench.bio(&token.bio(SubCommand::ENROLL_BEGIN, None)).status(), StatusCode::FP_DATABASE_FULL);
    let name = |id: &[u8], name: &str| {
        let params = Params { template_friendly_name: Some(name.to_owned()), ..of_template(id) };
        token.bio(SubCommand::SET_FRIENDLY_NAME, Some(params))
    };
    assert_eq!(bench.bio(&name(&ids[1], "left thumb")).0, [0]);
    assert_eq!(bench.bio(&name(&ids[1], "sixteen bytes it")).status(), StatusCode::INVALID_LENGTH);
    assert_eq!(bench.bio(&name(&[9; 3], "nobody")).status(), StatusCode::INVALID_OPTION);
    let infos = Response::parse(bench.bio(&enumerate).ok()).unwrap().template_infos.unwrap();
    assert_eq!(infos.iter().map(|info| info.template_id.clone()).collect::<Vec<_>>(), ids);
    let names: Vec<_> = infos.iter().map(|info| info.template_friendly_name.as_deref()).collect();
    assert_eq!(names[..2], [Some(""), Some("left thumb")]);
    let remove = token.bio(SubCommand::REMOVE_ENROLLMENT, Some(of_template(&[9; 3])));
    assert_eq!(bench.bio(&remove).status(), StatusCode::INVALID_OPTION);
}

#[test]
fn authorisation_is_demanded() {
    let mut bench = bare();
    let good = bench.authorized(BE).bio(SubCommand::ENUMERATE_ENROLLMENTS, None);
    let without = Request { pin_uv_auth_param: None, ..good.clone() };
    assert_eq!(bench.bio(&without).status(), StatusCode::PUAT_REQUIRED);
    let forged = Request { sub_command: Some(SubCommand::ENROLL_BEGIN), ..good };
    assert_eq!(bench.bio(&forged).status(), StatusCode::PIN_AUTH_INVALID);
    let other = bench.authorized(Permissions::CREDENTIAL_MANAGEMENT);
    let request = other.bio(SubCommand::ENUMERATE_ENROLLMENTS, None);
    assert_eq!(bench.bio(&request).status(), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(bench.bio(&other.bio(SubCommand(0x7f), None)).status(), StatusCode::INVALID_SUBCOMMAND);
}
