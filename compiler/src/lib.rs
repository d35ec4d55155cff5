//! The policy compiler: text in, Compiled Policy and bundle out, diagnostics beside.
//!
//! [`compile`] is the table of contents, one line a phase. A phase is a function from its input to its
//! output and diagnostics, and never fails: what is wrong with a text is a diagnostic. Nothing here
//! reads a file, a clock or the environment, except `cli` and `main`.

pub mod bundle;
pub mod check;
pub mod cover;
pub mod diagnostics;
pub mod emit;
pub mod hir;
pub mod load;
pub mod lower;
pub mod nearest;
pub mod request;
pub mod require;
pub mod resolve;
pub mod select;
pub mod source;
pub mod syntax;
pub mod testing;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use tappass_ir::vocabulary::Platform;

use diagnostics::Diagnostic;
use load::{Loaded, Loader};

/// What the front half of the compiler makes of the texts.
#[derive(Debug)]
pub struct Compilation<'s> {
    /// Everything sound that they say.
    pub program: hir::Program<'s>,
    /// Everything else, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Runs the phases that need no runtime, then holds every `require` against its runtime.
pub fn compile(loaded: &Loaded, platform: Platform) -> Compilation<'_> {
    let (trees, mut diagnostics) = parse(loaded);
    let (program, of_resolve) = resolve::resolve(loaded, &trees);
    diagnostics.extend(of_resolve);
    diagnostics.extend(check::check(loaded, &program));
    if !diagnostics.iter().any(Diagnostic::is_error) {
        diagnostics.extend(require::require(&program, platform));
    }
    // The order of phases is nobody's business; within a place, an error comes before a warning.
    diagnostics.sort_by_key(|it| {
        (
            it.primary.span.file,
            it.primary.span.start,
            it.severity,
            it.name,
        )
    });
    Compilation {
        program,
        diagnostics: at_most_a_hundred_a_file(diagnostics),
    }
}

/// After so many a file with errors is wrong as a whole; the last one says that there are more.
fn at_most_a_hundred_a_file(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let wrong: BTreeSet<source::FileId> = diagnostics
        .iter()
        .filter(|it| it.is_error())
        .map(|it| it.primary.span.file)
        .collect();
    let mut counts: BTreeMap<source::FileId, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for diagnostic in diagnostics {
        let span = diagnostic.primary.span;
        let count = counts.entry(span.file).or_default();
        *count += 1;
        if *count < syntax::MAX_ERRORS || !wrong.contains(&span.file) {
            kept.push(diagnostic);
        } else if *count == syntax::MAX_ERRORS {
            kept.push(diagnostics::TooManyErrors { span }.render());
        }
    }
    kept
}

fn parse(loaded: &Loaded) -> (Vec<syntax::ast::File<'_>>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let trees = loaded.sources.files().map(|file| {
        let (tree, faults) = syntax::parse(file, loaded.sources.text(file));
        diagnostics.extend(faults);
        tree
    });
    (trees.collect(), diagnostics)
}

/// The diagnostics of one text that imports nothing.
pub fn compile_text(text: &str) -> Vec<Diagnostic> {
    compile_files(&[("policy.tappass", text)])
}

/// The diagnostics of the first of these files and what it imports from the others.
pub fn compile_files(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let roots: Vec<Utf8PathBuf> = files
        .iter()
        .take(1)
        .map(|(path, _)| Utf8PathBuf::from(path))
        .collect();
    // The first file is at hand, so no root can be missing.
    load::load(&roots, &InMemory(files)).map_or_else(
        |_| Vec::new(),
        |loaded| compile(&loaded, Platform::Linux).diagnostics,
    )
}

/// Texts that are at hand.
struct InMemory<'a>(&'a [(&'a str, &'a str)]);

impl Loader for InMemory<'_> {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| "no such file".to_owned())
    }
}
