use std::path::Path;

use super::*;

const TRANSPORTS: [Transport; 3] = [Transport::Internal, Transport::Hybrid, Transport::Usb];

fn fate(platform: &str, conveyance: Conveyance, transport: Transport) -> (Statement, AaguidFate) {
    let circumstances = Circumstances { conveyance, transport, enterprise_permitted: false };
    let platform = Platform::find(platform).unwrap();
    platform
        .rule(circumstances, false)
        .map_or((Statement::Keep, AaguidFate::Keep), |rule| (rule.statement, rule.aaguid))
}

/// Each row: what becomes of statement and AAGUID over internal, hybrid and usb.
#[test]
fn the_table_of_platforms() {
    use AaguidFate::{Keep as Id, Zero};
    use Statement::{Keep, Remove};
    for (platform, conveyance, expected) in [
        ("l3", Conveyance::None, [(Remove, Id); 3]),
        ("l3", Conveyance::Direct, [(Keep, Id); 3]),
        ("chromium", Conveyance::None, [(Remove, Id), (Remove, Id), (Remove, Zero)]),
        ("chromium", Conveyance::Indirect, [(Keep, Id); 3]),
        ("chromium", Conveyance::Direct, [(Keep, Id); 3]),
        ("chromium", Conveyance::Enterprise, [(Keep, Id); 3]),
        ("firefox", Conveyance::None, [(Remove, Id); 3]),
        ("firefox", Conveyance::Direct, [(Keep, Id); 3]),
        ("safari", Conveyance::None, [(Remove, Id), (Remove, Id), (Remove, Zero)]),
        ("safari", Conveyance::Direct, [(Remove, Id), (Remove, Id), (Keep, Id)]),
        ("windows", Conveyance::None, [(Remove, Zero); 3]),
        ("windows", Conveyance::Direct, [(Keep, Id); 3]),
    ] {
        let found = TRANSPORTS.map(|transport| fate(platform, conveyance, transport));
        assert_eq!(found, expected, "{platform} {conveyance:?}");
    }
}

#[test]
fn every_platform_decides_every_case_by_a_rule_of_its_own() {
    let all = [Conveyance::None, Conveyance::Indirect, Conveyance::Direct, Conveyance::Enterprise];
    for platform in Platform::built_in() {
        for (conveyance, transport) in all.into_iter().flat_map(|c| TRANSPORTS.map(|t| (c, t))) {
            for enterprise_permitted in [false, true] {
                let circumstances = Circumstances { conveyance, transport, enterprise_permitted };
                assert!(platform.rule(circumstances, false).is_some(), "{} {circumstances:?}", platform.id);
            }
        }
    }
}

#[test]
fn the_folder_and_the_list_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("platforms");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let mut listed: Vec<_> = FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
    listed.sort();
    assert_eq!(files, listed);
    for (platform, (file, _)) in Platform::built_in().iter().zip(FILES) {
        assert_eq!(format!("{}.toml", platform.id), file);
    }
}

#[test]
fn attestation_texts_that_nobody_defined_count_as_none() {
    assert_eq!(Conveyance::of("direct"), Conveyance::Direct);
    for text in ["none", "", "Direct", "x"] {
        assert_eq!(Conveyance::of(text), Conveyance::None);
    }
}

#[test]
fn broken_files_name_the_file_and_the_place() {
    let good = FILES[0].1;
    let error = |text: &str| Platform::from_toml("mine.toml", text).unwrap_err();
    let unknown = error(&good.replace("aaguid = \"keep\"", "aaguid = \"hide\""));
    assert!(
        matches!(&unknown, PlatformError::Toml { file, problem } if file == "mine.toml" && problem.contains("line 1")),
        "{unknown}"
    );
    assert!(matches!(error(&format!("{good}\ncolour = 1\n")), PlatformError::Toml { .. }));
    let twice = error(&good.replace("id = \"none\"", "id = \"anonymous-self\""));
    assert!(matches!(twice, PlatformError::DuplicateRule { id, .. } if id == "anonymous-self"));
    let last = "[[conveyance]]\nid = \"x\"\nstatement = \"keep\"\naaguid = \"keep\"\ntext = \"\"\nsource = \"\"\nconfidence = \"low\"\n";
    assert!(
        matches!(error(&format!("{good}\n{last}")), PlatformError::Unreachable { before, .. } if before == "as-made")
    );
    assert!(matches!(error(&" ".repeat(300_000)), PlatformError::Length { found: 300_000, .. }));
}
