//! Writing and reading are inverse, and reading says what is wrong where.

use lab_protocol::{Capabilities, HidFacts, Status};
use proptest::prelude::*;
use serde_json::json;

use super::stand_ins::{Replacing, blanked, is_blank};
use super::*;

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Processing), Just(Status::UpNeeded), Just(Status::UvNeeded)]
}

fn wait() -> impl Strategy<Value = Wait> {
    (status(), any::<u64>(), any::<u64>()).prop_map(|(status, after_ms, times)| Wait { status, after_ms, times })
}

/// Any command byte, and a body that is CBOR often enough.
fn request() -> impl Strategy<Value = Recorded> {
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80),
        (0..12i64, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(key, bytes)| {
            let mut writer = lab_protocol::cbor::Writer::new();
            writer.map(1).integer(key).bytes(&bytes);
            writer.into_bytes()
        }),
    ];
    (any::<bool>(), any::<u8>(), body).prop_map(|(ctap1, command, body)| {
        let bytes = [vec![command & 0x4f], body].concat();
        if ctap1 { Recorded::Ctap1(bytes) } else { Recorded::Ctap2(bytes) }
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..80).prop_map(Outcome::Reply),
        ".{0,20}".prop_map(Outcome::Gone),
        Just(Outcome::Busy),
        ".{0,20}".prop_map(Outcome::Garbled),
    ]
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let rest = (0..2usize, any::<u64>(), any::<u64>(), any::<bool>());
    (rest, request(), prop::collection::vec(wait(), 0..3), outcome()).prop_map(
        |((device, at_ms, took_ms, cancelled), request, waits, outcome)| {
            let mut exchange = Exchange { device, at_ms, took_ms, request, waits, cancelled, outcome };
            let reply = if let Outcome::Reply(reply) = &mut exchange.outcome { Some(reply) } else { None };
            Replacing::new(Own::default()).exchange(&mut exchange.request, reply);
            exchange
        },
    )
}

fn transcript() -> impl Strategy<Value = Transcript> {
    (prop::collection::vec(exchange(), 0..8), any::<[u8; 4]>(), any::<bool>(), ".{0,20}").prop_map(
        |(exchanges, [major, minor, build, capabilities], ended, name)| Transcript {
            end: ended.then(|| StandIns { exchanges: exchanges.len(), secrets: 3, ..Default::default() }),
            header: Header {
                tool: ("passkey-lab".to_owned(), name.clone()),
                recorded_at: "2026-11-20T12:00:00.25Z".parse().unwrap(),
                devices: vec![
                    DeviceFacts {
                        name,
                        hid: Some(HidFacts {
                            version: [major, minor, build],
                            capabilities: Capabilities(capabilities),
                        }),
                    },
                    DeviceFacts::default(),
                ],
                run: json!({"any": ["thing", 7]}),
            },
            exchanges,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(transcript in transcript()) {
        let text = transcript.to_lines();
        prop_assert_eq!(Transcript::from_lines(&text).unwrap(), transcript);
    }

    #[test]
    fn blanking_keeps_lengths_and_is_done_once(request in request()) {
        let once = blanked(request.clone());
        prop_assert_eq!(once.bytes().len(), request.bytes().len());
        prop_assert_eq!(once.bytes().first(), request.bytes().first());
        prop_assert!(is_blank(&once, None));
        prop_assert_eq!(blanked(once.clone()), once);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(.{0,60}\n){0,4}") {
        let _ = Transcript::from_lines(&text);
    }
}

fn small() -> String {
    let exchange = |request: &[u8], reply: &[u8]| Exchange {
        device: 0,
        at_ms: 0,
        took_ms: 0,
        request: Recorded::Ctap2(request.to_vec()),
        waits: Vec::new(),
        cancelled: false,
        outcome: Outcome::Reply(reply.to_vec()),
    };
    let transcript = Transcript {
        header: Header {
            tool: ("passkey-lab".to_owned(), "0".to_owned()),
            recorded_at: Timestamp::UNIX_EPOCH,
            devices: vec![DeviceFacts::default()],
            run: Value::Null,
        },
        exchanges: vec![exchange(&[4], &[1]), exchange(&[6, 0xa1, 4, 0x41, 0], &[0])],
        end: Some(StandIns { exchanges: 2, ..Default::default() }),
    };
    transcript.to_lines()
}

#[test]
fn every_error_names_its_line() {
    let good = small();
    assert!(Transcript::from_lines(&good).is_ok());
    let cases = [
        ("transcript/1", "transcript/2", 1, "expected the schema passkey-lab/transcript/1, found “passkey-lab/tran"),
        ("\"devices\":[{\"name\":\"\"}]", "\"devices\":[]", 2, "expected one of 0 devices, counted from 0, found 0"),
        ("\"exchange\":2", "\"exchange\":3", 3, "expected exchange 2, found exchange 3"),
        (
            "\"request\":\"04\"",
            "\"request\":\"4\"",
            2,
            "request: expected at most 65536 bytes in lower-case hexadecimal",
        ),
        ("\"reply\":\"00\"", "\"reply\":\"0G\"", 3, "reply: expected at most"),
        (",\"reply\":\"00\"", "", 3, "expected either a reply or an error"),
        ("06a1044100", "06a1044107", 3, "authenticatorClientPIN (0x06) carries secrets"),
        ("\"took_ms\":0,", "", 2, "expected an exchange: column"),
        ("\"exchanges\":2", "\"exchanges\":1", 4, "expected 1 exchanges as the last line says, found 2"),
    ];
    for (from, to, line, message) in cases {
        assert!(good.contains(from), "{from} in {good}");
        let error = Transcript::from_lines(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.line == line && error.kind.to_string().starts_with(message), "{from}: {error}");
        assert!(!error.kind.hint().is_empty());
    }
    let doubled = format!("{good}{good}");
    assert_eq!(
        Transcript::from_lines(&doubled).unwrap_err().to_string(),
        "line 5: expected nothing behind the line with the end"
    );
    assert_eq!(Transcript::from_lines("").unwrap_err().kind, ReadErrorKind::Empty);
}

#[test]
fn a_recording_that_was_cut_off_is_a_transcript() {
    let good = small();
    let cut: String = good.lines().take(2).map(|line| format!("{line}\n")).collect();
    let transcript = Transcript::from_lines(&cut).unwrap();
    assert_eq!((transcript.exchanges.len(), transcript.end), (1, None));
}

#[test]
fn the_same_credential_has_the_same_stand_in_and_own_ones_stay() {
    use lab_protocol::ctap2::{Descriptor, get_assertion};
    let mut own = Own::default();
    own.credential([7; 40]);
    let mut replacing = Replacing::new(own);
    let list = [[1; 40], [2; 40], [7; 40], [1; 40]].map(Descriptor::new).to_vec();
    let request = get_assertion::Request { rp_id: "a.test".into(), allow_list: Some(list), ..Default::default() };
    let mut recorded = Recorded::Ctap2([vec![2], request.encode()].concat());
    replacing.exchange(&mut recorded, None);
    let kept = get_assertion::Request::parse(&recorded.bytes()[1..]).unwrap().allow_list.unwrap();
    let text = |place: usize| String::from_utf8_lossy(&kept[place].id).into_owned();
    assert_eq!(text(0), "00001-stand-in-00001-stand-in-00001-stan");
    assert_eq!((text(3), text(1).get(..5)), (text(0), Some("00002")));
    assert_eq!(kept[2].id, [7; 40]);
    assert_eq!(replacing.counts(1).credentials, 2);
}
