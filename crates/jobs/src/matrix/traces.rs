//! The traces of one row, each stored once: most scopes give the same.

use lab_protocol::trace::Trace;

use crate::trace_view::{self, TraceEntry};

/// The distinct traces of a row, in the order in which they first appear.
#[derive(Debug, Default)]
pub(super) struct RowTraces {
    traces: Vec<Vec<TraceEntry>>,
}

impl RowTraces {
    /// Where this trace is among them.
    pub(super) fn index(&mut self, trace: &Trace<'_>) -> usize {
        let entries = trace_view::entries(trace);
        if let Some(known) = self.traces.iter().position(|known| *known == entries) {
            return known;
        }
        self.traces.push(entries);
        self.traces.len() - 1
    }

    pub(super) fn into_inner(self) -> Vec<Vec<TraceEntry>> {
        self.traces
    }
}

impl PartialEq for TraceEntry {
    /// Entries are one if they say the same of the same check; its place and source follow from its id.
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.outcome, &self.message, &self.hint) == (other.id, other.outcome, &other.message, &other.hint)
            && (&self.expected, &self.actual) == (&other.expected, &other.actual)
    }
}
