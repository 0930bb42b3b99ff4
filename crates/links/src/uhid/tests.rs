use proptest::prelude::*;

use super::*;

/// A word as the kernel hands it out: a whole `struct uhid_event`, zeros behind.
fn word(kind: u32, parts: &[&[u8]]) -> Vec<u8> {
    let mut word = kind.to_ne_bytes().to_vec();
    parts.iter().for_each(|part| word.extend(*part));
    word.resize(LONGEST, 0);
    word
}

fn written(report: &[u8], kind: u8) -> Vec<u8> {
    let mut data = report.to_vec();
    data.resize(DATA, 0);
    word(OUTPUT, &[&data, &(report.len() as u16).to_ne_bytes(), &[kind]])
}

#[test]
fn a_device_is_made_as_the_kernel_has_it() {
    let identity = Identity {
        name: "Yubico YubiKey FIDO".to_owned(),
        vendor_id: 0x1050,
        product_id: 0x0402,
        serial: "0102030405060708".to_owned(),
    };
    let word = create(&identity, "passkey-lab/1/0");
    // struct uhid_create2_req: name[128] phys[64] uniq[64] rd_size bus vendor product version country rd_data
    assert_eq!(word.len(), 4 + 128 + 64 + 64 + 2 + 2 + 16 + 34);
    assert_eq!(word[..4], 11_u32.to_ne_bytes());
    assert!(word[4..].starts_with(b"Yubico YubiKey FIDO\0"));
    assert!(word[132..].starts_with(b"passkey-lab/1/0\0"));
    assert!(word[196..].starts_with(b"0102030405060708\0"));
    assert_eq!(word[260..264], [34_u16.to_ne_bytes(), 3_u16.to_ne_bytes()].concat());
    assert_eq!(word[264..272], [0x1050_u32.to_ne_bytes(), 0x0402_u32.to_ne_bytes()].concat());
    assert_eq!(word[280..], DESCRIPTOR);
}

#[test]
fn a_report_loses_its_number_and_nothing_else() {
    let packet = [0xab; PACKET];
    let numbered: Vec<u8> = std::iter::once(0).chain(packet).collect();
    assert_eq!(Event::read(&written(&numbered, OUTPUT_REPORT)), Ok(Event::Output(Some(packet))));
    assert_eq!(Event::read(&written(&packet, OUTPUT_REPORT)), Ok(Event::Output(Some(packet))));
    let of_another_number: Vec<u8> = std::iter::once(1).chain(packet).collect();
    for other in [&of_another_number[..], &packet[..63], &[], &[0; 66]] {
        assert_eq!(Event::read(&written(other, OUTPUT_REPORT)), Ok(Event::Output(None)), "{} bytes", other.len());
    }
    assert_eq!(Event::read(&written(&packet, 0)), Ok(Event::Output(None)), "a feature report");
}

#[test]
fn a_size_beyond_the_word_is_no_report() {
    let mut word = written(&[0; 64], OUTPUT_REPORT);
    word[4 + DATA..4 + DATA + 2].copy_from_slice(&u16::MAX.to_ne_bytes());
    assert_eq!(Event::read(&word), Ok(Event::Output(None)));
}

#[test]
fn the_other_words_are_read() {
    let id = 7_u32.to_ne_bytes();
    for (kind, event) in [
        (2, Event::Start),
        (3, Event::Stop),
        (4, Event::Open),
        (5, Event::Close),
        (9, Event::GetReport { id: 7 }),
        (13, Event::SetReport { id: 7 }),
        (99, Event::Unknown(99)),
    ] {
        assert_eq!(Event::read(&word(kind, &[&id])), Ok(event));
    }
    assert_eq!(Event::read(&[4, 0]), Err(TooShort { expected: 4, found: 2 }));
    assert_eq!(Event::read(&9_u32.to_ne_bytes()), Err(TooShort { expected: 4, found: 0 }));
}

#[test]
fn answers_name_what_they_answer() {
    let number = |bytes: &[u8]| u32::from_ne_bytes(bytes.try_into().unwrap());
    let (get, set) = (refuse_to_get(0x0102_0304), refuse_to_set(0x0102_0304));
    assert_eq!((number(&get[..4]), number(&get[4..8]), &get[8..]), (10, 0x0102_0304, &[5, 0, 0, 0][..]));
    assert_eq!((number(&set[..4]), number(&set[4..8]), &set[8..]), (14, 0x0102_0304, &[5, 0][..]));
    assert_eq!(destroy(), 1_u32.to_ne_bytes());
}

proptest! {
    #[test]
    fn any_bytes_are_a_word_or_none(bytes in prop::collection::vec(any::<u8>(), 0..LONGEST)) {
        // It must not panic; what it makes of them is tested above.
        let _ = Event::read(&bytes);
    }

    #[test]
    fn packets_pass_both_ways(packet in any::<[u8; 32]>().prop_map(|half| -> Packet { [half; 2].as_flattened().try_into().unwrap() })) {
        let word = input(&packet);
        prop_assert_eq!(&word[..6], &[12_u32.to_ne_bytes().as_slice(), &64_u16.to_ne_bytes()].concat()[..]);
        let mut numbered = vec![0];
        numbered.extend(&word[6..]);
        prop_assert_eq!(Event::read(&written(&numbered, OUTPUT_REPORT)), Ok(Event::Output(Some(packet))));
    }

    #[test]
    fn texts_fit_and_stay_text(name in any::<String>(), serial in any::<String>()) {
        let word = create(&Identity { name, serial, ..Identity::default() }, "here");
        for part in [&word[4..132], &word[196..260]] {
            let end = part.iter().position(|byte| *byte == 0).expect("a zero byte at the end");
            let text = std::str::from_utf8(&part[..end]).unwrap();
            prop_assert!(!text.contains(|character: char| character.is_control()));
        }
    }
}
