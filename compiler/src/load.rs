//! Texts and their imports, gathered before anything is parsed.
//!
//! The compiler reads no file: whoever calls brings a [`Loader`]. Imports are found by a scan of the
//! tokens, so that the trees can borrow from texts that no longer move.

use std::collections::{BTreeMap, VecDeque};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::source::{FileId, Sources};
use crate::syntax;

/// Where texts come from.
pub trait Loader {
    /// The text at `path`, or one sentence on why there is none.
    fn read(&self, path: &Utf8Path) -> Result<String, String>;
}

/// All texts of one compilation, the standard library's first.
#[derive(Debug, Default)]
pub struct Loaded {
    pub sources: Sources,
    /// How many files at the start of `sources` belong to the standard library.
    pub curated: u32,
    pub(crate) files: BTreeMap<Utf8PathBuf, FileId>,
    pub(crate) failures: BTreeMap<Utf8PathBuf, String>,
}

/// Reads `roots` and, transitively, what they import. A root that cannot be read is a failure of the
/// machine and ends the run; an import that cannot be read is a fault of the text and is reported there.
pub fn load(roots: &[Utf8PathBuf], loader: &dyn Loader) -> Result<Loaded, (Utf8PathBuf, String)> {
    let mut texts = with_standard_library();
    let mut waiting: VecDeque<Utf8PathBuf> = VecDeque::new();
    for root in roots {
        let path = normalise(root);
        if !texts.files.contains_key(&path) {
            let text = loader
                .read(&path)
                .map_err(|detail| (path.clone(), detail))?;
            texts.add(path, text, &mut waiting);
        }
    }
    while let Some(path) = waiting.pop_front() {
        if texts.files.contains_key(&path) || texts.failures.contains_key(&path) {
            continue;
        }
        match loader.read(&path) {
            Ok(text) => texts.add(path, text, &mut waiting),
            Err(detail) => {
                texts.failures.insert(path, detail);
            }
        }
    }
    Ok(texts)
}

fn with_standard_library() -> Loaded {
    let mut loaded = Loaded::default();
    let texts = [
        tappass_stdlib::RUNTIMES,
        tappass_stdlib::PACKS,
        tappass_stdlib::POLICIES,
    ]
    .into_iter()
    .flatten();
    for text in texts {
        let id = loaded.sources.add(text.path, text.text);
        loaded.curated = id.0 + 1;
    }
    loaded
}

impl Loaded {
    fn add(&mut self, path: Utf8PathBuf, text: String, waiting: &mut VecDeque<Utf8PathBuf>) {
        let imports = syntax::imports(&text);
        waiting.extend(imports.iter().map(|import| relative_to(&path, import)));
        let id = self.sources.add(path.as_str(), text);
        self.files.insert(path, id);
    }

    /// Whether `file` ships with the compiler.
    pub fn is_curated(&self, file: FileId) -> bool {
        file.0 < self.curated
    }
}

/// The path that `import` in the file `importer` names.
pub(crate) fn relative_to(importer: &Utf8Path, import: &str) -> Utf8PathBuf {
    let folder = importer.parent().unwrap_or(Utf8Path::new(""));
    normalise(&folder.join(import))
}

/// Without `.` and, as far as the text allows, without `..`; so that one file has one name.
fn normalise(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir
                if matches!(
                    normal.components().next_back(),
                    Some(Utf8Component::Normal(_))
                ) =>
            {
                normal.pop();
            }
            Utf8Component::ParentDir
            | Utf8Component::Normal(_)
            | Utf8Component::RootDir
            | Utf8Component::Prefix(_) => {
                normal.push(component);
            }
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Memory(&'static [(&'static str, &'static str)]);

    impl Loader for Memory {
        fn read(&self, path: &Utf8Path) -> Result<String, String> {
            let found = self.0.iter().find(|(name, _)| *name == path);
            found
                .map(|(_, text)| (*text).to_owned())
                .ok_or_else(|| "no such file".to_owned())
        }
    }

    #[test]
    fn imports_are_followed_once_from_where_they_stand() {
        let disk = Memory(&[
            (
                "team/main.tappass",
                "import \"../org/base.tappass\"\nimport \"./side.tappass\"",
            ),
            ("team/side.tappass", "import \"../org/base.tappass\""),
            ("org/base.tappass", ""),
        ]);
        let loaded = load(&["team/main.tappass".into()], &disk).unwrap();
        let paths: Vec<_> = loaded.files.keys().map(|path| path.as_str()).collect();
        assert_eq!(
            paths,
            ["org/base.tappass", "team/main.tappass", "team/side.tappass"]
        );
    }

    #[test]
    fn a_missing_import_is_kept_for_the_place_that_names_it() {
        let loaded = load(
            &["a.tappass".into()],
            &Memory(&[("a.tappass", "import \"b.tappass\"")]),
        )
        .unwrap();
        assert_eq!(
            loaded.failures.get(Utf8Path::new("b.tappass")).unwrap(),
            "no such file"
        );
    }

    #[test]
    fn a_missing_root_ends_the_run() {
        assert!(load(&["a.tappass".into()], &Memory(&[])).is_err());
    }
}
