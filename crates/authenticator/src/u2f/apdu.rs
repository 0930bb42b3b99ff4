//! Command APDUs (ISO 7816-4), short and extended, and the status words of U2F.

/// A status word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatusWord(pub u16);

impl StatusWord {
    pub const NO_ERROR: Self = Self(0x9000);
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// A touch is missing; to check-only: the key handle is known.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// U2F is off.
    pub const COMMAND_NOT_ALLOWED: Self = Self(0x6986);
    /// The key handle is not known.
    pub const WRONG_DATA: Self = Self(0x6a80);
    pub const INS_NOT_SUPPORTED: Self = Self(0x6d00);
    pub const CLA_NOT_SUPPORTED: Self = Self(0x6e00);
    pub const UNKNOWN: Self = Self(0x6f00);
}

/// A command, without the length of the answer that it expects: every answer is sent whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Apdu<'a> {
    pub ins: u8,
    pub p1: u8,
    pub data: &'a [u8],
}

impl<'a> Apdu<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, StatusWord> {
        let ([cla, ins, p1, _], body) = bytes.split_first_chunk().ok_or(StatusWord::WRONG_LENGTH)?;
        if *cla != 0 {
            return Err(StatusWord::CLA_NOT_SUPPORTED);
        }
        let data = data(body).ok_or(StatusWord::WRONG_LENGTH)?;
        Ok(Self { ins: *ins, p1: *p1, data })
    }
}

/// The data field: `[Lc data] [Le]`, where extended lengths have a leading zero and two bytes.
fn data(body: &[u8]) -> Option<&[u8]> {
    match body {
        // Nothing, or only Le.
        [] | [_] | [0, _, _] => Some(&[]),
        [0, _] => None,
        [0, high, low, rest @ ..] => field(rest, u16::from_be_bytes([*high, *low]).into(), 2),
        [length, rest @ ..] => field(rest, usize::from(*length), 1),
    }
}

/// The first `length` bytes, behind which Le may follow.
fn field(rest: &[u8], length: usize, le: usize) -> Option<&[u8]> {
    let (data, behind) = rest.split_at_checked(length)?;
    (behind.is_empty() || behind.len() == le).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data_of(body: &[u8]) -> Result<Vec<u8>, StatusWord> {
        Apdu::parse(&[&[0, 1, 2, 3], body].concat()).map(|apdu| apdu.data.to_vec())
    }

    #[test]
    fn short_and_extended_lengths_are_read() {
        assert_eq!(data_of(&[]), Ok(vec![]), "case 1");
        assert_eq!(data_of(&[0]), Ok(vec![]), "case 2 short");
        assert_eq!(data_of(&[0, 0, 0]), Ok(vec![]), "case 2 extended");
        assert_eq!(data_of(&[2, 7, 8]), Ok(vec![7, 8]), "case 3 short");
        assert_eq!(data_of(&[2, 7, 8, 0]), Ok(vec![7, 8]), "case 4 short");
        assert_eq!(data_of(&[0, 0, 2, 7, 8]), Ok(vec![7, 8]), "case 3 extended");
        assert_eq!(data_of(&[0, 0, 2, 7, 8, 0, 0]), Ok(vec![7, 8]), "case 4 extended");
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        for body in [&[2, 7][..], &[2, 7, 8, 0, 0], &[0, 0, 2, 7], &[0, 0, 2, 7, 8, 0], &[0, 1]] {
            assert_eq!(data_of(body), Err(StatusWord::WRONG_LENGTH), "{body:?}");
        }
        assert_eq!(Apdu::parse(&[0, 1, 2]), Err(StatusWord::WRONG_LENGTH));
        assert_eq!(Apdu::parse(&[0x80, 1, 2, 3]), Err(StatusWord::CLA_NOT_SUPPORTED));
    }
}
