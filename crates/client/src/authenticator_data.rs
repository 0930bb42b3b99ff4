//! Authenticator data as a client has to read it: by its fixed layout, so that what a relying party
//! should refuse still reaches it.

use lab_protocol::Aaguid;
use lab_protocol::webauthn::Flags;
use lab_protocol::webauthn::authenticator_data::FIXED_LEN;

const AAGUID: std::ops::Range<usize> = FIXED_LEN..FIXED_LEN + 16;

/// The AAGUID and the credential id of attested credential data.
pub(crate) fn attested(auth_data: &[u8]) -> Option<(Aaguid, &[u8])> {
    let flags = Flags(*auth_data.get(32)?);
    if !flags.has(Flags::AT) {
        return None;
    }
    let aaguid = Aaguid::from_slice(auth_data.get(AAGUID)?)?;
    let (length, rest) = auth_data.get(AAGUID.end..)?.split_first_chunk::<2>()?;
    Some((aaguid, rest.get(..usize::from(u16::from_be_bytes(*length)))?))
}

/// Overwrites the AAGUID with zeros, where there is one.
pub(crate) fn zero_aaguid(auth_data: &mut [u8]) {
    if attested(auth_data).is_some()
        && let Some(aaguid) = auth_data.get_mut(AAGUID)
    {
        aaguid.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data(flags: u8, length: u16, id: &[u8]) -> Vec<u8> {
        [&[1; 32][..], &[flags], &[0; 4], &[7; 16], &length.to_be_bytes(), id, &[0xff]].concat()
    }

    #[test]
    fn the_fixed_layout_is_read_even_where_the_key_is_garbage() {
        assert_eq!(attested(&data(0x41, 3, b"abc")), Some((Aaguid([7; 16]), &b"abc"[..])));
        assert_eq!(attested(&data(0x01, 3, b"abc")), None);
        assert_eq!(attested(&data(0x41, 9, b"abc")), None);
        let mut zeroed = data(0x41, 3, b"abc");
        zero_aaguid(&mut zeroed);
        assert_eq!(attested(&zeroed), Some((Aaguid::ZERO, &b"abc"[..])));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            let before = attested(&bytes).map(|(_, id)| id.to_vec());
            zero_aaguid(&mut bytes);
            prop_assert_eq!(attested(&bytes).map(|(_, id)| id.to_vec()), before);
        }
    }
}
