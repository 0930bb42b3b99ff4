//! Structures of TPM 2.0 (TPM 2.0 Library, part 2), big-endian.

use super::cutter::{Cutter, hex};

const ATTEST_CERTIFY: u64 = 0x8017;
const ALG_RSA: u64 = 0x0001;
const ALG_ECC: u64 = 0x0023;
const ALG_NULL: u64 = 0x0010;

/// `TPMS_ATTEST`.
pub(super) fn cert_info(cutter: &mut Cutter<'_, '_>) {
    let kind = cutter.left().get(4..6).map(number);
    let read = cutter.field("magic", 4, name_hex)
        && cutter.field("type", 2, name_hex)
        && sized(cutter, "qualifiedSigner")
        && sized(cutter, "extraData")
        && cutter.node("clockInfo", 17, None, |inner| {
            let _ = inner.field("clock", 8, decimal)
                && inner.field("resetCount", 4, decimal)
                && inner.field("restartCount", 4, decimal)
                && inner.field("safe", 1, decimal);
        })
        && cutter.field("firmwareVersion", 8, name_hex);
    if read && kind == Some(ATTEST_CERTIFY) {
        let left = cutter.left().len();
        cutter.node("attested", left, None, |inner| {
            let _ = sized(inner, "name") && sized(inner, "qualifiedName");
        });
    }
}

/// `TPMT_PUBLIC`.
pub(super) fn pub_area(cutter: &mut Cutter<'_, '_>) {
    let kind = cutter.left().get(..2).map(number);
    let read = cutter.field("type", 2, algorithm)
        && cutter.field("nameAlg", 2, algorithm)
        && cutter.field("objectAttributes", 4, name_hex)
        && sized(cutter, "authPolicy");
    if !read {
        return;
    }
    match kind {
        Some(ALG_RSA) => {
            let _ = with_details(cutter, "symmetric", &["keyBits", "mode"])
                && with_details(cutter, "scheme", &["hashAlg"])
                && cutter.field("keyBits", 2, decimal)
                && cutter.field("exponent", 4, decimal)
                && sized(cutter, "unique");
        }
        Some(ALG_ECC) => {
            let _ = with_details(cutter, "symmetric", &["keyBits", "mode"])
                && with_details(cutter, "scheme", &["hashAlg"])
                && cutter.field("curveID", 2, curve)
                && with_details(cutter, "kdf", &["hashAlg"])
                && sized(cutter, "unique.x")
                && sized(cutter, "unique.y");
        }
        _ => cutter.unreadable("the parameters of a type that is neither RSA nor ECC"),
    }
}

/// A `TPM2B`: a size of two bytes, and as many bytes.
fn sized(cutter: &mut Cutter<'_, '_>, name: &str) -> bool {
    let size = cutter.left().get(..2).map_or(0, number);
    let length = usize::try_from(size).unwrap_or_default() + 2;
    let value = cutter.left().get(2..length).map(hex);
    cutter.node(name, length, value, |inner| {
        let _ = inner.field("size", 2, decimal) && (size == 0 || inner.field("buffer", length - 2, hex));
    })
}

/// An algorithm, and unless it is `TPM_ALG_NULL`, details of two bytes each.
fn with_details(cutter: &mut Cutter<'_, '_>, name: &str, details: &[&str]) -> bool {
    let is_null = cutter.left().get(..2).map(number) == Some(ALG_NULL);
    cutter.field(name, 2, algorithm)
        && (is_null || details.iter().all(|detail| cutter.field(format_args!("{name}.{detail}"), 2, algorithm)))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn decimal(bytes: &[u8]) -> String {
    number(bytes).to_string()
}

fn name_hex(bytes: &[u8]) -> String {
    let name = match (bytes.len(), number(bytes)) {
        (4, 0xff54_4347) => " (TPM_GENERATED_VALUE)",
        (2, ATTEST_CERTIFY) => " (TPM_ST_ATTEST_CERTIFY)",
        _ => "",
    };
    format!("0x{}{name}", hex(bytes))
}

fn algorithm(bytes: &[u8]) -> String {
    let name = match number(bytes) {
        0x0001 => "TPM_ALG_RSA",
        0x0004 => "TPM_ALG_SHA1",
        0x0006 => "TPM_ALG_AES",
        0x000b => "TPM_ALG_SHA256",
        0x000c => "TPM_ALG_SHA384",
        0x000d => "TPM_ALG_SHA512",
        0x0010 => "TPM_ALG_NULL",
        0x0014 => "TPM_ALG_RSASSA",
        0x0016 => "TPM_ALG_RSAPSS",
        0x0018 => "TPM_ALG_ECDSA",
        0x0023 => "TPM_ALG_ECC",
        0x0043 => "TPM_ALG_CFB",
        other => return format!("0x{other:04x}"),
    };
    format!("0x{:04x} ({name})", number(bytes))
}

fn curve(bytes: &[u8]) -> String {
    let name = match number(bytes) {
        0x0003 => "TPM_ECC_NIST_P256",
        0x0004 => "TPM_ECC_NIST_P384",
        0x0005 => "TPM_ECC_NIST_P521",
        other => return format!("0x{other:04x}"),
    };
    format!("0x{:04x} ({name})", number(bytes))
}
