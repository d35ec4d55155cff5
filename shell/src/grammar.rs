//! A line as tree-sitter-bash reads it.
//!
//! The second opinion: it yields only what [`crate::brush`] is compared with. The walk goes through
//! every node in order, without recursion, and refuses a kind that it does not know, because this parser
//! recovers from errors and a wrong tree must not pass for a right one.

use tappass_ir::request::exec::Word;
use tree_sitter::{Node, Parser};

use crate::refusal::{Reason, Stop, stop};
use crate::simple::{Outline, is_descriptor};
use crate::variable;
use crate::word::{self, Inside, literal};

/// The commands and redirection targets that `text` holds at any depth.
pub(crate) fn read(text: &str) -> Result<Outline, Stop> {
    let mut parser = Parser::new();
    if parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .is_err()
    {
        return stop(Reason::ParseError, text);
    }
    let Some(tree) = parser.parse(text, None) else {
        return stop(Reason::ParseError, text);
    };
    if tree.root_node().has_error() {
        return stop(Reason::ParseError, text);
    }
    let mut walk = Walk {
        text,
        outline: Outline::default(),
    };
    walk.all(tree.root_node())?;
    Ok(walk.outline)
}

struct Walk<'t> {
    text: &'t str,
    outline: Outline,
}

impl<'t> Walk<'t> {
    fn all(&mut self, root: Node<'_>) -> Result<(), Stop> {
        let mut cursor = root.walk();
        loop {
            let deeper = self.node(cursor.node())?;
            if deeper && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return Ok(());
                }
            }
        }
    }

    /// Records what a node runs, and says whether to look below it.
    fn node(&mut self, node: Node<'_>) -> Result<bool, Stop> {
        if !node.is_named() {
            return Ok(true);
        }
        match node.kind() {
            "command" => self.command(node)?,
            "declaration_command" | "unset_command" => self.plain(node)?,
            "test_command" => self.test(node)?,
            "variable_assignment" => self.alone(node)?,
            "variable_assignments" => self.assignments(node)?,
            "file_redirect" => self.target(node)?,
            "comment" => return Ok(false),
            kind if TRANSPARENT.contains(&kind) => {}
            kind => return stop(Reason::UnknownSyntax, kind),
        }
        Ok(true)
    }

    fn command(&mut self, node: Node<'_>) -> Result<(), Stop> {
        let mut words = Vec::new();
        for child in children(node) {
            match child.kind() {
                "variable_assignment" => words.push(self.assignment(child)?),
                "file_redirect" => words.extend(self.redirected_words(child)?),
                "herestring_redirect" => {}
                "subshell" => return stop(Reason::UnknownSyntax, self.source(child)),
                _ => words.push(self.word(child)?),
            }
        }
        words.extend(self.words_behind_redirects(node)?);
        self.push(without_time(words, self.source(node)));
        Ok(())
    }

    /// This grammar takes words behind a redirection for further targets of it; the shell passes them to
    /// the command that the redirection belongs to.
    fn words_behind_redirects(&self, command: Node<'_>) -> Result<Vec<Word>, Stop> {
        let mut words = Vec::new();
        let Some(statement) = command
            .parent()
            .filter(|parent| parent.kind() == "redirected_statement")
        else {
            return Ok(words);
        };
        for child in children(statement) {
            match child.kind() {
                "file_redirect" => words.extend(self.redirected_words(child)?),
                "heredoc_redirect" => {
                    for part in children(child) {
                        match part.kind() {
                            "file_redirect" => words.extend(self.redirected_words(part)?),
                            "word"
                            | "string"
                            | "raw_string"
                            | "concatenation"
                            | "number"
                            | "simple_expansion"
                            | "expansion"
                            | "command_substitution"
                            | "ansi_c_string" => words.push(self.word(part)?),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(words)
    }

    fn redirected_words(&self, redirect: Node<'_>) -> Result<Vec<Word>, Stop> {
        destinations(redirect)
            .into_iter()
            .skip(1)
            .map(|word| self.word(word))
            .collect()
    }

    /// A command whose own children this grammar reads with rules of its own: the words are split anew.
    fn plain(&mut self, node: Node<'_>) -> Result<(), Stop> {
        let mut words = Vec::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            let array = child.kind() == "variable_assignment"
                && children(child).iter().any(|part| part.kind() == "array");
            words.push(if array {
                Word::OneUnknown
            } else {
                self.word(child)?
            });
        }
        words.extend(self.words_behind_redirects(node)?);
        self.push(words);
        Ok(())
    }

    fn test(&mut self, node: Node<'_>) -> Result<(), Stop> {
        let source = self.source(node);
        if source.starts_with("[[") {
            return Ok(());
        }
        let mut words = Vec::new();
        for raw in crate::split::words(source)? {
            words.push(word::read(raw, &mut Inside::default())?.word);
        }
        words.extend(self.words_behind_redirects(node)?);
        self.push(words);
        Ok(())
    }

    /// An assignment that is a statement of its own.
    fn alone(&mut self, node: Node<'_>) -> Result<(), Stop> {
        let owned = [
            "command",
            "variable_assignments",
            "declaration_command",
            "c_style_for_statement",
        ];
        if node
            .parent()
            .is_some_and(|parent| owned.contains(&parent.kind()))
        {
            return Ok(());
        }
        let word = self.assignment(node)?;
        self.push(vec![word]);
        Ok(())
    }

    fn assignments(&mut self, node: Node<'_>) -> Result<(), Stop> {
        let words = children(node)
            .into_iter()
            .map(|child| self.assignment(child))
            .collect::<Result<Vec<_>, _>>()?;
        self.push(words);
        Ok(())
    }

    fn assignment(&self, node: Node<'_>) -> Result<Word, Stop> {
        let source = self.source(node);
        let array = children(node).iter().any(|part| part.kind() == "array");
        let Some((name, raw)) = source.split_once('=').filter(|_| !array) else {
            return Ok(Word::OneUnknown);
        };
        let plain = crate::cursor::is_name(name);
        let value = if raw.is_empty() {
            Word::Literal(String::new())
        } else {
            self.text_word(raw)?
        };
        Ok(variable::assignment_word(name, &value, plain))
    }

    fn target(&mut self, node: Node<'_>) -> Result<(), Stop> {
        let Some(destination) = destinations(node).first().copied() else {
            return Ok(());
        };
        if destination.kind() == "process_substitution" {
            return Ok(());
        }
        let target = self.word(destination)?;
        let operator = node
            .children(&mut node.walk())
            .any(|child| matches!(child.kind(), ">&" | "<&" | ">&-" | "<&-"));
        if !(operator && literal(&target).is_some_and(is_descriptor)) {
            self.outline.targets.push(target);
        }
        Ok(())
    }

    fn word(&self, node: Node<'_>) -> Result<Word, Stop> {
        self.text_word(self.source(node))
    }

    #[expect(
        clippy::unused_self,
        reason = "a method beside its siblings reads better than a lone function"
    )]
    fn text_word(&self, raw: &str) -> Result<Word, Stop> {
        word::read(raw, &mut Inside::default()).map(|shape| shape.word)
    }

    fn source(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn push(&mut self, words: Vec<Word>) {
        if !words.is_empty() {
            self.outline.commands.push(words);
        }
    }
}

/// Kinds that run nothing by themselves.
const TRANSPARENT: &[&str] = &[
    "program",
    "list",
    "pipeline",
    "subshell",
    "compound_statement",
    "redirected_statement",
    "negated_command",
    "if_statement",
    "elif_clause",
    "else_clause",
    "while_statement",
    "for_statement",
    "c_style_for_statement",
    "do_group",
    "case_statement",
    "case_item",
    "function_definition",
    "command_name",
    "command_substitution",
    "process_substitution",
    "heredoc_redirect",
    "heredoc_start",
    "heredoc_body",
    "heredoc_content",
    "heredoc_end",
    "herestring_redirect",
    "file_descriptor",
    "word",
    "string",
    "string_content",
    "raw_string",
    "ansi_c_string",
    "concatenation",
    "number",
    "simple_expansion",
    "expansion",
    "variable_name",
    "special_variable_name",
    "arithmetic_expansion",
    "brace_expression",
    "array",
    "subscript",
    "test_operator",
    "binary_expression",
    "unary_expression",
    "postfix_expression",
    "ternary_expression",
    "parenthesized_expression",
    "regex",
    "extglob_pattern",
];

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk())
        .filter(|child| child.kind() != "comment")
        .collect()
}

fn destinations(redirect: Node<'_>) -> Vec<Node<'_>> {
    redirect
        .children_by_field_name("destination", &mut redirect.walk())
        .collect()
}

/// `time` is a keyword to the shell and a command to this grammar.
fn without_time(words: Vec<Word>, source: &str) -> Vec<Word> {
    let keyword = source
        .strip_prefix("time")
        .is_some_and(|rest| rest.starts_with(char::is_whitespace));
    if !keyword {
        return words;
    }
    let rest = words.into_iter().skip(1);
    let mut rest = rest.peekable();
    rest.next_if_eq(&Word::Literal("-p".to_owned()));
    rest.collect()
}
