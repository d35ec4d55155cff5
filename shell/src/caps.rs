//! What is refused before any parser sees the line.
//!
//! The parsers recurse, and a stack overflow in a hook fails open on some harnesses. Depth is counted
//! twice: as bash would quote it, against the cap, and ignoring quotes, against a limit that the
//! parsers survive even where a crafted line deceives the first count.

use crate::cursor::{Cursor, is_name_char};
use crate::heredoc::{self, Heredoc};
use crate::refusal::{Reason, Stop, stop};

/// The longest line in bytes.
pub(crate) const BYTES: usize = 64 * 1024;
/// The deepest nesting of groups, substitutions and compound commands.
pub(crate) const DEPTH: usize = 32;
/// The most commands that a line may hold, those found by looking through others included.
pub(crate) const COMMANDS: usize = 500;
/// What the parsers survive on a 2 MiB stack in an unoptimised build.
const RAW_DEPTH: usize = 64;
/// Two open arithmetic; a few more open subshells in it. Nobody writes more.
const PARENTHESES: usize = 6;
/// More separators than the commands of the cap can need: tree-sitter takes quadratic time on pipes.
const SEPARATORS: usize = 3 * COMMANDS;
/// brush tries two readings of each bare parenthesis and of each `case`, so its time doubles with each.
const GROUPS: usize = 10;
const CASES: usize = 5;
/// The most compound commands that one line may open, for the same reason.
const KEYWORDS: usize = 100;

/// Refuses a line that is too long, too deep, or holds characters that deceive a reader.
pub(crate) fn check(line: &str) -> Result<(), Stop> {
    if line.len() > BYTES {
        return stop(Reason::TooLong, "");
    }
    if let Some(bad) = line.chars().find(|&c| is_deceptive(c)) {
        return stop(
            Reason::InvalidCharacter,
            format!("U+{:04X}", u32::from(bad)),
        );
    }
    if has_long_descriptor(line) || has_named_descriptor(line) {
        return stop(Reason::UnknownSyntax, "");
    }
    if bare_parentheses(line) > PARENTHESES {
        return stop(Reason::TooDeep, "");
    }
    let quoted = quoted_depth(line);
    let too_deep = quoted.all > DEPTH
        || quoted.groups > GROUPS
        || quoted.cases > CASES
        || quoted.keywords > KEYWORDS
        || raw_depth(line) > RAW_DEPTH;
    if too_deep {
        return stop(Reason::TooDeep, "");
    }
    if quoted.separators > SEPARATORS {
        return stop(Reason::TooManyCommands, "");
    }
    Ok(())
}

/// The most opening parentheses in a row, blanks between them not counted, other than those of `$(`
/// and those in quotes. brush-parser tries each pair as arithmetic, and backs out of it in time
/// exponential in their number; a line that deceives this count costs the caller its deadline.
fn bare_parentheses(line: &str) -> usize {
    let (mut most, mut run) = (0_usize, 0_usize);
    let mut quote: Option<char> = None;
    let mut before = ' ';
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        if c == '\\' && quote != Some('\'') {
            characters.next();
        }
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (Some(_), _) => {}
            (None, '(') => {
                run = if matches!(before, '$' | '<' | '>') {
                    1
                } else {
                    run.saturating_add(1)
                }
            }
            (None, _) if c.is_ascii_whitespace() => continue,
            (None, _) => run = 0,
        }
        most = most.max(run);
        before = c;
    }
    most
}

/// Whether a number that is no file descriptor stands before a redirection: brush panics on it.
fn has_long_descriptor(line: &str) -> bool {
    const LONGEST: usize = 6;
    let mut digits = 0_usize;
    for c in line.replace("\\\n", "").chars() {
        if matches!(c, '<' | '>') && digits > LONGEST {
            return true;
        }
        digits = if c.is_ascii_digit() {
            digits.saturating_add(1)
        } else {
            0
        };
    }
    false
}

/// Control characters, spaces that are not blanks to bash, and characters that hide or reorder text.
const fn is_deceptive(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{a0}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => true,
        _ => false,
    }
}

/// Whether `{name}` stands before a redirection, where bash stores a descriptor in a variable and both
/// parsers see a word of the command.
fn has_named_descriptor(line: &str) -> bool {
    let joined = line.replace("\\\n", "");
    let mut before = ' ';
    let mut cursor = Cursor::new(&joined);
    while let Some(c) = cursor.bump() {
        let mut ahead = cursor.clone();
        let named = c == '{'
            && before != '$'
            && !ahead
                .take_while(|c| is_name_char(c) || c == '[' || c == ']')
                .is_empty();
        if named && (ahead.eat("}<") || ahead.eat("}>")) {
            return true;
        }
        before = c;
    }
    false
}

