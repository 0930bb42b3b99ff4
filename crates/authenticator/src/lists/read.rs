//! A list from the text of its file.

use std::collections::BTreeMap;

use lab_protocol::Aaguid;

use super::csv::{Broken, Reader, Record};
use super::error::{ListError, ListErrorKind};
use super::{AaguidList, LeftOut, NOBODY, Row};
use crate::model::{ListedType, Named as _, Place};

/// The longest list that is read, in bytes.
const MAX_FILE: usize = 4 * 1024 * 1024;
/// The most rows that are read: some hundred times what anybody lists.
const MAX_ROWS: usize = 50_000;
/// The longest name, in characters.
const MAX_NAME: usize = 200;
/// The longest source that is kept, in characters.
const MAX_SOURCE: usize = 400;
/// The columns that a list may have, each with its other names.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("aaguid", &[]),
    ("name", &["description", "model"]),
    ("type", &["synced_or_device_bound"]),
    ("bio", &[]),
    ("usb", &[]),
    ("nfc", &[]),
    ("ble", &[]),
];

/// What is wrong, and the column that it stands in.
type Wrong = (Broken, String);

/// Where the columns of a list stand.
struct Header {
    columns: BTreeMap<&'static str, usize>,
    width: usize,
    ignored: Vec<String>,
}

impl AaguidList {
    /// Reads a list. `file` names it in errors.
    ///
    /// # Errors
    /// The file as a whole is no list; what is wrong with single rows is in [`AaguidList::problems`].
    pub fn from_csv(file: &str, text: &str) -> Result<Self, ListError> {
        let error = |((place, kind), column): Wrong| ListError { file: file.into(), place, column, kind };
        if text.len() > MAX_FILE {
            let kind = ListErrorKind::Size { found: text.len(), allowed: MAX_FILE };
            return Err(error(((Place { line: 1, column: 1 }, kind), String::new())));
        }
        let (comments, first_line, body) = split(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut reader = Reader::new(body, first_line);
        let empty = (Place { line: first_line, column: 1 }, ListErrorKind::Empty);
        let cells = reader.next().unwrap_or(Err(empty)).map_err(|broken| error((broken, String::new())))?;
        let header = Header::read(&cells).map_err(error)?;
        let mut list = Self {
            file: file.to_owned(),
            source: source(comments).unwrap_or_else(|| format!("{file}, a list of AAGUIDs")),
            rows: Vec::new(),
            left_out: Vec::new(),
            repeated: Vec::new(),
            problems: Vec::new(),
            ignored: header.ignored.clone(),
        };
        let mut seen = BTreeMap::new();
        for record in reader {
            match record.map_err(|broken| (broken, String::new())).and_then(|cells| header.row(&cells)) {
                Ok(row) => list.take(row, &mut seen),
                Err(wrong) => list.problems.push(error(wrong)),
            }
            if list.rows.len() + list.problems.len() + list.repeated.len() > MAX_ROWS {
                let kind = ListErrorKind::Rows { allowed: MAX_ROWS };
                return Err(error(((Place { line: first_line, column: 1 }, kind), String::new())));
            }
        }
        Ok(list)
    }

    fn take(&mut self, row: Row, seen: &mut BTreeMap<Aaguid, usize>) {
        if row.aaguid.is_zero() {
            self.left_out.push(LeftOut { place: row.place, aaguid: row.aaguid, name: row.name, reason: NOBODY });
        } else if let Some(first) = seen.get(&row.aaguid).and_then(|at| self.rows.get(*at)) {
            let kind = ListErrorKind::Repeated { first: first.place, name: first.name.clone() };
            let error = ListError { file: self.file.clone(), place: row.place, column: "aaguid".to_owned(), kind };
            self.repeated.push(error);
        } else {
            seen.insert(row.aaguid, self.rows.len());
            self.rows.push(row);
        }
    }
}

/// The comments before the header, the line that the header stands in, and the text from there on.
fn split(text: &str) -> (&str, usize, &str) {
    let comment = |line: &&str| line.starts_with('#') || line.trim().is_empty();
    let lines = text.split_inclusive('\n').take_while(comment);
    let (count, length) = lines.fold((0, 0), |(count, length), line| (count + 1, length + line.len()));
    let (comments, body) = text.split_at_checked(length).unwrap_or((text, ""));
    (comments, count + 1, body)
}

fn source(comments: &str) -> Option<String> {
    let told = comments.lines().find_map(|line| line.trim_start_matches('#').trim().strip_prefix("source:"))?;
    Some(told.trim().chars().take(MAX_SOURCE).collect()).filter(|told: &String| !told.is_empty())
}

impl Header {
    fn read(cells: &Record) -> Result<Self, Wrong> {
        let mut header = Self { columns: BTreeMap::new(), width: cells.len(), ignored: Vec::new() };
        for (at, cell) in cells.iter().enumerate() {
            let called = cell.text.to_lowercase();
            match COLUMNS.iter().find(|(name, others)| *name == called || others.contains(&called.as_str())) {
                None => header.ignored.push(cell.text.chars().take(MAX_NAME).collect()),
                Some((name, _)) if header.columns.contains_key(name) => {
                    return Err(((cell.place, ListErrorKind::TwoColumns), (*name).to_owned()));
                }
                Some((name, _)) => _ = header.columns.insert(name, at),
            }
        }
        for expected in ["aaguid", "name"] {
            if !header.columns.contains_key(expected) {
                let found = cells.iter().map(|cell| cell.text.chars().take(MAX_NAME).collect()).collect();
                let place = cells.first().map_or(Place { line: 1, column: 1 }, |cell| cell.place);
                return Err(((place, ListErrorKind::NoColumn { expected, found }), String::new()));
            }
        }
        Ok(header)
    }

