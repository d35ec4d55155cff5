//! Tests of diagnostics as annotated source.
//!
//! [`check`] takes a policy in which the line below a fault points at it:
//!
//! ```text
//!   alow read "/tmp/x"
//! # ^^^^ error[misspelt-keyword]: unknown word `alow`
//! ```
//!
//! Annotation lines begin with `#` or `//` and carets; they are removed before the policy is
//! compiled. All diagnostics must be annotated and all annotations met.

use super::Diagnostic;
use crate::source::{FileId, Sources};

/// What the whole compiler says about the policy of the page `name`. A line `# file: PATH` begins a
/// file of its own; the first file is the root. A page's policy is a fragment, so what it does not
/// mention is nobody's business but that of the page about it.
pub(crate) fn check_page(name: &str, text: &str) -> Vec<Diagnostic> {
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("# file: "), files.last_mut()) {
            (Some(path), _) => files.push((path, String::new())),
            (None, Some((_, file))) => file.extend([line, "\n"]),
            (None, None) => files.push(("policy.tappass", format!("{line}\n"))),
        }
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let undeclared = super::UndeclaredAspect::NAME;
    let mut found = crate::compile_files(&files);
    found.retain(|diagnostic| diagnostic.name != undeclared || name == undeclared);
    found
}

/// What the parser says about one file that stands alone.
pub(crate) fn check_source(text: &str) -> Vec<Diagnostic> {
    crate::syntax::parse(FileId(0), text).1
}

/// Compares what the compiler says with the annotations, and returns it for further questions.
#[track_caller]
pub(crate) fn check(annotated: &str) -> Vec<Diagnostic> {
    check_with(check_source, annotated)
}

#[track_caller]
pub(crate) fn check_with(
    compile: impl Fn(&str) -> Vec<Diagnostic>,
    annotated: &str,
) -> Vec<Diagnostic> {
    let (text, mut expected) = read(annotated);
    let diagnostics = compile(&text);
    let mut sources = Sources::new();
    sources.add("test.tappass", text);
    let mut found: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| Annotation::of(diagnostic, &sources))
        .collect();
    found.sort();
    expected.sort();
    for (expected, found) in expected.iter_mut().zip(&found) {
        // An annotation without a message stands for any message.
        if !expected.text.contains(": ") && found.text.starts_with(&expected.text) {
            expected.text.clone_from(&found.text);
        }
    }
    assert_eq!(
        found, expected,
        "found on the left, annotated on the right, in:\n{annotated}"
    );
    diagnostics
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Annotation {
    /// Zero-based, in the policy without annotations.
    line: usize,
    /// Zero-based, in characters.
    column: usize,
    /// At least one, and no further than the end of the line.
    length: usize,
    /// `severity[name]: message`
    text: String,
}

impl Annotation {
    fn of(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let span = diagnostic.primary.span;
        let place = sources.position(span.file, span.start);
        let on_line = sources.snippet(span).lines().next().unwrap_or("");
        Self {
            line: place.line as usize,
            column: place.characters as usize,
            length: on_line.chars().count().max(1),
            text: format!(
                "{}[{}]: {}",
                diagnostic.severity.word(),
                diagnostic.name,
                diagnostic.message
            ),
        }
    }

    fn read(line: &str, above: usize) -> Option<Self> {
        let trimmed = line.trim_start();
        let marked = trimmed
            .strip_prefix('#')
            .or_else(|| trimmed.strip_prefix("//"))?;
        let carets = marked.trim_start();
        let text = carets.trim_start_matches('^');
        let length = carets.len() - text.len();
        (length > 0).then(|| Self {
            line: above,
            column: line.chars().count() - carets.chars().count(),
            length,
            text: text.trim().to_owned(),
        })
    }
}

/// The policy and its annotations. A leading line break is dropped.
fn read(annotated: &str) -> (String, Vec<Annotation>) {
    let mut lines = Vec::new();
    let mut annotations = Vec::new();
    for line in annotated
        .strip_prefix('\n')
        .unwrap_or(annotated)
        .split('\n')
    {
        match Annotation::read(line, lines.len().saturating_sub(1)) {
            Some(annotation) => annotations.push(annotation),
            None => lines.push(line),
        }
    }
    (lines.join("\n"), annotations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Label;
    use crate::source::Span;

    fn warn_at(start: u32, end: u32) -> impl Fn(&str) -> Vec<Diagnostic> {
        move |_| {
            let label = Label::new(Span::new(FileId(0), start, end), "here");
            vec![Diagnostic::warning("a-name", "a message", label)]
        }
    }

    #[test]
    fn an_annotation_points_at_the_line_above_it() {
        check_with(warn_at(5, 7), "ab\n  cd\n# ^^ warning[a-name]: a message\n");
        check_with(warn_at(5, 7), "ab\n  cd\n//^^ warning[a-name]\n");
    }

    #[test]
    fn a_column_counts_characters() {
        check_with(warn_at(5, 7), "éé cd\n#  ^^ warning[a-name]");
    }

    #[test]
    #[should_panic(expected = "annotated on the right")]
    fn another_place_is_a_failure() {
        check_with(warn_at(4, 7), "ab\n  cd\n# ^^ warning[a-name]");
    }

    #[test]
    #[should_panic(expected = "annotated on the right")]
    fn a_diagnostic_without_annotation_is_a_failure() {
        check_with(warn_at(0, 1), "ab");
    }

    #[test]
    #[should_panic(expected = "annotated on the right")]
    fn an_annotation_without_diagnostic_is_a_failure() {
        check_with(|_| Vec::new(), "ab\n#^ error[x]");
    }
}
