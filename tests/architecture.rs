//! The house rules that a manifest, a folder or a text can break.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

fn root() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Our own packages that a folder's package depends on, tests apart.
fn arrows(folder: &str) -> BTreeSet<String> {
    let manifest = read(&format!("{folder}/Cargo.toml"));
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let own = dependencies.split("\n[").next().unwrap_or_default();
    let names = own.lines().filter_map(|line| line.strip_prefix("tappass-"));
    names
        .map(|name| name.split(['.', ' ', '=']).next().unwrap().to_owned())
        .collect()
}

/// Rust files beneath a folder.
fn sources(folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) {
    for entry in folder.read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            sources(entry.path(), found);
        } else if entry.path().extension() == Some("rs") {
            found.push(entry.path().to_owned());
        }
    }
}

fn rust_files(folders: &[&str]) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        sources(&root().join(folder), &mut found);
    }
    found.sort();
    found
}

#[test]
fn only_these_arrows_exist() {
    let allowed = BTreeMap::from([
        ("ir", vec![]),
        ("stdlib-runtimes", vec![]),
        ("shell", vec!["ir"]),
        ("backends", vec!["ir"]),
        ("host-runtime", vec!["ir", "shell"]),
        ("compiler", vec!["backends", "ir", "shell", "stdlib"]),
    ]);
    for (folder, expected) in allowed {
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(arrows(folder), expected, "{folder}");
    }
}

#[test]
fn the_pure_crates_do_no_io() {
    let io = [
        "std::fs",
        "std::env",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "std::process",
        "SystemTime",
        "Instant",
    ];
    for path in rust_files(&[
        "ir/src",
        "backends/src",
        "shell/src",
        "compiler/src",
        "stdlib-runtimes/src",
    ]) {
        let command_line =
            path.as_str().contains("/compiler/src/cli/") || path.ends_with("compiler/src/main.rs");
        if command_line {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let production = text.split("#[cfg(test)]").next().unwrap();
        for word in io {
            assert!(!production.contains(word), "{path} names {word}");
        }
    }
}

#[test]
fn no_source_speaks_of_unfinished_work() {
    let banned = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("dbg", "!("),
    ];
    for path in rust_files(&[
        "ir",
        "backends",
        "shell",
        "compiler",
        "stdlib-runtimes",
        "host-runtime",
        "tests",
    ]) {
        let text = fs::read_to_string(&path).unwrap();
        for word in banned {
            assert!(!text.contains(word), "{path} holds {word}");
        }
    }
}

#[test]
fn every_provider_has_a_folder_a_readme_a_page_and_a_golden() {
    let summary = read("book/src/SUMMARY.md");
    let ids: Vec<&str> = tappass_backends::PROVIDERS
        .iter()
        .map(|provider| provider.id())
        .collect();
    assert!(ids.is_sorted());
    for provider in tappass_backends::PROVIDERS {
        let folder = format!("backends/src/{}", provider.id().replace('-', "_"));
        let readme = read(&format!("{folder}/README.md"));
        assert!(
            readme.starts_with(&format!("# {}\n", provider.id())),
            "{folder}"
        );
        assert!(
            readme.contains(provider.tool().version),
            "{folder}/README.md names no version"
        );
        assert!(!provider.claims().is_empty(), "{}", provider.id());
        assert!(
            summary.contains(&format!("(providers/{}.md)", provider.id())),
            "{}",
            provider.id()
        );
        assert!(
            root().join("tests/golden").join(provider.id()).is_dir(),
            "{} has no golden",
            provider.id()
        );
    }
}

#[test]
fn every_diagnostic_stands_in_the_book() {
    let summary = read("book/src/SUMMARY.md");
    for name in tappass_compiler::diagnostics::names() {
        assert!(
            summary.contains(&format!("(diagnostics/{name}.md)")),
            "{name}"
        );
    }
}

#[test]
fn planned_ids_are_no_providers() {
    for (_, id) in tappass_backends::PLANNED {
        assert!(tappass_backends::provider(id).is_none(), "{id}");
    }
}
