//! The numbers of TPM 2.0 (Library Specification, Part 2) that attestation meets.

/// `TPM_GENERATED_VALUE`: what starts a structure that a TPM made itself (§6.2).
pub const GENERATED: u32 = 0xff54_4347;
/// `TPM_ST_ATTEST_CERTIFY` (§6.9).
pub const ST_ATTEST_CERTIFY: u16 = 0x8017;
/// `ver` of a statement (`webauthn-3 §8.3`).
pub const VERSION: &str = "2.0";
/// What an exponent of zero stands for (§12.2.3.5).
pub const DEFAULT_EXPONENT: u32 = 65_537;

/// `TPM_ALG_ID` (§6.3).
pub mod alg {
    /// RSA.
    pub const RSA: u16 = 0x0001;
    /// Triple DES.
    pub const TDES: u16 = 0x0003;
    /// SHA-1.
    pub const SHA1: u16 = 0x0004;
    /// HMAC.
    pub const HMAC: u16 = 0x0005;
    /// AES.
    pub const AES: u16 = 0x0006;
    /// MGF1.
    pub const MGF1: u16 = 0x0007;
    /// A keyed hash: data or an HMAC key.
    pub const KEYEDHASH: u16 = 0x0008;
    /// XOR obfuscation.
    pub const XOR: u16 = 0x000a;
    /// SHA-256.
    pub const SHA256: u16 = 0x000b;
    /// SHA-384.
    pub const SHA384: u16 = 0x000c;
    /// SHA-512.
    pub const SHA512: u16 = 0x000d;
    /// Nothing.
    pub const NULL: u16 = 0x0010;
    /// SM4.
    pub const SM4: u16 = 0x0013;
    /// RSASSA-PKCS1-v1_5.
    pub const RSASSA: u16 = 0x0014;
    /// RSAES-PKCS1-v1_5.
    pub const RSAES: u16 = 0x0015;
    /// RSASSA-PSS.
    pub const RSAPSS: u16 = 0x0016;
    /// RSAES-OAEP.
    pub const OAEP: u16 = 0x0017;
    /// ECDSA.
    pub const ECDSA: u16 = 0x0018;
    /// ECDH.
    pub const ECDH: u16 = 0x0019;
    /// ECDAA.
    pub const ECDAA: u16 = 0x001a;
    /// SM2.
    pub const SM2: u16 = 0x001b;
    /// EC-Schnorr.
    pub const ECSCHNORR: u16 = 0x001c;
    /// ECMQV.
    pub const ECMQV: u16 = 0x001d;
    /// The key derivation of SP 800-56A.
    pub const KDF1_SP800_56A: u16 = 0x0020;
    /// KDF2 of IEEE 1363a.
    pub const KDF2: u16 = 0x0021;
    /// The key derivation of SP 800-108.
    pub const KDF1_SP800_108: u16 = 0x0022;
    /// An elliptic curve.
    pub const ECC: u16 = 0x0023;
    /// A symmetric block cipher as an object.
    pub const SYMCIPHER: u16 = 0x0025;
    /// Camellia.
    pub const CAMELLIA: u16 = 0x0026;
}

/// `TPM_ECC_CURVE` (§6.4).
pub mod curve {
    /// NIST P-256.
    pub const NIST_P256: u16 = 0x0003;
    /// NIST P-384.
    pub const NIST_P384: u16 = 0x0004;
    /// NIST P-521.
    pub const NIST_P521: u16 = 0x0005;
}

/// The bits of `TPMA_OBJECT` with their names (§8.3.2).
pub const OBJECT_ATTRIBUTES: [(u32, &str); 12] = [
    (1 << 1, "fixedTPM"),
    (1 << 2, "stClear"),
    (1 << 4, "fixedParent"),
    (1 << 5, "sensitiveDataOrigin"),
    (1 << 6, "userWithAuth"),
    (1 << 7, "adminWithPolicy"),
    (1 << 10, "noDA"),
    (1 << 11, "encryptedDuplication"),
    (1 << 16, "restricted"),
    (1 << 17, "decrypt"),
    (1 << 18, "sign"),
    (1 << 19, "x509sign"),
];

/// The bit of `OBJECT_ATTRIBUTES` of a key that never leaves its TPM.
pub const FIXED_TPM: u32 = 1 << 1;
