//! A statement of the language in a block that does not have it.

use super::{Diagnostic, Label};
use crate::source::Span;
use crate::syntax::words::Block;

#[derive(Debug)]
pub struct MisplacedStatement {
    pub word: &'static str,
    pub block: Block,
    pub home: Block,
    pub span: Span,
}

impl MisplacedStatement {
    pub fn render(&self) -> Diagnostic {
        let Self {
            word,
            block,
            home,
            span,
        } = self;
        let place = if *block == Block::File {
            "outside any block".to_owned()
        } else {
            format!("directly in {}", block.description())
        };
        Diagnostic {
            help: Some(format!("move it into {}", home.description())),
            ..Diagnostic::error(
                Self::NAME,
                format!("`{word}` cannot stand {place}"),
                Label::new(*span, format!("expected {}", block.statement())),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::expectation::check;

    #[test]
    fn a_rule_stands_in_a_section() {
        let found = check(
            r#"
policy p {
  allow read "/tmp/x"
# ^^^^^ error[misplaced-statement]: `allow` cannot stand directly in a policy
  filesystem { allow read "/tmp/x" }
}
"#,
        );
        assert_eq!(
            found[0].help.as_deref(),
            Some("move it into a section such as `filesystem { ... }`")
        );
    }

    #[test]
    fn a_misplaced_block_is_skipped_as_a_whole() {
        check(
            r#"
  network {
# ^^^^^^^ error[misplaced-statement]: `network` cannot stand outside any block
  allow connect "example.com"
  deny connect [
  }
policy p {}
"#,
        );
    }

    #[test]
    fn a_pack_has_no_identity() {
        check(
            r#"
pack p@1 {
  identity { principal: "x" }
# ^^^^^^^^ error[misplaced-statement]: `identity` cannot stand directly in a pack
}
"#,
        );
    }

    #[test]
    fn a_word_of_another_block_is_a_field_name_before_a_colon() {
        check("server s { allow: x  policy: y }");
    }
}
