//! A word where the language has a closed set of words, near to one of them.

use super::{Diagnostic, Fix, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct MisspeltKeyword {
    pub found: String,
    pub meant: &'static str,
    pub span: Span,
}

impl MisspeltKeyword {
    pub fn render(&self) -> Diagnostic {
        Diagnostic {
            help: Some(format!("write `{}`", self.meant)),
            fixes: vec![Fix::replace(self.span, self.meant)],
            ..Diagnostic::error(
                Self::NAME,
                format!("unknown word {}", quoted(&self.found)),
                Label::new(self.span, format!("did you mean `{}`?", self.meant)),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn the_fix_replaces_the_word() {
        let found = check(
            r"
  polcy p {}
# ^^^^^ error[misspelt-keyword]: unknown word `polcy`
",
        );
        let edit = &found[0].fixes[0].edits[0];
        assert_eq!(edit.replacement, "policy");
        assert_eq!(edit.span, found[0].primary.span);
    }

    #[test]
    fn a_misspelt_head_is_understood() {
        check(
            r#"
policy p {
  netwrok {
# ^^^^^^^ error[misspelt-keyword]: unknown word `netwrok`
    alow connect "a.example"
#   ^^^^ error[misspelt-keyword]: unknown word `alow`
    deny connect "b.example"
  }
}
"#,
        );
    }

    #[test]
    fn verbs_meters_and_modifiers_are_suggested_too() {
        check(
            r#"
policy p {
  tools {
    allow exce "ls"
#         ^^^^ error[misspelt-keyword]: unknown word `exce`
    deny exec "rm" becuase "no"
#                  ^^^^^^^ error[misspelt-keyword]: unknown word `becuase`
    deny exec "rm"
      becuase "no"
#     ^^^^^^^ error[misspelt-keyword]: unknown word `becuase`
    limit callls 60 / min
#         ^^^^^^ error[misspelt-keyword]: unknown word `callls`
  }
  test "t" {
    exce "ls" => deny
#   ^^^^ error[misspelt-keyword]: unknown word `exce`
  }
}
"#,
        );
    }

    #[test]
    fn a_distant_word_is_a_syntax_error() {
        check(
            r"
policy p {
  permissions { x }
# ^^^^^^^^^^^ error[syntax-error]
}
",
        );
    }
}
