//! A provider in a ring that is not its own.

use tappass_ir::vocabulary::Ring;

use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct WrongRing {
    pub provider: String,
    pub span: Span,
    pub ring: Ring,
    pub home: Ring,
}

impl WrongRing {
    pub fn render(&self) -> Diagnostic {
        let field = format!("{}: {}", self.home, self.provider);
        Diagnostic {
            help: Some(format!("write {}", quoted(&field))),
            ..Diagnostic::error(
                Self::NAME,
                format!(
                    "{} is no provider of the ring `{}`",
                    quoted(&self.provider),
                    self.ring
                ),
                Label::new(self.span, format!("its ring is `{}`", self.home)),
            )
        }
    }
}
