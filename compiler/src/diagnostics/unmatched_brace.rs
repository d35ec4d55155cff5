//! A closing brace outside any block.

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct UnmatchedBrace {
    pub span: Span,
}

impl UnmatchedBrace {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some("remove it, or open its block".to_owned()),
            ..Diagnostic::error(
                Self::NAME,
                "this `}` closes no block",
                Label::new(self.span, "no block is open here"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn a_brace_too_many_is_skipped() {
        check(
            r"
policy p { } }
#            ^ error[unmatched-brace]: this `}` closes no block
policy q { }
",
        );
    }
}