    fn row(&self, cells: &Record) -> Result<Row, Wrong> {
        let place = cells.first().map_or(Place { line: 1, column: 1 }, |cell| cell.place);
        if cells.len() != self.width {
            let kind = ListErrorKind::Cells { expected: self.width, found: cells.len() };
            return Err(((place, kind), String::new()));
        }
        let flag = |column| self.cell(cells, column, flag);
        Ok(Row {
            aaguid: self.cell(cells, "aaguid", |text| Ok(Some(text.parse()?)))?.unwrap_or_default(),
            name: self.cell(cells, "name", name)?.unwrap_or_default(),
            passkeys: self.cell(cells, "type", listed_type)?,
            bio: flag("bio")?,
            usb: flag("usb")?,
            nfc: flag("nfc")?,
            ble: flag("ble")?,
            place,
        })
    }

    /// What stands in a column; `None` where the list has no such column, or the cell is empty.
    fn cell<T>(
        &self,
        cells: &Record,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<Option<T>, ListErrorKind>,
    ) -> Result<Option<T>, Wrong> {
        let Some(cell) = self.columns.get(column).and_then(|at| cells.get(*at)) else {
            return Ok(None);
        };
        read(&cell.text).map_err(|kind| ((cell.place, kind), column.to_owned()))
    }
}

fn name(text: &str) -> Result<Option<String>, ListErrorKind> {
    let length = text.chars().count();
    if (1..=MAX_NAME).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(Some(text.to_owned()));
    }
    let found = if text.is_empty() { "nothing".to_owned() } else { format!("{length}, or one that cannot be printed") };
    Err(ListErrorKind::Name { allowed: MAX_NAME, found })
}

fn flag(text: &str) -> Result<Option<bool>, ListErrorKind> {
    match text.to_lowercase().as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" => Ok(Some(true)),
        "false" | "no" | "0" => Ok(Some(false)),
        _ => Err(ListErrorKind::Flag { found: short(text) }),
    }
}

fn listed_type(text: &str) -> Result<Option<ListedType>, ListErrorKind> {
    match ListedType::of(&text.to_lowercase()) {
        None if !text.is_empty() => {
            let expected = ListedType::ALL.iter().map(|it| it.name()).collect();
            Err(ListErrorKind::Type { found: short(text), expected })
        }
        found => Ok(found),
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
