use super::*;

/// A folder of this test's own, gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("passkey-lab-folder-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn files() -> Vec<NewFile> {
    vec![NewFile::new("fido2.json", "{}"), NewFile { executable: true, ..NewFile::new("export.sh", "#!/bin/sh\n") }]
}

#[test]
fn a_folder_is_made_with_all_its_files() {
    let scratch = Scratch::new("made");
    create(&scratch.0.join("a/contoso"), &files()).unwrap();
    assert_eq!(scratch.names("a/contoso"), ["export.sh", "fido2.json"]);
    assert_eq!(scratch.names("a"), ["contoso"], "no draft is left");
    fs::create_dir(scratch.0.join("empty")).unwrap();
    create(&scratch.0.join("empty"), &files()).unwrap();
    assert_eq!(scratch.names("empty"), ["export.sh", "fido2.json"]);
}

#[test]
fn a_folder_with_something_in_it_and_a_file_are_left_alone() {
    let scratch = Scratch::new("full");
    fs::write(scratch.0.join("users.json"), "[]").unwrap();
    let error = create(&scratch.0, &files()).unwrap_err().to_string();
    assert!(
        error.ends_with("expected a folder that does not exist or is empty, found a folder with something in it"),
        "{error}"
    );
    let error = create(&scratch.0.join("users.json"), &files()).unwrap_err().to_string();
    assert!(error.ends_with("found a file"), "{error}");
    assert_eq!(scratch.names(""), ["users.json"]);
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() {
    let scratch = Scratch::new("half");
    let broken = [NewFile::new("fido2.json", "{}"), NewFile::new("no/such/folder.json", "{}")];
    assert!(create(&scratch.0.join("contoso"), &broken).is_err());
    assert!(add(&scratch.0, &broken).is_err());
    assert_eq!(scratch.names(""), Vec::<String>::new());
}

#[test]
fn adding_names_every_file_that_is_there_and_writes_none() {
    let scratch = Scratch::new("add");
    add(&scratch.0, &files()[..1]).unwrap();
    fs::write(scratch.0.join("fido2.json"), "mine").unwrap();
    let error = add(&scratch.0, &files()).unwrap_err();
    assert!(error.to_string().contains("fido2.json") && !error.to_string().contains("export.sh"), "{error}");
    assert_eq!(error.exit_status(), 2);
    assert_eq!(fs::read_to_string(scratch.0.join("fido2.json")).unwrap(), "mine");
    assert_eq!(scratch.names(""), ["fido2.json"]);
}
