use proptest::prelude::*;

use super::*;
use crate::model::{Kind, PasskeyType};

const A: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";
const B: &str = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b";

fn read(text: &str) -> AaguidList {
    AaguidList::from_csv("my.csv", text).unwrap()
}

fn problems(text: &str) -> Vec<String> {
    read(text).problems.iter().map(ToString::to_string).collect()
}

fn refused(text: &str) -> String {
    AaguidList::from_csv("my.csv", text).unwrap_err().to_string()
}

#[test]
fn a_table_of_vendors_is_read_in_any_dialect() {
    let comma = read(&format!(
        "\u{feff}# source: A page of 2026\r\n\r\naaguid,Description,bio,usb,nfc,ble\r\n{A},\"Key, \"\"Pro\"\"\",false,TRUE,yes,0\r\n"
    ));
    assert_eq!(comma.source, "A page of 2026");
    let [row] = comma.rows.as_slice() else { panic!("{:?}", comma.rows) };
    assert_eq!((row.name.as_str(), row.place), ("Key, \"Pro\"", Place { line: 4, column: 1 }));
    assert_eq!((row.bio, row.usb, row.nfc, row.ble), (Some(false), Some(true), Some(true), Some(false)));
    let semicolon = read(&format!("usb;aaguid;picture;name\n;{A};x;Key, plain\n1; {B} ; ; Other"));
    assert_eq!(semicolon.ignored, ["picture"]);
    assert_eq!(semicolon.source, "my.csv, a list of AAGUIDs");
    assert_eq!(semicolon.rows.iter().map(|row| row.usb).collect::<Vec<_>>(), [None, Some(true)]);
    assert_eq!(semicolon.rows[0].name, "Key, plain");
    assert_eq!(read(&format!("name\taaguid\nKey\t{A}")).rows.len(), 1);
}

