//! The words of the kernel's uhid: how a program makes a HID device (`include/uapi/linux/uhid.h` of
//! Linux 6.12). No I/O.
//!
//! Each word is a 32-bit number and what belongs to it, in the machine's byte order; a read gives one
//! whole word, and a write takes one, shorter than its structure where the rest would be zeros.

use lab_hid::{PACKET, Packet};

/// The longest word: `struct uhid_event`.
pub const LONGEST: usize = 4380;

const DESTROY: u32 = 1;
const START: u32 = 2;
const STOP: u32 = 3;
const OPEN: u32 = 4;
const CLOSE: u32 = 5;
const OUTPUT: u32 = 6;
const GET_REPORT: u32 = 9;
const GET_REPORT_REPLY: u32 = 10;
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;
const SET_REPORT: u32 = 13;
const SET_REPORT_REPLY: u32 = 14;

/// Clients list only devices of this bus (`BUS_USB`); libfido2 does not even look at others.
const BUS_USB: u16 = 3;
/// `UHID_OUTPUT_REPORT`, as distinct from feature and input reports.
const OUTPUT_REPORT: u8 = 1;
/// What a FIDO key answers to reports that it has not (`EIO`).
const EIO: u16 = 5;
/// The version of the HID class specification: 1.11.
const HID_VERSION: u32 = 0x0111;
/// Space for data in the words that have some (`UHID_DATA_MAX`).
const DATA: usize = 4096;

/// The report descriptor of a FIDO key (`ctap-2.2 §11.2.8.2`): usage page 0xF1D0, 64 bytes each way, no
/// report number.
pub const DESCRIPTOR: [u8; 34] = [
    0x06, 0xd0, 0xf1, // usage page: FIDO alliance
    0x09, 0x01, 0xa1, 0x01, // usage: CTAPHID, a collection
    0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02, // 64 bytes to the client
    0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, // 64 bytes from it
    0xc0,
];

/// How a key shows itself to the system, as a USB device does by its descriptors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Maker and product, at most 127 bytes of it are shown.
    pub name: String,
    /// USB's number of the maker.
    pub vendor_id: u16,
    /// The maker's number of the product.
    pub product_id: u16,
    /// The serial number of this very key, at most 63 bytes of it are shown.
    pub serial: String,
}

impl Default for Identity {
    /// A key of the lab's own: pid.codes keeps this number for private tests.
    fn default() -> Self {
        Self { name: "Passkey Lab emulated key".to_owned(), vendor_id: 0x1209, product_id: 1, serial: String::new() }
    }
}

/// What the kernel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The device is there.
    Start,
    /// The device is gone.
    Stop,
    /// The first client opened it.
    Open,
    /// The last client closed it.
    Close,
    /// A client wrote a report. `None`: it has another length than this device's.
    Output(Option<Packet>),
    /// A client asks for a report by its number; it waits for the answer.
    GetReport {
        /// What the answer names.
        id: u32,
    },
    /// A client sets a report by its number; it waits for the answer.
    SetReport {
        /// What the answer names.
        id: u32,
    },
    /// A word that is not known here.
    Unknown(u32),
}

/// Why bytes are no word of uhid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a word of uhid of at least {expected} bytes, found {found}")]
pub struct TooShort {
    /// How many bytes the word takes.
    pub expected: usize,
    /// How many there are.
    pub found: usize,
}

impl Event {
    /// Reads a word.
    ///
    /// # Errors
    /// [`TooShort`].
    pub fn read(word: &[u8]) -> Result<Self, TooShort> {
        let (&kind, rest) = first::<4>(word)?;
        Ok(match u32::from_ne_bytes(kind) {
            START => Self::Start,
            STOP => Self::Stop,
            OPEN => Self::Open,
            CLOSE => Self::Close,
            OUTPUT => output(rest)?,
            GET_REPORT => Self::GetReport { id: u32::from_ne_bytes(*first(rest)?.0) },
            SET_REPORT => Self::SetReport { id: u32::from_ne_bytes(*first(rest)?.0) },
            other => Self::Unknown(other),
        })
    }
}

/// `struct uhid_output_req`: data, size, kind.
fn output(rest: &[u8]) -> Result<Event, TooShort> {
    let (data, rest) = first::<DATA>(rest)?;
    let ([low, high, kind], _) = first::<3>(rest)?;
    let size = usize::from(u16::from_ne_bytes([*low, *high]));
    let report = data.get(..size).filter(|_| *kind == OUTPUT_REPORT);
    Ok(Event::Output(report.and_then(without_number)))
}

/// Hidraw hands on the number of the report, 0 where a device has none, which a USB device never sees.
fn without_number(report: &[u8]) -> Option<Packet> {
    match report {
        [0, packet @ ..] if packet.len() == PACKET => packet.try_into().ok(),
        packet => packet.try_into().ok(),
    }
}

fn first<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), TooShort> {
    bytes.split_first_chunk().ok_or(TooShort { expected: N, found: bytes.len() })
}

/// Makes the device: `UHID_CREATE2`. `physical` is where it would be plugged in.
#[must_use]
pub fn create(identity: &Identity, physical: &str) -> Vec<u8> {
    let mut word = CREATE2.to_ne_bytes().to_vec();
    word.extend(text::<128>(&identity.name));
    word.extend(text::<64>(physical));
    word.extend(text::<64>(&identity.serial));
    word.extend((DESCRIPTOR.len() as u16).to_ne_bytes());
    word.extend(BUS_USB.to_ne_bytes());
    for number in [u32::from(identity.vendor_id), u32::from(identity.product_id), HID_VERSION, 0] {
        word.extend(number.to_ne_bytes());
    }
    word.extend(DESCRIPTOR);
    word
}

/// A text that ends with a zero byte, cut between two characters; what would break a line of
/// `/sys/.../uevent` is left out.
fn text<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let mut length = 0;
    for character in text.chars().filter(|character| !character.is_control()) {
        if length + character.len_utf8() >= N {
            break;
        }
        length += character.encode_utf8(&mut bytes[length..]).len();
    }
    bytes
}

/// Hands a packet to whoever has the device open: `UHID_INPUT2`.
#[must_use]
pub fn input(packet: &Packet) -> [u8; 6 + PACKET] {
    let mut word = [0; 6 + PACKET];
    word[..4].copy_from_slice(&INPUT2.to_ne_bytes());
    word[4..6].copy_from_slice(&(PACKET as u16).to_ne_bytes());
    word[6..].copy_from_slice(packet);
    word
}

/// Says that there is no such report: `UHID_GET_REPORT_REPLY`.
#[must_use]
pub fn refuse_to_get(id: u32) -> [u8; 12] {
    let mut word = [0; 12];
    word[..4].copy_from_slice(&GET_REPORT_REPLY.to_ne_bytes());
    word[4..8].copy_from_slice(&id.to_ne_bytes());
    word[8..10].copy_from_slice(&EIO.to_ne_bytes());
    word
}

/// Says that there is no such report: `UHID_SET_REPORT_REPLY`.
#[must_use]
pub fn refuse_to_set(id: u32) -> [u8; 10] {
    let mut word = [0; 10];
    word[..4].copy_from_slice(&SET_REPORT_REPLY.to_ne_bytes());
    word[4..8].copy_from_slice(&id.to_ne_bytes());
    word[8..].copy_from_slice(&EIO.to_ne_bytes());
    word
}

/// Takes the device away: `UHID_DESTROY`.
#[must_use]
pub const fn destroy() -> [u8; 4] {
    DESTROY.to_ne_bytes()
}

#[cfg(test)]
mod tests;
