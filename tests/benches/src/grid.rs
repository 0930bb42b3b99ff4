//! The matrix and the comparison of one tenant.

use std::hint::black_box;
use std::time::Instant;

use lab_entra::Tenant;
use lab_jobs::models::Catalogue;
use lab_jobs::world::World;
use lab_jobs::{diff, matrix};

/// Runs of which the median counts.
const RUNS: usize = 9;

/// A tenant against every model.
pub struct Grid<'t> {
    tenant: &'t Tenant,
    catalogue: Catalogue,
    world: World,
}

impl<'t> Grid<'t> {
    /// Every model that the lab has.
    #[must_use]
    pub fn new(tenant: &'t Tenant) -> Self {
        let catalogue = Catalogue::read(None).unwrap();
        Self { tenant, catalogue, world: World::unseeded([7; 32], "2026-11-20T12:00:00Z".parse().unwrap()) }
    }

    /// Decides every cell, and gives their number.
    pub fn decide(&self) -> usize {
        let request = matrix::Request::new(self.tenant, &self.catalogue);
        let outcome = matrix::run(&request, &self.catalogue, &self.world, &|_, _| ()).unwrap();
        black_box(outcome.cells().count())
    }

    /// Compares the tenant with itself.
    pub fn compare(&self) -> bool {
        let models = matrix::Request::new(self.tenant, &self.catalogue).models;
        let request = diff::Request { before: self.tenant, after: self.tenant, models, traces: false };
        let outcome = diff::run(&request, &self.catalogue, &self.world, &|_, _| ()).unwrap();
        assert!(!outcome.differs() && outcome.comparable());
        black_box(outcome.differs())
    }

    /// How many cells there are, and how many bytes their page has.
    #[must_use]
    pub fn page(&self) -> (usize, usize) {
        let request = matrix::Request { traces: true, ..matrix::Request::new(self.tenant, &self.catalogue) };
        let outcome = matrix::run(&request, &self.catalogue, &self.world, &|_, _| ()).unwrap();
        assert_eq!(outcome.scopes.len(), 12);
        (outcome.cells().count(), outcome.html(matrix::About::default()).len())
    }
}

/// The median of several runs, in milliseconds.
pub fn median_ms<T>(mut work: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut times: Vec<f64> = (0..RUNS).map(time).collect();
    times.sort_by(f64::total_cmp);
    times.get(RUNS / 2).copied().unwrap_or_default()
}
