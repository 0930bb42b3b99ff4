//! Reports in a stream of bytes.

use lab_hid::{PACKET, Packet};

/// Cuts a stream of bytes into reports.
///
/// A client that opened what it takes for a hidraw node writes 65 bytes, with report id 0 first
/// (`hidraw`, the kernel's documentation); others write 64. Which of the two is decided by the first
/// report: no channel begins with a zero byte but the reserved one, whose second byte is zero too.
#[derive(Debug, Clone, Default)]
pub struct Reports {
    buffer: Vec<u8>,
    with_id: Option<bool>,
}

impl Reports {
    /// Reports that are known to come without report id: those of a device.
    pub fn without_id() -> Self {
        Self { buffer: Vec::new(), with_id: Some(false) }
    }

    /// Takes what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole report.
    pub fn next(&mut self) -> Option<Packet> {
        if self.with_id.is_none() {
            let [first, second, ..] = self.buffer[..] else { return None };
            self.with_id = Some(first == 0 && second != 0);
        }
        let skip = usize::from(self.with_id == Some(true));
        let report = self.buffer.get(skip..)?.first_chunk::<PACKET>().copied()?;
        self.buffer.drain(..skip + PACKET);
        Some(report)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(reports: &mut Reports) -> Vec<Packet> {
        std::iter::from_fn(|| reports.next()).collect()
    }

    #[test]
    fn the_reserved_channel_is_no_report_id() {
        let mut reports = Reports::default();
        let mut report = [0; 64];
        report[4] = 0x81;
        reports.push(&report);
        assert_eq!(all(&mut reports), [report]);
    }

    proptest! {
        #[test]
        fn reports_come_back_however_they_are_cut(
            with_id in any::<bool>(),
            bodies in prop::collection::vec(any::<u8>(), 1..20),
            cut in 1..200_usize,
        ) {
            let packets: Vec<Packet> = bodies.iter().map(|body| {
                let mut packet = [*body; 64];
                packet[0] = 0x4c;
                packet
            }).collect();
            let stream: Vec<u8> = packets
                .iter()
                .flat_map(|packet| with_id.then_some(0).into_iter().chain(packet.iter().copied()))
                .collect();
            let mut reports = Reports::default();
            let mut seen = Vec::new();
            for chunk in stream.chunks(cut) {
                reports.push(chunk);
                seen.extend(all(&mut reports));
            }
            prop_assert_eq!(seen, packets);
        }
    }
}
