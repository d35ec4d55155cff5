//! What a text imports, before there is a tree: the loader needs the files first.

use super::lexer::lex;
use super::token::{Token, TokenKind};
use super::ast::Text;
use crate::source::FileId;

/// The paths of every `import "..."` that begins a line. The parser sees the same ones, and reports
/// those that make no sense.
pub fn imports(text: &str) -> Vec<String> {
    // Most files import nothing, and need no second pass over their tokens.
    if !text.contains(TokenKind::Import.text()) {
        return Vec::new();
    }
    let file = FileId(0);
    let (lexed, _) = lex(file, text);
    let named = |pair: &[Token]| match pair {
        [head, path] if head.kind == TokenKind::Import && path.kind.is_text() => {
            let raw = text.get(path.start as usize + 1..(path.end as usize).checked_sub(1)?)?;
            Some(Text { raw, span: path.span(file) }.value().into_owned())
        }
        _ => None,
    };
    lexed.tokens.windows(2).filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_import_is_found_and_nothing_else() {
        let text = "# import \"no\"\nimport \"a.tappass\" import \"b\\\\c\"\npolicy import { }\nserver s { url: \"import\" }";
        assert_eq!(imports(text), ["a.tappass", "b\\c"]);
        assert_eq!(imports("import \"unclosed"), Vec::<String>::new());
    }
}
