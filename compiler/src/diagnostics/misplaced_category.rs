//! A category of hosts where no hosts are meant.

use tappass_ir::vocabulary::Verb;

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct MisplacedCategory {
    pub verb: Verb,
    pub span: Span,
}

impl MisplacedCategory {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some(format!(
                "write the patterns of `{}`, or use the category with `{}`",
                self.verb,
                Verb::Connect
            )),
            ..Diagnostic::error(
                Self::NAME,
                format!("`{}` takes no category", self.verb),
                Label::new(
                    self.span,
                    format!("a category holds hosts, for `{}` only", Verb::Connect),
                ),
            )
        }
    }
}
