//! Blocks or lists inside each other, deeper than any policy has use for.

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct NestingTooDeep {
    pub span: Span,
}

impl NestingTooDeep {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            notes: vec!["nothing from the statement around it onwards is read".to_owned()],
            help: Some(
                "close the blocks and lists before it; a policy nests three deep".to_owned(),
            ),
            ..Diagnostic::error(
                Self::NAME,
                "blocks and lists nest too deep",
                Label::new(self.span, "opens one level too many"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check_source;

    #[test]
    fn two_hundred_thousand_nested_blocks_are_one_error() {
        for open in ["{", "[", "network {\n", "policy p { network {", "x: {"] {
            let found = check_source(&open.repeat(200_000));
            let names: Vec<_> = found.iter().map(|found| found.name).collect();
            assert_eq!(names, ["nesting-too-deep"], "{open}");
        }
    }
}
