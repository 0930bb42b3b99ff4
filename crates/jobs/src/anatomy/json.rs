//! JSON objects as texts: client data, and what a JWS carries.

use super::cutter::{Cutter, text as shown};

/// Cuts one JSON object into its members. What is no object is one part.
pub(super) fn text(cutter: &mut Cutter<'_, '_>) {
    let bom = cutter.left().starts_with(&[0xef, 0xbb, 0xbf]);
    if bom {
        cutter.leaf("byte order mark", 3, None);
    }
    if !punctuation(cutter, b'{') {
        let left = cutter.left();
        return cutter.unreadable(format_args!("no JSON object: {}", shown(&String::from_utf8_lossy(left))));
    }
    while cutter.left().first().is_some_and(|byte| *byte != b'}') {
        if !member(cutter) {
            return;
        }
        punctuation(cutter, b',');
    }
    if !punctuation(cutter, b'}') {
        cutter.unreadable("the object does not end");
    }
}

/// One character of JSON's own with the white space around it, if it comes next.
fn punctuation(cutter: &mut Cutter<'_, '_>, wanted: u8) -> bool {
    let bytes = cutter.left();
    let before = spaces(bytes);
    if bytes.get(before) != Some(&wanted) {
        return false;
    }
    let after = spaces(bytes.get(before + 1..).unwrap_or_default());
    cutter.leaf("punctuation", before + 1 + after, char::from(wanted).to_string())
}

fn member(cutter: &mut Cutter<'_, '_>) -> bool {
    let bytes = cutter.left();
    let Some(name_len) = string(bytes) else {
        cutter.unreadable("expected the name of a member");
        return false;
    };
    let rest = bytes.get(name_len..).unwrap_or_default();
    let colon = spaces(rest);
    let value_at = name_len + colon + 1 + spaces(rest.get(colon + 1..).unwrap_or_default());
    let value = bytes.get(value_at..).filter(|_| rest.get(colon) == Some(&b':'));
    let Some(value_len) = value.and_then(self::value) else {
        cutter.unreadable("a member without a value");
        return false;
    };
    let text = |range: std::ops::Range<usize>| {
        String::from_utf8_lossy(bytes.get(range).unwrap_or_default()).trim_matches('"').to_owned()
    };
    let name: String = text(0..name_len).chars().filter(|c| !c.is_control()).take(60).collect();
    cutter.node(name, value_at + value_len, None, |inner| {
        inner.leaf("name", value_at, None);
        inner.leaf("value", value_len, shown(&text(value_at..value_at + value_len)));
    })
}

fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// The length of the string at the start, quotes included.
fn string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    (bytes.first() == Some(&b'"')).then_some(())?;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The length of the value at the start; inside, brackets are counted and nothing else.
fn value(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut open) = (0, 0_usize);
    loop {
        match bytes.get(at)? {
            b'"' => at += string(bytes.get(at..)?)?,
            b'{' | b'[' => (at, open) = (at + 1, open + 1),
            b'}' | b']' if open > 0 => (at, open) = (at + 1, open - 1),
            b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' if open == 0 => return (at > 0).then_some(at),
            _ => at += 1,
        }
        let is_bracketed = matches!(bytes.first(), Some(b'{' | b'[' | b'"'));
        if open == 0 && is_bracketed {
            return Some(at);
        }
    }
}
