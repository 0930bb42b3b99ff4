//! The JWS of SafetyNet (RFC 7515 §7.1): a text. What stands in it in base64 has places of its own.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::certificate;
use super::cutter::{Cutter, text};
use super::json;

/// The most certificates of a header that are taken apart.
const MAX_CERTIFICATES: usize = 8;

pub(super) fn compact(cutter: &mut Cutter<'_, '_>) {
    let bytes = cutter.left();
    let parts: Vec<&[u8]> = bytes.splitn(4, |byte| *byte == b'.').collect();
    let [header, payload, signature] = parts[..] else {
        return cutter.unreadable(format_args!("{} parts between dots, expected 3", parts.len()));
    };
    cutter.leaf("header", header.len(), base64url(header).map(|header| text(&header)));
    cutter.leaf("dot", 1, None);
    cutter.leaf("payload", payload.len(), base64url(payload).map(|payload| text(&payload)));
    cutter.leaf("dot", 1, None);
    cutter.leaf("signature", signature.len(), format!("{} bytes in base64url", signature.len() * 3 / 4));
    if let Some(payload) = base64url(payload) {
        cutter.aside("the decoded payload of the JWS", payload.as_bytes(), json::text);
    }
    for (position, der) in (1..).zip(certificates(header)) {
        cutter.aside(format_args!("certificate {position} of the JWS"), &der, certificate::certificate);
    }
}

fn base64url(part: &[u8]) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn certificates(header: &[u8]) -> Vec<Vec<u8>> {
    let header = base64url(header).and_then(|header| serde_json::from_str::<Value>(&header).ok());
    let x5c = header.as_ref().and_then(|header| header.get("x5c")?.as_array());
    let texts = x5c.into_iter().flatten().filter_map(Value::as_str);
    texts.take(MAX_CERTIFICATES).filter_map(|text| STANDARD.decode(text).ok()).collect()
}
