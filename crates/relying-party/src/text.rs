//! Small comparisons of text that need no memory of their own.

/// How many characters of a text a sentence shows.
const SHOWN_CHARS: usize = 72;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Whether `text` is the base64url of `bytes`, without padding and with nothing in the unused bits.
pub(crate) fn is_base64url_of(text: &str, bytes: &[u8]) -> bool {
    let mut characters = text.bytes();
    let same = bytes.chunks(3).all(|chunk| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).all(|place| {
            let digit = (bits >> (18 - 6 * place) & 0x3f) as usize;
            characters.next() == ALPHABET.get(digit).copied()
        })
    });
    same && characters.next().is_none()
}

/// Compares in a time that depends on the lengths only.
pub(crate) fn same_secret(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// A text as it stands in a sentence: escaped, and shortened with its length.
pub(crate) fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(SHOWN_CHARS).flat_map(char::escape_debug).collect();
    match characters.next() {
        None => start,
        Some(_) => format!("{start}… ({} bytes)", text.len()),
    }
}

#[cfg(test)]
mod tests {
    use lab_protocol::base64url;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_the_encoding_of_the_codec_is_accepted(bytes in prop::collection::vec(any::<u8>(), 0..80), other: String) {
            let text = base64url::encode(&bytes);
            prop_assert!(is_base64url_of(&text, &bytes));
            prop_assert!(!is_base64url_of(&[&text[..], "A"].concat(), &bytes));
            prop_assert_eq!(is_base64url_of(&other, &bytes), other == text);
            if let Some(shorter) = text.get(..text.len().saturating_sub(1)).filter(|_| !text.is_empty()) {
                prop_assert!(!is_base64url_of(shorter, &bytes));
            }
        }

        #[test]
        fn secrets_are_the_same_exactly_when_equal(a in ".{0,4}", b in ".{0,4}") {
            prop_assert_eq!(same_secret(&a, &b), a == b);
            prop_assert!(same_secret(&a, &a));
        }
    }

    #[test]
    fn unused_bits_have_to_be_zero() {
        assert!(is_base64url_of("_w", &[0xff]));
        assert!(!is_base64url_of("_x", &[0xff]));
    }

    #[test]
    fn a_long_text_is_shortened_with_its_length() {
        assert_eq!(shown("a\n"), "a\\n");
        assert!(shown(&"x".repeat(500)).ends_with("… (500 bytes)"));
    }
}
