//! A BLOB of the tests' own, with any defect; the real one is in `tests/tests/it/metadata.rs`.

mod blobs;
mod entries;
mod opening;
mod standings;
mod support;