/// How deep a line goes.
#[derive(Default)]
struct Depth {
    all: usize,
    /// Bare parentheses alone.
    groups: usize,
    cases: usize,
    /// Compound commands in the whole line, closed ones included.
    keywords: usize,
    /// Characters that end a command.
    separators: usize,
}

/// The nesting that bash would see: quotes hide what they hold, except substitutions in double quotes.
fn quoted_depth(line: &str) -> Depth {
    let mut scan = Scan {
        cursor: Cursor::new(line),
        open: Vec::new(),
        bodies: Vec::new(),
        heredocs: !line.contains("((") && !line.contains("$["),
        at_word: true,
    };
    let mut deepest = Depth::default();
    let mut keywords = Keywords::default();
    let mut at_command = true;
    while let Some(c) = scan.cursor.peek() {
        if c.is_ascii_lowercase() && !scan.in_double() {
            let word = scan.cursor.take_while(|c| !is_break(c));
            scan.at_word = false;
            at_command = at_command && keywords.count(word);
        } else {
            scan.cursor.bump();
            let separates = matches!(c, ';' | '|' | '&') && !scan.in_double();
            deepest.separators = deepest.separators.saturating_add(usize::from(separates));
            at_command = scan.step(c) || (at_command && c.is_ascii_whitespace());
        }
        let groups = scan.open.iter().filter(|&&opener| opener == '(').count();
        deepest.all = deepest
            .all
            .max(scan.open.len().saturating_add(keywords.open));
        deepest.groups = deepest.groups.max(groups);
        deepest.cases = deepest.cases.max(keywords.cases);
        if deepest.all > DEPTH {
            break;
        }
    }
    Depth {
        keywords: keywords.total,
        ..deepest
    }
}

const fn is_break(c: char) -> bool {
    c.is_ascii_whitespace()
        || matches!(
            c,
            ';' | '&'
                | '|'
                | '('
                | ')'
                | '<'
                | '>'
                | '\''
                | '"'
                | '`'
                | '$'
                | '\\'
                | '{'
                | '}'
                | '['
                | ']'
        )
}

/// Compound commands seen where a command may begin.
#[derive(Default)]
struct Keywords {
    open: usize,
    cases: usize,
    total: usize,
}

impl Keywords {
    /// Counts `word` and says whether a command may follow it directly.
    fn count(&mut self, word: &str) -> bool {
        match word {
            "if" | "while" | "until" | "for" | "case" | "select" => {
                self.open = self.open.saturating_add(1);
                self.total = self.total.saturating_add(1);
                self.cases = self.cases.saturating_add(usize::from(word == "case"));
                true
            }
            "fi" | "done" | "esac" => {
                self.open = self.open.saturating_sub(1);
                self.cases = self.cases.saturating_sub(usize::from(word == "esac"));
                true
            }
            "then" | "do" | "else" | "elif" | "time" | "coproc" => true,
            _ => false,
        }
    }
}

struct Scan<'a> {
    cursor: Cursor<'a>,
    open: Vec<char>,
    bodies: Vec<Heredoc>,
    /// Whether `<<` opens a here-document: beside arithmetic it may as well be a shift.
    heredocs: bool,
    /// Whether a word may begin here, so that `#` begins a comment.
    at_word: bool,
}

impl Scan<'_> {
    fn in_double(&self) -> bool {
        self.open.last() == Some(&'"')
    }

    /// Takes one character into account and says whether a command may follow it.
    fn step(&mut self, c: char) -> bool {
        let in_double = self.in_double();
        match c {
            '\\' => {
                self.cursor.bump();
            }
            '\'' if !in_double => {
                self.cursor.take_while(|c| c != '\'');
                self.cursor.bump();
            }
            '$' if !in_double && self.cursor.eat("'") => self.ansi_quoted(),
            '#' if self.at_word && !in_double => {
                self.cursor.take_while(|c| c != '\n');
            }
            '"' | '`' => toggle(c, &mut self.open),
            // Substitutions are marked apart from groups: brush takes the one for a word and parses the
            // other, and a here-document never opens inside an expansion.
            '$' if self.cursor.eat("(") => self.open.push('s'),
            '$' if self.cursor.eat("{") => self.open.push('$'),
            '(' | '{' | '[' if !in_double => self.open.push(c),
            ')' => close(&['(', 's'], &mut self.open),
            '}' => close(&['{', '$'], &mut self.open),
            ']' => close(&['['], &mut self.open),
            '<' if self.heredocs && matches!(self.open.last(), None | Some('(' | '{' | 's')) => {
                self.redirection();
            }
            '\n' => self.skip_bodies(),
            _ => {}
        }
        self.at_word = c.is_ascii_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')');
        matches!(
            c,
            ';' | '&' | '|' | '\n' | '(' | ')' | '`' | '{' | '!' | '$'
        )
    }

    fn ansi_quoted(&mut self) {
        while let Some(c) = self.cursor.bump() {
            match c {
                '\'' => return,
                '\\' => {
                    self.cursor.bump();
                }
                _ => {}
            }
        }
    }

    fn redirection(&mut self) {
        if self.cursor.eat("<<") || !self.cursor.eat("<") {
            return;
        }
        let mut ahead = self.cursor.clone();
        if let Some(heredoc) = heredoc::opening(&mut ahead) {
            self.cursor = ahead;
            self.bodies.push(heredoc);
        }
    }

    fn skip_bodies(&mut self) {
        for heredoc in std::mem::take(&mut self.bodies) {
            let mut ahead = self.cursor.clone();
            if heredoc::skip_body(&mut ahead, &heredoc) {
                self.cursor = ahead;
            }
        }
    }
}