#[test]
fn a_broken_row_names_line_and_column_and_the_others_are_still_there() {
    let text = format!(
        "aaguid,name,type,usb\n{A},Key,,maybe\n{B},Fine,synced,\nnonsense,Key,,\n{A},,,\n{A},Key,sync,\n{A},Key\n{A},K\"ey,,\n{A},\"K\"ey,,\n{A},\"Key,,\n01020304-0506-0708-0102-030405060708,Last,,true\n"
    );
    assert_eq!(
        problems(&text),
        [
            "my.csv:2:43: column usb: “maybe” is neither true nor false, nor empty",
            "my.csv:4:1: column aaguid: “nonsense” is no AAGUID: expected 32 hexadecimal digits as 8-4-4-4-12, such as a25342c0-3cdc-4414-8e46-f4807fca511c",
            "my.csv:5:38: column name: a name has 1 to 200 printable characters: found nothing",
            "my.csv:6:42: column type: “sync” is no type of passkey: expected one of device-bound, synced, exportable, unknown, or nothing",
            "my.csv:7:1: the row has 2 cells, the header has 4",
            "my.csv:8:39: a quotation mark stands within the cell: the whole cell must be quoted, and the mark doubled",
            "my.csv:9:41: after the closing quotation mark comes “e”, not the end of the cell",
            "my.csv:10:38: this quotation mark is never closed",
        ]
    );
    assert_eq!(read(&text).rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Fine", "Last"]);
}

#[test]
fn repeated_and_empty_aaguids_are_named() {
    let list = read(&format!(
        "aaguid,name\n{A},First\n{},Second\n00000000-0000-0000-0000-000000000000,Nobody\n",
        A.to_uppercase()
    ));
    assert_eq!(list.rows.len(), 1);
    assert_eq!(
        list.repeated.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["my.csv:3:1: column aaguid: the AAGUID stands in line 2 already, as “First”"]
    );
    assert_eq!((list.left_out[0].name.as_str(), list.left_out[0].reason), ("Nobody", NOBODY));
}

#[test]
fn what_is_no_list_is_refused_as_a_whole() {
    assert_eq!(
        refused(""),
        "my.csv:1:1: there is no header: the first row names the columns, aaguid and name among them"
    );
    assert!(refused("# only a comment\n").starts_with("my.csv:2:1: there is no header"));
    assert_eq!(refused("name,usb\n"), "my.csv:1:1: there is no column “aaguid”: the header has name, usb");
    assert_eq!(refused("aaguid,name,model\n"), "my.csv:1:13: column name: the column stands twice in the header");
    assert!(refused(&" ".repeat(5_000_000)).contains("at most 4194304 are read"));
    let many = format!("aaguid,name\n{}", "x,y\n".repeat(50_001));
    assert!(refused(&many).contains("more than 50000 rows"));
}

#[test]
fn a_row_makes_the_model_of_its_kind() {
    let list = read(&format!(
        "aaguid,name,type,bio,usb,nfc,ble\n{A},Sensor,,true,true,false,true\n{B},Vault,synced,,,,\n01020304-0506-0708-0102-030405060708,Bare,,,,,\n"
    ));
    let models: Vec<_> = list.rows.iter().map(|row| list.model(row)).collect();
    let [sensor, vault, bare] = models.as_slice() else { panic!() };
    models.iter().for_each(|model| assert_eq!(model.check(), [], "{}", model.id));
    assert_eq!(sensor.id, format!("aaguid-{A}"));
    assert_eq!(sensor.transports().collect::<Vec<_>>(), ["usb", "ble"]);
    assert_eq!((sensor.attestation.format.as_str(), sensor.metadata.is_some()), ("packed", true));
    assert_eq!((vault.identity.kind.value, vault.passkeys.passkey_type.value), (Kind::Provider, PasskeyType::Synced));
    assert_eq!((vault.attestation.format.as_str(), vault.metadata.is_some()), ("none", false));
    assert_eq!(
        (bare.identity.kind.value, bare.attestation.format.as_str(), bare.is_synced()),
        (Kind::Roaming, "none", false)
    );
}

fn row() -> impl Strategy<Value = Row> {
    let flag = proptest::option::of(any::<bool>());
    let types = proptest::option::of(proptest::sample::select(<ListedType as crate::model::Named>::ALL));
    let name = "[ -~äß“]{0,30}[!-~]";
    (any::<[u8; 16]>(), name, types, [flag.clone(), flag.clone(), flag.clone(), flag]).prop_map(
        |(aaguid, name, passkeys, [bio, usb, nfc, ble])| Row {
            aaguid: Aaguid::from_slice(&aaguid).unwrap(),
            name: name.trim().to_owned(),
            passkeys,
            bio,
            usb,
            nfc,
            ble,
            place: Place { line: 0, column: 0 },
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(rows in proptest::collection::vec(row(), 0..8)) {
        let mut list = read("aaguid,name\n");
        list.rows = rows;
        let mut again = AaguidList::from_csv("again.csv", &list.to_csv()).unwrap();
        prop_assert_eq!(&again.problems, &[]);
        again.rows.iter_mut().for_each(|row| row.place = Place { line: 0, column: 0 });
        prop_assert_eq!(again.rows.len() + again.repeated.len() + again.left_out.len(), list.rows.len());
        for row in &again.rows {
            prop_assert!(list.rows.contains(row), "{:?}", row);
            prop_assert_eq!(&list.model(row).check(), &[]);
        }
        prop_assert_eq!(again.source, list.source);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|\n|\"|,){0,200}") {
        let _ = AaguidList::from_csv("my.csv", &text);
        let _ = AaguidList::from_csv("my.csv", &format!("aaguid,name\n{text}"));
    }

    #[test]
    fn damage_costs_no_other_line(at in 0..3_usize, damage in "[\"a-z,]{1,8}") {
        let lines = [format!("{A},One"), format!("{B},Two"), "01020304-0506-0708-0102-030405060708,Three".to_owned()];
        let text: Vec<_> = lines.iter().enumerate().map(|(line, text)| if line == at { format!("{damage}{text}") } else { text.clone() }).collect();
        let list = read(&format!("aaguid,name\n{}\n", text.join("\n")));
        let lost = lines.iter().enumerate().filter(|(_, text)| !list.rows.iter().any(|row| text.starts_with(&row.aaguid.to_string())));
        let lost: Vec<_> = lost.map(|(line, _)| line).collect();
        prop_assert!(lost.iter().all(|line| *line == at) || damage.contains('"'), "{:?}", lost);
    }
}
