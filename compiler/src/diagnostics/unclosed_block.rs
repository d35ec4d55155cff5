//! A block without its closing brace, noticed where something begins that cannot stand inside.

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct UnclosedBlock {
    /// What cannot stand inside, or the end of the file.
    pub at: Span,
    /// The word that begins there; `None` at the end of the file.
    pub next: Option<String>,
    /// The word that begins the block.
    pub opened: Span,
}

impl UnclosedBlock {
    pub fn render(&self) -> Diagnostic {
        let (message, label) = match &self.next {
            Some(next) => (
                format!("a block is not closed before `{next}`"),
                format!("`{next}` belongs outside the block"),
            ),
            None => (
                "a block is not closed at the end of the file".to_owned(),
                "expected `}`".to_owned(),
            ),
        };
        Diagnostic {
            secondary: vec![Label::new(self.opened, "the block begins here")],
            help: Some("close the block with `}`".to_owned()),
            ..Diagnostic::error(Self::NAME, message, Label::new(self.at, label))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn a_head_of_an_outer_block_closes_the_inner_one() {
        let found = check(
            r#"
policy p {
  network {
    allow connect "a.example"
  filesystem {
# ^^^^^^^^^^ error[unclosed-block]: a block is not closed before `filesystem`
    allow read "/tmp/x"
  }
}
"#,
        );
        assert_eq!(found[0].secondary[0].span.range(), 13..20);
    }

    #[test]
    fn a_statement_of_the_file_closes_everything() {
        check(
            r"
policy p {
  network {
  }
  policy q {
# ^^^^^^ error[unclosed-block]: a block is not closed before `policy`
}
",
        );
    }

    #[test]
    fn the_end_of_the_file_closes_every_block() {
        check(
            r"
policy p {
  network {
# x
#  ^ error[unclosed-block]: a block is not closed at the end of the file
#  ^ error[unclosed-block]: a block is not closed at the end of the file",
        );
    }

    #[test]
    fn a_block_that_opens_without_a_brace_is_entered() {
        check(
            r#"
policy p {
  network
# ^^^^^^^ error[syntax-error]: expected `{` after `network`
    allow connect "a.example"
  }
}
"#,
        );
    }
}
