//! Who makes TPMs (TCG TPM Vendor ID Registry): what `tcg-at-tpmManufacturer` says, four bytes in
//! hexadecimal behind `id:`.

/// The TPM of the FIDO conformance tools.
pub(super) const FIDO_TEST: &str = "FFFFF1D0";

/// The ids of the registry and who they are.
const MANUFACTURERS: [(&str, &str); 29] = [
    ("414D4400", "AMD"),
    ("414E5400", "Ant Group"),
    ("41544D4C", "Atmel"),
    ("4252434D", "Broadcom"),
    ("4353434F", "Cisco"),
    ("464C5953", "Flyslice Technologies"),
    ("474F4F47", "Google"),
    ("48495349", "Huawei"),
    ("48504500", "HPE"),
    ("48504900", "HP Inc."),
    ("49424D00", "IBM"),
    ("49465800", "Infineon"),
    ("494E5443", "Intel"),
    ("4C454E00", "Lenovo"),
    ("4D534654", "Microsoft"),
    ("4E534700", "NSING"),
    ("4E534D20", "National Semiconductor"),
    ("4E544300", "Nuvoton"),
    ("4E545A00", "Nationz"),
    ("51434F4D", "Qualcomm"),
    ("524F4343", "Rockchip"),
    ("5345414C", "Wisekey"),
    ("53454345", "SecEdge"),
    ("534D5343", "SMSC"),
    ("534D534E", "Samsung"),
    ("534E5300", "Sinosun"),
    ("53544D20", "STMicroelectronics"),
    ("54584E00", "Texas Instruments"),
    ("57454300", "Winbond"),
];

/// Whom an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manufacturer {
    /// On the list.
    Known(&'static str),
    /// The FIDO conformance tools.
    FidoTest,
    /// Four bytes that stand for nobody.
    Unknown,
    /// Not `id:` and eight hexadecimal digits.
    Malformed,
}

impl Manufacturer {
    /// Reads the attribute; hexadecimal digits may be in either case.
    pub(super) fn of(attribute: &str) -> Self {
        let digits = attribute
            .strip_prefix("id:")
            .filter(|digits| digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let Some(digits) = digits else { return Self::Malformed };
        match MANUFACTURERS.iter().find(|(id, _)| id.eq_ignore_ascii_case(digits)) {
            Some((_, name)) => Self::Known(name),
            None if digits.eq_ignore_ascii_case(FIDO_TEST) => Self::FidoTest,
            None => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_either_case_and_nothing_else_is() {
        assert_eq!(Manufacturer::of("id:49424D00"), Manufacturer::Known("IBM"));
        assert_eq!(Manufacturer::of("id:49424d00"), Manufacturer::Known("IBM"));
        assert_eq!(Manufacturer::of("id:FFFFF1D0"), Manufacturer::FidoTest);
        assert_eq!(Manufacturer::of("id:00000000"), Manufacturer::Unknown);
        for malformed in ["", "49424D00", "id:49424D0", "id:49424D000", "id:49424D0G", "ID:49424D00", "IBM"] {
            assert_eq!(Manufacturer::of(malformed), Manufacturer::Malformed, "{malformed}");
        }
    }

    #[test]
    fn the_list_is_sorted_by_id_and_each_id_is_four_bytes() {
        assert!(MANUFACTURERS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(
            MANUFACTURERS.iter().all(|(id, _)| matches!(Manufacturer::of(&format!("id:{id}")), Manufacturer::Known(_)))
        );
    }
}
