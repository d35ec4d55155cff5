//! Curated runtimes, packs, category data and the reference policy, as text.
//!
//! Everything here is data that a user could have written; the compiler reads it through the same
//! phases. No dependencies, no logic beyond the look-up.

/// A text of the standard library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// The name under which a policy refers to it.
    pub name: &'static str,
    /// Where diagnostics say that it stands.
    pub path: &'static str,
    /// The text itself.
    pub text: &'static str,
}

macro_rules! texts {
    ($(#[$meta:meta])* $name:ident, $folder:literal, $extension:literal: $($entry:literal),+ $(,)?) => {
        $(#[$meta])*
        pub const $name: &[Text] = &[$(Text {
            name: $entry,
            path: concat!("<stdlib>/", $folder, "/", $entry, ".", $extension),
            text: include_str!(concat!("../", $folder, "/", $entry, ".", $extension)),
        }),+];
    };
}

texts! {
    /// One curated runtime each, sorted by name.
    RUNTIMES, "runtimes", "tappass":
    "claude-code-laptop",
    "claude-code-laptop-strict",
    "openai-direct-no-sandbox",
}

texts! {
    /// One pack each, named with its version, sorted.
    PACKS, "packs", "tappass":
    "cloud-metadata@1",
    "destructive-commands@1",
    "secrets-baseline@1",
}

texts! {
    /// Policies that ship with the compiler.
    POLICIES, "policies", "tappass":
    "reference",
}

texts! {
    /// Host patterns by category, one a line, `#` starting a comment; sorted by name.
    CATEGORIES, "categories", "txt":
    "cloud-metadata",
    "dyndns",
    "paste-services",
    "webhooks",
}

/// The host patterns of a category, in the order of its file.
pub fn category(name: &str) -> Option<impl Iterator<Item = &'static str>> {
    let text = CATEGORIES
        .iter()
        .find(|category| category.name == name)?
        .text;
    Some(
        text.lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registry_is_sorted_and_free_of_repetition() {
        for registry in [RUNTIMES, PACKS, POLICIES, CATEGORIES] {
            assert!(registry.windows(2).all(|pair| pair[0].name < pair[1].name));
        }
    }

    #[test]
    fn every_file_of_a_folder_is_registered() {
        for (folder, registry) in [
            ("runtimes", RUNTIMES),
            ("packs", PACKS),
            ("policies", POLICIES),
            ("categories", CATEGORIES),
        ] {
            let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
            let mut found: Vec<String> = std::fs::read_dir(format!("{root}{folder}"))
                .unwrap()
                .map(|entry| {
                    entry
                        .unwrap()
                        .path()
                        .file_stem()
                        .unwrap()
                        .to_string_lossy()
                        .into_owned()
                })
                .collect();
            found.sort();
            assert_eq!(
                found,
                registry.iter().map(|text| text.name).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn a_category_is_its_lines_without_comments() {
        let hosts: Vec<_> = category("cloud-metadata").unwrap().collect();
        assert!(hosts.contains(&"169.254.0.0/16") && hosts.iter().all(|host| !host.contains('#')));
        assert!(category("no-such-thing").is_none());
    }
}
