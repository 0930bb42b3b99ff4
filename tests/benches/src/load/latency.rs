//! How long many things took.

use std::time::Duration;

/// Durations, in microseconds.
#[derive(Debug, Default)]
pub struct Latency(Vec<u32>);

impl Latency {
    /// One more.
    pub fn add(&mut self, took: Duration) {
        self.0.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// Those of somebody else too.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The duration in milliseconds that this part of a thousand does not exceed; 1000 gives the longest.
    pub fn per_mille(&mut self, part: usize) -> f64 {
        self.0.sort_unstable();
        let place = (self.0.len() * part).div_ceil(1000).max(1) - 1;
        self.0.get(place).map_or(0.0, |took| f64::from(*took) / 1000.0)
    }
}
