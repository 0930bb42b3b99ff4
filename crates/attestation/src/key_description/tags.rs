//! The names of the members (Android Open Source Project, key and ID attestation, versions 1 to 400).

/// The name of a member of an authorization list; `None` for one that no version has.
#[must_use]
pub const fn name(tag: u32) -> Option<&'static str> {
    Some(match tag {
        1 => "purpose",
        2 => "algorithm",
        3 => "keySize",
        4 => "blockMode",
        5 => "digest",
        6 => "padding",
        7 => "callerNonce",
        8 => "minMacLength",
        10 => "ecCurve",
        200 => "rsaPublicExponent",
        203 => "mgfDigest",
        303 => "rollbackResistance",
        305 => "earlyBootOnly",
        400 => "activeDateTime",
        401 => "originationExpireDateTime",
        402 => "usageExpireDateTime",
        405 => "usageCountLimit",
        502 => "userSecureId",
        503 => "noAuthRequired",
        504 => "userAuthType",
        505 => "authTimeout",
        506 => "allowWhileOnBody",
        507 => "trustedUserPresenceRequired",
        508 => "trustedConfirmationRequired",
        509 => "unlockedDeviceRequired",
        600 => "allApplications",
        601 => "applicationId",
        701 => "creationDateTime",
        702 => "origin",
        703 => "rollbackResistant",
        704 => "rootOfTrust",
        705 => "osVersion",
        706 => "osPatchLevel",
        709 => "attestationApplicationId",
        710 => "attestationIdBrand",
        711 => "attestationIdDevice",
        712 => "attestationIdProduct",
        713 => "attestationIdSerial",
        714 => "attestationIdImei",
        715 => "attestationIdMeid",
        716 => "attestationIdManufacturer",
        717 => "attestationIdModel",
        718 => "vendorPatchLevel",
        719 => "bootPatchLevel",
        720 => "deviceUniqueAttestation",
        723 => "attestationIdSecondImei",
        724 => "moduleHash",
        _ => return None,
    })
}

/// A member for a sentence.
pub(super) fn shown(tag: u32) -> String {
    name(tag).map_or_else(|| format!("[{tag}]"), |name| format!("{name} [{tag}]"))
}
