//! A list without its closing bracket.

use super::{Diagnostic, Label};
use crate::source::Span;

#[derive(Debug)]
pub struct UnclosedBracket {
    pub opened: Span,
    /// The empty span behind the last word that the list may have.
    pub end: Span,
}

impl UnclosedBracket {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            secondary: vec![Label::new(self.end, "expected `]` here or before")],
            help: Some("close the list with `]`".to_owned()),
            ..Diagnostic::error(
                Self::NAME,
                "a list is not closed",
                Label::new(self.opened, "the list begins here"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn the_next_statement_ends_the_list() {
        check(
            r#"
policy p {
  tools {
    allow exec ["ls" "cat"
#              ^ error[unclosed-bracket]: a list is not closed
    allow exec ["pwd"
#              ^ error[unclosed-bracket]: a list is not closed
    deny exec "rm"
  }
  compliance [a b
#            ^ error[unclosed-bracket]: a list is not closed
}
"#,
        );
    }

    #[test]
    fn a_field_ends_the_list_of_the_field_before() {
        check(
            r"
sandbox s {
  env: [PATH LANG
#      ^ error[unclosed-bracket]: a list is not closed
  on_missing: fail
}
",
        );
    }

    #[test]
    fn a_wrong_word_in_a_closed_list_is_another_error() {
        check(
            r#"
sandbox s { env: [PATH "LANG" TERM] }
#                      ^^^^^^ error[syntax-error]: expected a name, `,` or `]`, found `"LANG"`
"#,
        );
    }
}
