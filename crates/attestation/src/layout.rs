//! What emitting and verifying share: object identifiers, member names and fixed texts. Nothing here
//! writes or reads anything, so that one side's mistake cannot hide the other's.

use const_oid::ObjectIdentifier;

pub mod tpm;

/// The texts of packed attestation certificates (`webauthn-3 §8.2.1`) and of the lab's own.
pub mod text {
    /// The literal that the subject's organizational unit has to be.
    pub const ATTESTATION_OU: &str = "Authenticator Attestation";
    /// What the subject of each root of the lab says.
    pub const LABORATORY: &str = "LABORATORY, NOT A REAL AUTHENTICATOR";
    /// What each certificate says whose key can be made again from a seed.
    pub const SEEDED: &str = "SEEDED";
}

/// The members of attestation statements (`webauthn-3 §8`).
pub mod member {
    /// The algorithm of the signature.
    pub const ALG: &str = "alg";
    /// The signature.
    pub const SIG: &str = "sig";
    /// The attestation certificate and its chain.
    pub const X5C: &str = "x5c";
    /// The version of the TPM specification.
    pub const VER: &str = "ver";
    /// What a TPM says of the key, as TPMS_ATTEST.
    pub const CERT_INFO: &str = "certInfo";
    /// The key as the TPM describes it, as TPMT_PUBLIC.
    pub const PUB_AREA: &str = "pubArea";
    /// ECDAA, which Level 1 had.
    pub const ECDAA_KEY_ID: &str = "ecdaaKeyId";
    /// The JWS of SafetyNet.
    pub const RESPONSE: &str = "response";
    /// The receipt of App Attest.
    pub const RECEIPT: &str = "receipt";
    /// The format of a part of a compound statement.
    pub const FMT: &str = "fmt";
    /// The statement of a part of a compound statement.
    pub const ATT_STMT: &str = "attStmt";
}

/// The tags of Android's authorization lists (Android Open Source Project, key and ID attestation).
pub mod android {
    /// `purpose`, a set.
    pub const PURPOSE: u32 = 1;
    /// `algorithm`.
    pub const ALGORITHM: u32 = 2;
    /// `keySize`, in bits.
    pub const KEY_SIZE: u32 = 3;
    /// `digest`, a set.
    pub const DIGEST: u32 = 5;
    /// `padding`, a set.
    pub const PADDING: u32 = 6;
    /// `ecCurve`.
    pub const EC_CURVE: u32 = 10;
    /// `rsaPublicExponent`.
    pub const RSA_PUBLIC_EXPONENT: u32 = 200;
    /// `noAuthRequired`.
    pub const NO_AUTH_REQUIRED: u32 = 503;
    /// `userAuthType`, bits: 1 a password, 2 a fingerprint.
    pub const USER_AUTH_TYPE: u32 = 504;
    /// `authTimeout`, in seconds.
    pub const AUTH_TIMEOUT: u32 = 505;
    /// `allApplications`.
    pub const ALL_APPLICATIONS: u32 = 600;
    /// `creationDateTime`, in milliseconds since 1970.
    pub const CREATION_DATE_TIME: u32 = 701;
    /// `origin`.
    pub const ORIGIN: u32 = 702;
    /// `rootOfTrust`.
    pub const ROOT_OF_TRUST: u32 = 704;
    /// `osVersion`.
    pub const OS_VERSION: u32 = 705;
    /// `osPatchLevel`.
    pub const OS_PATCH_LEVEL: u32 = 706;
    /// `attestationApplicationId`.
    pub const APPLICATION_ID: u32 = 709;
    /// `vendorPatchLevel`.
    pub const VENDOR_PATCH_LEVEL: u32 = 718;
    /// `bootPatchLevel`.
    pub const BOOT_PATCH_LEVEL: u32 = 719;

    /// `KM_PURPOSE_SIGN`.
    pub const PURPOSE_SIGN: u64 = 2;
    /// `KM_ORIGIN_GENERATED`.
    pub const ORIGIN_GENERATED: u64 = 0;
}

/// SafetyNet (its archived documentation).
pub mod safetynet {
    /// The host that the certificate is issued to.
    pub const HOST: &str = "attest.android.com";
}

/// Object identifiers.
pub mod oid {
    use super::ObjectIdentifier;

