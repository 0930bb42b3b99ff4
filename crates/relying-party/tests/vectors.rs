//! Captured and derived cases that nobody of this project wrote, from `../shared/vectors` beside the
//! workspace. Without that folder every test here says so and passes.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests, which clippy does not take for tests")]

mod vectors {
    pub mod assertions;
    pub mod cases;
    pub mod outside;
    pub mod registrations;
}
