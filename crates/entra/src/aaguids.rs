//! The AAGUIDs that Entra's rules name, and those that its readers meet most.
//!
//! Sources: `how-to-enable-authenticator-passkey.md` (2026-07-05), the pages of Entra passkey on
//! Windows, and passkeydeveloper/passkey-authenticator-aaguids @47b6f84, read 2026-11-20.

use std::fmt;

use lab_protocol::Aaguid;

const fn aaguid(bits: u128) -> Aaguid {
    Aaguid(bits.to_be_bytes())
}

/// Microsoft Authenticator on Android.
pub const AUTHENTICATOR_ANDROID: Aaguid = aaguid(0xde1e_552d_db1d_4423_a619_566b_625c_dc84);
/// Microsoft Authenticator on iOS.
pub const AUTHENTICATOR_IOS: Aaguid = aaguid(0x90a3_ccdf_635c_4729_a248_9b70_9135_078f);
/// Windows Hello, hardware.
pub const WINDOWS_HELLO_HARDWARE: Aaguid = aaguid(0x0898_7058_cadc_4b81_b6e1_30de_50dc_be96);
/// Windows Hello, virtualization-based security.
pub const WINDOWS_HELLO_VBS: Aaguid = aaguid(0x9ddd_1817_af5a_4672_a2b9_3e3d_d950_00a9);
/// Windows Hello, software.
pub const WINDOWS_HELLO_SOFTWARE: Aaguid = aaguid(0x6028_b017_b1d4_4c02_b4b3_afcd_afc9_6bb2);
/// Samsung Pass.
pub const SAMSUNG_PASS: Aaguid = aaguid(0x5341_4d53_554e_4700_0000_0000_0000_0000);

/// What never brings an attestation that Entra takes: Windows Hello, and providers that attest nothing.
const UNATTESTABLE: &[(Aaguid, &str)] = &[
    (WINDOWS_HELLO_HARDWARE, "Windows Hello, hardware"),
    (WINDOWS_HELLO_VBS, "Windows Hello, VBS"),
    (WINDOWS_HELLO_SOFTWARE, "Windows Hello, software"),
    (aaguid(0xfbfc_3007_154e_4ecc_8c0b_6e02_0557_d7bd), "Apple Passwords"),
    (aaguid(0xdd4e_c289_e01d_41c9_bb89_70fa_845d_4bf2), "iCloud Keychain, managed"),
    (aaguid(0xea9b_8d66_4d01_1d21_3ce4_b6b4_8cb5_75d4), "Google Password Manager"),
    (aaguid(0xbada_5566_a7aa_401f_bd96_4561_9a55_120d), "1Password"),
    (aaguid(0xd548_826e_79b4_db40_a3d8_1111_6f7e_8349), "Bitwarden"),
    (aaguid(0x5311_26d6_e717_415c_9320_3d9a_a698_1239), "Dashlane"),
    (aaguid(0x5072_6f74_6f6e_5061_7373_5072_6f74_6f6e), "Proton Pass"),
    (aaguid(0xd345_2668_01fd_4c12_926c_83a4_2048_53aa), "Microsoft Password Manager"),
    (aaguid(0xfdb1_41b2_5d84_443e_8a35_4698_c205_a502), "KeePassXC"),
];

const OTHERS: &[(Aaguid, &str)] = &[
    (AUTHENTICATOR_ANDROID, "Microsoft Authenticator, Android"),
    (AUTHENTICATOR_IOS, "Microsoft Authenticator, iOS"),
    (SAMSUNG_PASS, "Samsung Pass"),
];

/// Whether it is one of Microsoft Authenticator's two.
#[must_use]
pub fn is_authenticator(aaguid: Aaguid) -> bool {
    aaguid == AUTHENTICATOR_ANDROID || aaguid == AUTHENTICATOR_IOS
}

/// Whether it is one of Windows Hello's three.
#[must_use]
pub fn is_windows_hello(aaguid: Aaguid) -> bool {
    [WINDOWS_HELLO_HARDWARE, WINDOWS_HELLO_VBS, WINDOWS_HELLO_SOFTWARE].contains(&aaguid)
}

/// Whether passkeys of this AAGUID never bring an attestation that Entra takes.
#[must_use]
pub fn is_unattestable(aaguid: Aaguid) -> bool {
    UNATTESTABLE.iter().any(|(known, _)| *known == aaguid)
}

/// The name of the product, for those that Microsoft's pages and this module know.
#[must_use]
pub fn name(aaguid: Aaguid) -> Option<&'static str> {
    let mut known = UNATTESTABLE.iter().chain(OTHERS);
    if aaguid.is_zero() {
        return Some("all zero: the model is not told");
    }
    known.find(|(known, _)| *known == aaguid).map(|(_, name)| *name)
}

/// An AAGUID as a sentence shows it: the GUID, and the product where it is known.
pub(crate) struct Named(pub(crate) Aaguid);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)?;
        name(self.0).map_or(Ok(()), |name| write!(f, " ({name})"))
    }
}