fn toggle(c: char, open: &mut Vec<char>) {
    if open.last() == Some(&c) {
        open.pop();
    } else {
        open.push(c);
    }
}

fn close(openers: &[char], open: &mut Vec<char>) {
    if open.last().is_some_and(|last| openers.contains(last)) {
        open.pop();
    }
}

/// The nesting of brackets without regard to quotes, comments or here-documents.
fn raw_depth(line: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for c in line.chars() {
        match c {
            '(' | '{' | '[' => depth = depth.saturating_add(1),
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(line: &str) -> Option<Reason> {
        check(line).err().map(|stop| stop.reason)
    }

    #[test]
    fn a_line_at_the_cap_passes_and_one_byte_more_does_not() {
        assert_eq!(reason(&"a".repeat(BYTES)), None);
        assert_eq!(reason(&"a".repeat(BYTES + 1)), Some(Reason::TooLong));
    }

    #[test]
    fn nesting_is_capped_however_it_is_written() {
        for opener in [
            "(",
            "$(",
            "{ ",
            "`$(",
            "\"$(",
            "if ",
            "while if ",
            "${x:-",
            "(( (",
            "case x in (a) ",
        ] {
            assert_eq!(
                reason(&opener.repeat(40)),
                Some(Reason::TooDeep),
                "{opener}"
            );
        }
    }

    #[test]
    fn brackets_in_quotes_do_not_nest() {
        assert_eq!(reason(&format!("echo '{}'", "(".repeat(40))), None);
        assert_eq!(reason(&format!("echo \"{}\"", "[".repeat(40))), None);
    }

    #[test]
    fn a_descriptor_is_a_small_number() {
        assert_eq!(
            reason("ls 9999999999999999999999>x"),
            Some(Reason::UnknownSyntax)
        );
        assert_eq!(reason("ls 99999\\\n9999>x"), Some(Reason::UnknownSyntax));
        assert_eq!(reason("ls 1234567890 2>x"), None);
    }

    #[test]
    fn a_descriptor_is_not_stored_in_a_variable() {
        assert_eq!(reason("exec {x}>y"), Some(Reason::UnknownSyntax));
        assert_eq!(reason("ls {x}\\\n<y"), Some(Reason::UnknownSyntax));
        assert_eq!(reason("ls ${x}>y; ls {} > z; { a; }>b"), None);
    }

    #[test]
    fn closers_in_quotes_do_not_hide_depth() {
        assert_eq!(reason(&"( ')))' ".repeat(40)), Some(Reason::TooDeep));
    }

    #[test]
    fn a_here_document_is_data() {
        let body = "if it's (x):\n  for x in {y}:\n".repeat(40);
        assert_eq!(reason(&format!("cat > a.py <<'EOF'\n{body}EOF\nls")), None);
    }

    #[test]
    fn a_shift_is_no_here_document() {
        assert_eq!(
            reason(&format!("((1<<2))\n{}\n2\n", "if ".repeat(40))),
            Some(Reason::TooDeep)
        );
    }

    #[test]
    fn characters_that_deceive_a_reader_are_refused() {
        for c in [
            '\0', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{a0}', '\u{200b}', '\u{202e}', '\u{2066}',
            '\u{feff}',
        ] {
            assert_eq!(
                reason(&format!("ls {c}x")),
                Some(Reason::InvalidCharacter),
                "{:x}",
                u32::from(c)
            );
        }
        assert_eq!(reason("echo 'é 漢 🎉'\n\tls"), None);
    }
}
