//! One line for each diagnostic, for scripts and for editors without a language server.

use std::fmt::Write as _;

use super::Diagnostic;
use crate::source::Sources;

/// `file:line:column: severity[name]: message`, lines and columns from one, columns in characters.
pub fn plain(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut output = String::new();
    for diagnostic in diagnostics {
        let span = sources.clamp(diagnostic.primary.span);
        let place = sources.position(span.file, span.start);
        let (line, column) = (place.line + 1, place.characters + 1);
        let path = sources.path(span.file);
        let Diagnostic {
            name,
            severity,
            message,
            ..
        } = diagnostic;
        let severity = severity.word();
        // Writing to a string cannot fail.
        let _ = writeln!(
            output,
            "{path}:{line}:{column}: {severity}[{name}]: {message}"
        );
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Label;
    use crate::source::Span;

    #[test]
    fn a_column_is_one_based_and_counts_characters() {
        let mut sources = Sources::new();
        let file = sources.add("dir/a.tappass", "# é\né x");
        let label = Label::new(Span::new(file, 8, 9), "here");
        let diagnostic = Diagnostic::error("a-name", "a message", label);
        assert_eq!(
            plain(&[diagnostic], &sources),
            "dir/a.tappass:2:3: error[a-name]: a message\n"
        );
    }
}
