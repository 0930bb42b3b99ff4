//! ECDSA signatures as JWS has them (RFC 7518 §3.4): r and s, each as long as the field.

use lab_protocol::cose::Algorithm;

use super::JwsSignatureError;

/// The length of the field, for the algorithms whose signatures are r and s.
pub(super) const fn field_len(alg: Algorithm) -> Option<Field> {
    let len = match alg.0 {
        -7 | -47 => 32,
        -35 => 48,
        -36 => 66,
        _ => return None,
    };
    Some(Field { alg, len })
}

/// An algorithm and the length of its field in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    alg: Algorithm,
    len: usize,
}

/// The same signature as `SEQUENCE { r INTEGER, s INTEGER }`, which is what the verifier reads.
pub(super) fn to_der(signature: &[u8], field: Field) -> Result<Vec<u8>, JwsSignatureError> {
    let expected = 2 * field.len;
    let halves = signature.split_at_checked(field.len).filter(|_| signature.len() == expected);
    let Some((r, s)) = halves else {
        return Err(JwsSignatureError::Length { alg: field.alg, expected, found: signature.len() });
    };
    let content = [integer(r), integer(s)].concat();
    Ok(element(0x30, &content))
}

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let positive: &[u8] = if digits.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    element(0x02, &[positive, digits].concat())
}

/// No content here is longer than 255 bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let header: &[u8] = if len < 0x80 { &[tag, len] } else { &[tag, 0x81, len] };
    [header, content].concat()
}
