//! A pattern that its verb cannot read.

use tappass_ir::pattern::PatternError;
use tappass_ir::vocabulary::Verb;

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct InvalidPattern {
    pub verb: Verb,
    pub text: String,
    /// Of the part that `error` is about.
    pub span: Span,
    pub error: PatternError,
}

impl InvalidPattern {
    pub fn render(&self) -> Diagnostic {
        let pattern = if self.text.is_empty() {
            String::new()
        } else {
            format!(" {}", quoted(&self.text))
        };
        Diagnostic {
            help: Some(self.error.kind.hint().to_owned()),
            ..Diagnostic::error(
                Self::NAME,
                format!("invalid pattern{pattern}: {}", self.error),
                Label::new(self.span, format!("no pattern of `{}`", self.verb)),
            )
        }
    }
}
