//! `models ...`.

use std::io;
use std::path::{Path, PathBuf};

use lab_jobs::models::{self, Broken, Catalogue, Filter};
use lab_jobs::{JobError, input, transcript};

use super::{catalogue, done};
use crate::arguments::{FormatName, Global, ModelsCommand};
use crate::failure::Failure;
use crate::output;

/// Exit status: something is wrong with what was checked.
const NOT_CLEAN: u8 = 1;

/// Runs the command and gives the exit status.
pub(super) fn run(command: &ModelsCommand, global: &Global) -> Result<u8, Failure> {
    let importing = matches!(command, ModelsCommand::Import { .. });
    if !(importing && global.format == FormatName::Csv) {
        output::format(global)?;
    }
    match command {
        ModelsCommand::List(list) => {
            let filter = Filter { kind: list.kind.clone(), generic: list.generic };
            done(&models::list(&quietly(global)?, &filter), global)
        }
        ModelsCommand::Show { id } => done(&models::show(&catalogue(global)?, id)?, global),
        ModelsCommand::Find { words } => done(&models::find(&quietly(global)?, &words.join(" ")), global),
        ModelsCommand::Check { files } => {
            let checked = models::check(&texts(files)?);
            output::deliver(&checked.report, global)?;
            Ok(if checked.clean { 0 } else { NOT_CLEAN })
        }
        ModelsCommand::Import { file, strict } => {
            let broken = if *strict { Broken::Refuse } else { Broken::KeepGoing };
            import(file, broken, global)
        }
        ModelsCommand::Compare { id, transcript } => {
            let transcript = transcript::read(transcript, &mut io::stdin())?;
            let catalogue = catalogue(global)?;
            let comparison = models::compare(&catalogue.choose(id)?, &transcript, &catalogue)?;
            done(&comparison.report(global.verbose > 0), global)
        }
        ModelsCommand::Draft { transcript } => draft(transcript, global),
    }
}

/// The file as it is, or the report that carries it.
fn draft(transcript: &Path, global: &Global) -> Result<u8, Failure> {
    let transcript = transcript::read(transcript, &mut io::stdin())?;
    let draft = models::draft(&transcript, &quietly(global)?)?;
    if global.format == FormatName::Table {
        output::deliver_text(&draft.toml, &draft.report.notes, global)?;
        return Ok(0);
    }
    done(&draft.report, global)
}

fn import(file: &Path, broken: Broken, global: &Global) -> Result<u8, Failure> {
    let text = input::read_text(file, &mut io::stdin()).map_err(JobError::from)?;
    let imported = models::import(&catalogue(global)?, &file.display().to_string(), &text, broken)?;
    if global.format == FormatName::Csv {
        output::deliver_text(&imported.csv, &imported.report.notes, global)?;
        return Ok(0);
    }
    done(&imported.report, global)
}

/// The models, for reports that carry the notes about users' files themselves.
fn quietly(global: &Global) -> Result<Catalogue, JobError> {
    Catalogue::read(global.models_dir.as_deref())
}

fn texts(files: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let text = |file: &PathBuf| Ok((file.display().to_string(), input::read_text(file, &mut io::stdin())?));
    files.iter().map(text).collect::<Result<_, JobError>>().map_err(Failure::from)
}
