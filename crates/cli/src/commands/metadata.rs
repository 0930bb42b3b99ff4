//! `metadata ...`.

use std::io;
use std::path::Path;

use lab_jobs::input;
use lab_jobs::metadata::{self, Consulted, Loaded, Roots, Staging, Watch, When};
use lab_jobs::models::Catalogue;
use lab_jobs::world::World;

use super::{catalogue, done};
use crate::arguments::{Blob, FormatName, Global, MetadataCommand};
use crate::failure::Failure;
use crate::{output, world};

/// Exit status: a BLOB that does not verify.
const NOT_VERIFIED: u8 = 1;

/// Runs the command and gives the exit status.
pub(super) fn run(command: &MetadataCommand, global: &Global) -> Result<u8, Failure> {
    let has_rows = matches!(command, MetadataCommand::Find { .. } | MetadataCommand::Diff { .. });
    if !(has_rows && global.format == FormatName::Csv) {
        output::format(global)?;
    }
    match command {
        MetadataCommand::Show(blob) => done(&metadata::show(&open(blob, global)?), global),
        MetadataCommand::Check { blob, vendor_table } => {
            let table = metadata::vendor_table(vendor_table.as_deref())?;
            let checked = metadata::check(&open(blob, global)?, &table, global.verbose > 0);
            output::deliver(&checked.report, global)?;
            Ok(if checked.verified { 0 } else { NOT_VERIFIED })
        }
        MetadataCommand::Find { blob, words } => {
            let found = metadata::find(&open(blob, global)?, &catalogue(global)?, &words.join(" "));
            if global.format == FormatName::Csv {
                output::deliver_text(&found.csv(), found.notes(), global)?;
                return Ok(0);
            }
            done(&found.report(), global)
        }
        MetadataCommand::Lab { scenarios, root } => lab(scenarios, root.as_deref(), global),
        MetadataCommand::Diff { before, after, tenant } => diff(before, after, tenant.as_deref(), global),
    }
}

fn diff(before: &Path, after: &Blob, tenant: Option<&str>, global: &Global) -> Result<u8, Failure> {
    if [Some(before), Some(after.blob.as_path()), tenant.map(Path::new)]
        .iter()
        .filter(|name| **name == Some(Path::new("-")))
        .count()
        > 1
    {
        return Err(Failure::usage("standard input can be read once, and - is given twice", "name each file once"));
    }
    let watch = match tenant {
        Some(tenant) => Some(Watch::of(&input::tenants::read(tenant, &mut io::stdin())?)),
        None => None,
    };
    let world = world::world(global, None)?;
    let roots = Roots::read(after.anchors.as_deref(), &world)?;
    let open = |file: &Path| roots.open(file, &mut io::stdin(), world.at);
    let difference = metadata::diff(&open(before)?, &open(&after.blob)?, watch.as_ref());
    if global.format == FormatName::Csv {
        output::deliver_text(&difference.csv(), difference.notes(), global)?;
    } else {
        output::deliver(&difference.report(), global)?;
    }
    Ok(difference.exit_status())
}

/// The metadata that `--metadata` names, if it is there.
pub(super) fn consulted(
    name: Option<&str>,
    anchors: Option<&Path>,
    when: When,
    catalogue: &Catalogue,
    world: &World,
) -> Result<Option<Consulted>, Failure> {
    let Some(name) = name else { return Ok(None) };
    Ok(Some(Consulted::read(name, anchors, when, catalogue, world, &mut io::stdin())?))
}

/// Writes the lab's own BLOB, and the root that it leads to.
fn lab(scenarios: &[String], root: Option<&Path>, global: &Global) -> Result<u8, Failure> {
    let catalogue = catalogue(global)?;
    let world = world::world(global, None)?;
    let staging = Staging::read(scenarios.iter().map(String::as_str), &catalogue)?;
    let blob = metadata::lab_blob(&catalogue, &staging, &world)?;
    let mut notes = Vec::new();
    match root {
        Some(root) => output::write(root, &metadata::lab_root(&world))?,
        None => notes.push(
            "its root is this run's: --root FILE writes it, and with the same --seed and --at any run trusts it"
                .to_owned(),
        ),
    }
    output::deliver_text(&format!("{blob}\n"), &notes, global)?;
    Ok(0)
}

fn open(blob: &Blob, global: &Global) -> Result<Loaded, Failure> {
    let world = world::world(global, None)?;
    let roots = Roots::read(blob.anchors.as_deref(), &world)?;
    Ok(roots.open(&blob.blob, &mut io::stdin(), world.at)?)
}