    const fn oid(text: &str) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(text)
    }

    /// `id-fido-gen-ce-aaguid`: two nested octet strings around the AAGUID (`webauthn-3 §8.2.1`).
    pub const FIDO_AAGUID: ObjectIdentifier = oid("1.3.6.1.4.1.45724.1.1.4");
    /// The serial number of an enterprise attestation (`webauthn-3 §8.2.2`).
    pub const FIDO_SERIAL: ObjectIdentifier = oid("1.3.6.1.4.1.45724.1.1.2");
    /// The firmware version (`webauthn-3 §8.2.1`).
    pub const FIDO_FIRMWARE: ObjectIdentifier = oid("1.3.6.1.4.1.45724.1.1.5");
    /// The U2F transports.
    pub const FIDO_TRANSPORTS: ObjectIdentifier = oid("1.3.6.1.4.1.45724.2.1.1");

    /// Android's key description (`webauthn-3 §8.4.1`).
    pub const ANDROID_KEY: ObjectIdentifier = oid("1.3.6.1.4.1.11129.2.1.17");
    /// Apple's nonce (`webauthn-3 §8.8`).
    pub const APPLE_NONCE: ObjectIdentifier = oid("1.2.840.113635.100.8.2");

    /// `commonName`.
    pub const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
    /// `serialNumber`.
    pub const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");
    /// `countryName`.
    pub const COUNTRY: ObjectIdentifier = oid("2.5.4.6");
    /// `localityName`.
    pub const LOCALITY: ObjectIdentifier = oid("2.5.4.7");
    /// `stateOrProvinceName`.
    pub const STATE: ObjectIdentifier = oid("2.5.4.8");
    /// `organizationName`.
    pub const ORGANIZATION: ObjectIdentifier = oid("2.5.4.10");
    /// `organizationalUnitName`.
    pub const ORGANIZATIONAL_UNIT: ObjectIdentifier = oid("2.5.4.11");
    /// `title`.
    pub const TITLE: ObjectIdentifier = oid("2.5.4.12");

    /// `id-ce-subjectKeyIdentifier`.
    pub const SUBJECT_KEY_ID: ObjectIdentifier = oid("2.5.29.14");
    /// `id-ce-keyUsage`.
    pub const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
    /// `id-ce-subjectAltName`.
    pub const SUBJECT_ALT_NAME: ObjectIdentifier = oid("2.5.29.17");
    /// `id-ce-basicConstraints`.
    pub const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
    /// `id-ce-cRLReasons`.
    pub const CRL_REASON: ObjectIdentifier = oid("2.5.29.21");
    /// `id-ce-cRLDistributionPoints`.
    pub const CRL_POINTS: ObjectIdentifier = oid("2.5.29.31");
    /// `id-ce-certificatePolicies`.
    pub const POLICIES: ObjectIdentifier = oid("2.5.29.32");
    /// `id-ce-authorityKeyIdentifier`.
    pub const AUTHORITY_KEY_ID: ObjectIdentifier = oid("2.5.29.35");
    /// `id-ce-extKeyUsage`.
    pub const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
    /// `id-kp-serverAuth`.
    pub const SERVER_AUTH: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.1");
    /// `id-pe-authorityInfoAccess`.
    pub const AUTHORITY_INFO: ObjectIdentifier = oid("1.3.6.1.5.5.7.1.1");

    /// `tcg-kp-AIKCertificate`: the key usage of an attestation key of a TPM (`webauthn-3 §8.3.1`).
    pub const TCG_AIK_CERTIFICATE: ObjectIdentifier = oid("2.23.133.8.3");
    /// `tcg-at-tpmManufacturer` (TCG EK Credential Profile §3.2.9).
    pub const TCG_TPM_MANUFACTURER: ObjectIdentifier = oid("2.23.133.2.1");
    /// `tcg-at-tpmModel`.
    pub const TCG_TPM_MODEL: ObjectIdentifier = oid("2.23.133.2.2");
    /// `tcg-at-tpmVersion`.
    pub const TCG_TPM_VERSION: ObjectIdentifier = oid("2.23.133.2.3");
    /// `id-on-hardwareModuleName` (RFC 4108 §5).
    pub const HARDWARE_MODULE_NAME: ObjectIdentifier = oid("1.3.6.1.5.5.7.8.4");

    /// `id-ecPublicKey`.
    pub const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
    /// `secp256r1`.
    pub const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
    /// `secp384r1`.
    pub const P384: ObjectIdentifier = oid("1.3.132.0.34");
    /// `secp521r1`.
    pub const P521: ObjectIdentifier = oid("1.3.132.0.35");
    /// `secp256k1`.
    pub const SECP256K1: ObjectIdentifier = oid("1.3.132.0.10");
    /// `id-Ed448`, the key and the signature.
    pub const ED448: ObjectIdentifier = oid("1.3.101.113");
    /// `id-ml-dsa-44`, the key and the signature (RFC 9881).
    pub const ML_DSA_44: ObjectIdentifier = oid("2.16.840.1.101.3.4.3.17");
    /// `id-ml-dsa-65`.
    pub const ML_DSA_65: ObjectIdentifier = oid("2.16.840.1.101.3.4.3.18");
    /// `id-ml-dsa-87`.
    pub const ML_DSA_87: ObjectIdentifier = oid("2.16.840.1.101.3.4.3.19");
    /// `id-Ed25519`, the key and the signature.
    pub const ED25519: ObjectIdentifier = oid("1.3.101.112");
    /// `rsaEncryption`.
    pub const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");

    /// `ecdsa-with-SHA1`.
    pub const ECDSA_SHA1: ObjectIdentifier = oid("1.2.840.10045.4.1");
    /// `ecdsa-with-SHA256`.
    pub const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
    /// `ecdsa-with-SHA384`.
    pub const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
    /// `ecdsa-with-SHA512`.
    pub const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
    /// `md2WithRSAEncryption`.
    pub const RSA_MD2: ObjectIdentifier = oid("1.2.840.113549.1.1.2");
    /// `md5WithRSAEncryption`.
    pub const RSA_MD5: ObjectIdentifier = oid("1.2.840.113549.1.1.4");
    /// `sha1WithRSAEncryption`.
    pub const RSA_SHA1: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
    /// `id-mgf1`.
    pub const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
    /// `id-RSASSA-PSS`.
    pub const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
    /// `sha256WithRSAEncryption`.
    pub const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
    /// `sha384WithRSAEncryption`.
    pub const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
    /// `sha512WithRSAEncryption`.
    pub const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
    /// `id-sha256`.
    pub const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
    /// `id-sha384`.
    pub const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
    /// `id-sha512`.
    pub const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
}
