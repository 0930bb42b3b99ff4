//! Whatever comes, it is judged.

use super::*;

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let verified = Draft::new().subject.verify("tpm", &bytes);
        prop_assert!(verified.attested.is_none());
        prop_assert_eq!(verified.entries.len(), CHECKS.len());
    }

    #[test]
    fn a_truncated_statement_is_refused(at: prop::sample::Index) {
        let good = Draft::new().statement();
        let verified = Draft::new().subject.verify("tpm", &good[..at.index(good.len())]);
        prop_assert_eq!(verified.refused().0, SYNTAX.id);
    }

    /// A changed bit is refused, or it is one that nothing here is made of: in the certificate's own
    /// signature or dates, which the path is judged by, or in its serial number and key identifiers.
    #[test]
    fn a_changed_bit_is_refused_or_is_the_certificates_own(at: prop::sample::Index, bit in 0..8) {
        let draft = Draft::new();
        let good = draft.statement();
        let mut bytes = good.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let start = good.windows(draft.aik.der.len()).position(|window| window == draft.aik.der).unwrap();
        let in_certificate = (start..start + draft.aik.der.len()).contains(&at);
        let holds = draft.subject.verify("tpm", &bytes).attested.is_some();
        prop_assert!(!holds || in_certificate, "bit {bit} of byte {at}");
    }

    #[test]
    fn a_member_of_another_type_is_refused(member in prop::sample::select(&["ver", "alg", "x5c", "sig", "certInfo", "pubArea"][..]), kind in 0_usize..6) {
        let good = Draft::new().statement();
        let others = [Value::Null, 7.into(), "x".into(), Value::Bytes(vec![1]), Value::Array(vec![]), Value::Map(vec![])];
        let changed = with_member(&good, member, |_| Some(others[kind].clone()));
        prop_assert!(Draft::new().subject.verify("tpm", &changed).attested.is_none());
    }
}
