//! The last error of a file that has more of them than anybody reads.

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct TooManyErrors {
    pub span: Span,
}

impl TooManyErrors {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some("mend the errors above; check that this is a policy file".to_owned()),
            ..Diagnostic::error(
                Self::NAME,
                "too many errors, the rest is not reported",
                Label::new(self.span, "this error and those behind it are not reported"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::expectation::check_source;
    use crate::syntax::MAX_ERRORS;

    #[test]
    fn a_hundred_errors_are_reported_and_no_more() {
        for fault in ["}", "; 1 ", "import 5\n", "import \"\\q\" "] {
            let found = check_source(&fault.repeat(300));
            assert_eq!(found.len(), MAX_ERRORS, "{fault}");
            assert_eq!(found[MAX_ERRORS - 1].name, TooManyErrors::NAME, "{fault}");
        }
    }

    #[test]
    fn exactly_a_hundred_errors_are_not_too_many() {
        let found = check_source(&"}".repeat(MAX_ERRORS));
        assert!(found.iter().all(|found| found.name == "unmatched-brace"));
    }
}
