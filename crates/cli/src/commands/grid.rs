//! `matrix` and `diff`: results that have more forms than others.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use lab_jobs::diff::Pair;
use lab_jobs::matrix::{About, Expectations, Flows, Users};
use lab_jobs::metadata::When;
use lab_jobs::{diff, input, matrix};

use super::catalogue;
use super::metadata::consulted;
use crate::arguments::{Diff, FlowNames, FormatName, Global, Matrix};
use crate::failure::Failure;
use crate::{output, world};

/// Decides every cell and writes the matrix: 0 when done.
pub(super) fn run_matrix(arguments: &Matrix, global: &Global) -> Result<u8, Failure> {
    allowed(global)?;
    let tenant = input::tenants::read(&arguments.tenant, &mut io::stdin())?;
    let catalogue = catalogue(global)?;
    let expectations = arguments.expect.as_deref().map(expectations).transpose()?;
    let world = world::world(global, tenant.lab().clock)?;
    let metadata = consulted(arguments.metadata.as_deref(), None, When::Now, &catalogue, &world)?;
    let request = matrix::Request {
        metadata: metadata.as_ref(),
        models: matrix::models(&arguments.models, &catalogue)?,
        users: users(&arguments.users),
        flows: match arguments.flows {
            FlowNames::Usual => Flows::Usual,
            FlowNames::All => Flows::All,
        },
        traces: arguments.traces || global.format == FormatName::Html,
        ..matrix::Request::new(&tenant, &catalogue)
    };
    let mut outcome = matrix::run(&request, &catalogue, &world, &progress(global))?;
    let mismatches = expectations.iter().flat_map(|expectations| outcome.mismatches(expectations));
    let mismatches: Vec<String> = mismatches.map(|sentence| format!("not as expected: {sentence}")).collect();
    outcome.notes.extend(mismatches);
    match global.format {
        FormatName::Csv => output::deliver_text(&outcome.csv(), &outcome.notes, global)?,
        FormatName::Jsonl => output::deliver_text(&outcome.lines(), &outcome.notes, global)?,
        FormatName::Junit => output::deliver_text(&outcome.junit(expectations.as_ref()), &outcome.notes, global)?,
        FormatName::Html => output::deliver_text(&outcome.html(about(global)), &outcome.notes, global)?,
        format => output::deliver(&outcome.report(format == FormatName::Json, global.verbose > 0), global)?,
    }
    Ok(0)
}

/// Compares two tenants: 1 where anybody's access changes, else 0.
pub(super) fn run_diff(arguments: &Diff, global: &Global) -> Result<u8, Failure> {
    allowed(global)?;
    let Pair { before, after } = both(arguments)?;
    let catalogue = catalogue(global)?;
    let request = diff::Request {
        before: &before,
        after: &after,
        models: matrix::models(&arguments.models, &catalogue)?,
        traces: global.format == FormatName::Html,
    };
    let world = world::world(global, before.lab().clock)?;
    let outcome = diff::run(&request, &catalogue, &world, &progress(global))?;
    match global.format {
        FormatName::Csv => output::deliver_text(&outcome.csv(), &outcome.notes, global)?,
        FormatName::Jsonl => output::deliver_text(&outcome.lines(), &outcome.notes, global)?,
        FormatName::Junit => output::deliver_text(&outcome.junit(), &outcome.notes, global)?,
        FormatName::Html => output::deliver_text(&outcome.html(about(global)), &outcome.notes, global)?,
        _ => output::deliver(&outcome.report(), global)?,
    }
    Ok(outcome.exit_status())
}

/// Refuses a form that neither result has, before anything is run.
fn allowed(global: &Global) -> Result<(), Failure> {
    if global.format != FormatName::Sarif {
        return Ok(());
    }
    let message = "this result is not written as sarif: expected table, json, jsonl, csv, markdown, html or junit";
    Err(Failure::usage(message, "CI servers read --format junit"))
}

fn about(global: &Global) -> About {
    About { seed: global.seed, at: global.at }
}

fn users(names: &[String]) -> Users {
    if names.iter().any(|name| name == "all") { Users::All } else { Users::Named(names.to_vec()) }
}

fn expectations(path: &Path) -> Result<Expectations, Failure> {
    let text = input::read_text(path, &mut io::stdin())?;
    let read = Expectations::read(&path.display().to_string(), &text);
    read.map_err(|error| {
        Failure::usage(
            error.to_string(),
            "such as [{\"model\": \"yubikey-5-nfc\", \"scope\": \"scope-1\", \"registration\": \"allowed\"}]",
        )
    })
}

/// Both tenants; one that is a policy alone takes users, groups and passkeys of the other.
fn both(arguments: &Diff) -> Result<Pair, Failure> {
    if arguments.before == "-" && arguments.after == "-" {
        let message = "--before and --after cannot both read standard input";
        return Err(Failure::usage(message, "write one of them to a file"));
    }
    let before = input::tenants::read(&arguments.before, &mut io::stdin())?;
    let after = input::tenants::read(&arguments.after, &mut io::stdin())?;
    Ok(Pair::new(before, after).map_err(input::InputError::from)?)
}

/// Shows how far a run is, where somebody sits at a terminal.
fn progress(global: &Global) -> impl Fn(usize, usize) + Sync {
    let shown = !global.quiet && io::stderr().is_terminal();
    move |done, all| {
        // A hundred steps are plenty, and a short run needs none.
        if shown && all >= 20 && (done == all || done % (all / 100).max(1) == 0) {
            output::progress(done, all);
        }
    }
}
