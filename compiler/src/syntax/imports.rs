//! What a text imports, before there is a tree: the loader needs the files first.

use super::ast::Text;
use super::lexer::lex;
use super::outline::mark_boundaries;
use super::token::{Token, TokenKind};
use super::words::Block;
use crate::source::FileId;

/// The paths of the import statements, in their order. `import` is a verb too, so that a place
/// where the parser expects a statement of the file decides, and not the word alone. A path that
/// the lexer has refused is none: half of it may name another file.
pub fn imports(text: &str) -> Vec<String> {
    // Most files import nothing, and need no second pass over their tokens.
    if !text.contains(TokenKind::Import.text()) {
        return Vec::new();
    }
    let file = FileId(0);
    let (mut lexed, _) = lex(file, text);
    mark_boundaries(&mut lexed.tokens);
    let mut paths = Vec::new();
    let mut depth = 0_usize;
    for (index, token) in lexed.tokens.iter().enumerate() {
        if token.boundary && Block::File.begins(token.kind) {
            depth = 0;
        }
        if token.kind == TokenKind::OpenBrace {
            depth += 1;
        } else if token.kind == TokenKind::CloseBrace {
            depth = depth.saturating_sub(1);
        } else if token.kind == TokenKind::Import && depth == 0 {
            let path = lexed.tokens.get(index + 1);
            paths.extend(path.and_then(|path| path_of(*path, file, text)));
        }
    }
    paths
}

fn path_of(token: Token, file: FileId, text: &str) -> Option<String> {
    let span = token.span(file);
    let whole = token.kind.is_text() && !token.kind.is_reported();
    let quoted = text.get(span.range()).filter(|_| whole)?;
    let raw = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(Text { raw, span }.value().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_import_is_found() {
        let text =
            "# import \"no\"\nimport \"a.tappass\" import \"b\\\\c\"\npolicy p {}\nimport \"d\"";
        assert_eq!(imports(text), ["a.tappass", "b\\c", "d"]);
    }

    #[test]
    fn the_verb_imports_no_file() {
        let text = "policy import {\n interpreter python { allow import \"json\" }\n \
                    test \"t\" {\n import \"numpy\" => deny\n }\n}\nserver s { url: \"import\" }";
        assert_eq!(imports(text), Vec::<String>::new());
    }

    #[test]
    fn an_unterminated_path_names_no_file() {
        for text in ["import \"unclosed", "import \"a\\\"", "import \"", "import"] {
            assert_eq!(imports(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn an_import_behind_an_unclosed_block_is_found() {
        assert_eq!(imports("policy p {\nimport \"a\""), ["a"]);
    }
}
