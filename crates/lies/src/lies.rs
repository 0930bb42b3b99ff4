//! The registry: a file and two lines for each lie.

mod aaguid_of;
mod be_changed_at_sign_in;
mod be_hidden;
mod bs_without_be;
mod certificate_of;
mod counter_frozen;
mod foreign_root;
mod self_attestation;
mod statement_stripped;
mod uv_claimed;
mod wrong_origin;
mod wrong_rp_id_hash;

use crate::page::Page;

pub(crate) const ALL: &[&Page] = &[
    &aaguid_of::PAGE,
    &be_changed_at_sign_in::PAGE,
    &be_hidden::PAGE,
    &bs_without_be::PAGE,
    &certificate_of::PAGE,
    &counter_frozen::PAGE,
    &foreign_root::PAGE,
    &self_attestation::PAGE,
    &statement_stripped::PAGE,
    &uv_claimed::PAGE,
    &wrong_origin::PAGE,
    &wrong_rp_id_hash::PAGE,
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_folder_and_the_list_agree() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lies");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<_> = files.map(|file| file.trim_end_matches(".rs").replace('_', "-")).collect();
        files.sort();
        let listed: Vec<_> = ALL.iter().map(|page| page.name).collect();
        assert_eq!(files, listed, "in the order of their names");
    }

    #[test]
    fn every_page_is_written_in_full() {
        for page in ALL {
            for text in [page.does, page.who, page.otherwise, page.source] {
                assert!(text.len() > 20 && text.ends_with('.'), "{}: {text}", page.name);
            }
            assert!(!page.seams.is_empty(), "{}", page.name);
            for caught in page.caught_by {
                let (group, id) = caught.check.split_once('/').unwrap();
                assert!(["registration", "authentication", "attestation", "entra"].contains(&group), "{id}");
                assert!(!caught.when.is_empty(), "{}", page.name);
            }
        }
    }
}
