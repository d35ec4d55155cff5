//! A pattern without quotes, of a verb whose patterns are no identifiers.

use tappass_ir::vocabulary::Verb;

use super::{Diagnostic, Fix, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct UnquotedPattern {
    pub verb: Verb,
    pub pattern: String,
    pub span: Span,
}

impl UnquotedPattern {
    pub fn render(&self) -> Diagnostic {
        let with_quotes = format!("\"{}\"", self.pattern);
        Diagnostic {
            help: Some(format!("write {}", quoted(&with_quotes))),
            fixes: vec![Fix::replace(self.span, with_quotes)],
            ..Diagnostic::error(
                Self::NAME,
                format!(
                    "the pattern {} of `{}` needs quotes",
                    quoted(&self.pattern),
                    self.verb
                ),
                Label::new(self.span, "a pattern without quotes"),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn the_fix_adds_the_quotes() {
        let found = check(
            r#"
policy p {
  tools { deny exec ["ls" rm] }
#                         ^^ error[unquoted-pattern]: the pattern `rm` of `exec` needs quotes
}
"#,
        );
        assert_eq!(found[0].fixes[0].edits[0].replacement, "\"rm\"");
    }

    #[test]
    fn a_test_case_is_held_to_the_same() {
        check(
            r#"
policy p {
  test "t" { exec rm => deny  tool subagent => allow }
#                 ^^ error[unquoted-pattern]
}
"#,
        );
    }

    #[test]
    fn identifiers_need_no_quotes() {
        check(
            "policy p { interpreter python { allow import [json re]  deny call f  allow call \"g\" } }",
        );
    }
}
