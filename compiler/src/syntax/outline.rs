//! The pre-scan: which tokens begin statements, and how deep blocks nest.
//!
//! It runs between lexer and parser and looks at neighbours only, so that it is right even where
//! braces and brackets are not. A mark serves recovery: no statement continues across a marked
//! token, so one fault never swallows the next statement. The grammar itself reserves no word.

use super::token::{Token, TokenKind};
use super::words::Block;

/// Deeper nesting is refused before anything recurses. The language itself nests three deep.
pub(super) const MAX_DEPTH: usize = 64;

/// Marks the tokens at which statements begin.
pub(super) fn mark_boundaries(tokens: &mut [Token]) {
    let mut before = TokenKind::CloseBrace;
    for index in 0..tokens.len() {
        let after = tokens.get(index + 1).map(|token| token.kind);
        let case = is_import_case(tokens, index);
        let Some(token) = tokens.get_mut(index) else {
            return;
        };
        let kind = token.kind;
        token.boundary = if !kind.is_name() || (before == TokenKind::Colon && !token.starts_line) {
            false
        } else if matches!(after, Some(TokenKind::Colon | TokenKind::Equals)) {
            true
        } else {
            let awaited = before.awaits_effect() && kind.is_effect();
            token.starts_line && !awaited && !case && Block::home_of(kind).is_some()
        };
        before = kind;
    }
}

/// `import` is a statement of the file and a verb: `import "json" => allow` is a test case.
fn is_import_case(tokens: &[Token], index: usize) -> bool {
    let kind = |at: usize| tokens.get(index + at).map(|token| token.kind);
    kind(0) == Some(TokenKind::Import)
        && matches!(kind(2), Some(TokenKind::Arrow | TokenKind::Methods))
}

/// Where a file nests too deep: the token to report, and the number of tokens before the
/// statement of the file that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooDeep {
    pub(super) at: Token,
    pub(super) sound: usize,
}

/// The first token that opens a block or list more than [`MAX_DEPTH`] deep. A list that a
/// statement leaves open ends with it.
pub(super) fn find_too_deep(tokens: &[Token]) -> Option<TooDeep> {
    let mut braces = 0_usize;
    let mut brackets = 0_usize;
    let mut statement = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.boundary {
            brackets = 0;
        }
        if Block::File.begins(token.kind) && (token.boundary || braces == 0) {
            braces = 0;
            brackets = 0;
            statement = index;
        }
        if token.kind == TokenKind::OpenBrace {
            braces += 1;
        } else if token.kind == TokenKind::CloseBrace {
            braces = braces.saturating_sub(1);
        } else if token.kind == TokenKind::OpenBracket {
            brackets += 1;
        } else if token.kind == TokenKind::CloseBracket {
            brackets = brackets.saturating_sub(1);
        }
        if braces + brackets > MAX_DEPTH {
            return Some(TooDeep {
                at: *token,
                sound: statement,
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::lexer::lex;

    fn boundaries(text: &str) -> Vec<&str> {
        let mut tokens = lex(FileId(0), text).0.tokens;
        mark_boundaries(&mut tokens);
        let marked = tokens.iter().filter(|token| token.boundary);
        marked
            .map(|token| &text[token.start as usize..token.end as usize])
            .collect()
    }

    #[test]
    fn a_head_counts_at_the_start_of_a_line_only() {
        assert_eq!(
            boundaries("allow tool deny\nask tool\nuse"),
            ["allow", "ask", "use"]
        );
    }

    #[test]
    fn an_effect_after_an_arrow_or_then_is_no_head() {
        assert_eq!(
            boundaries("exec \"x\" =>\ndeny\nlimit calls 1 then\nask"),
            ["limit"]
        );
    }

    #[test]
    fn a_field_begins_at_its_name_wherever_that_stands() {
        assert_eq!(
            boundaries("policy: tools network: full\nkernel:\nurl: use"),
            ["policy", "network", "kernel", "url"]
        );
    }

    #[test]
    fn import_in_a_test_is_a_verb() {
        assert_eq!(boundaries("import \"a\"\nimport json => deny"), ["import"]);
    }

    #[test]
    fn lists_that_are_never_closed_do_not_add_up() {
        let text = "allow exec [\"x\"\n".repeat(MAX_DEPTH + 1);
        let mut tokens = lex(FileId(0), &text).0.tokens;
        mark_boundaries(&mut tokens);
        assert_eq!(find_too_deep(&tokens), None);
    }

    #[test]
    fn the_statements_before_a_deep_one_are_sound() {
        let text = format!("import \"a\"\npolicy p {}", "{".repeat(MAX_DEPTH + 1));
        let mut tokens = lex(FileId(0), &text).0.tokens;
        mark_boundaries(&mut tokens);
        let deep = find_too_deep(&tokens).unwrap();
        assert_eq!(deep.sound, 2);
        assert_eq!(deep.at.end as usize, text.len());
    }
}
