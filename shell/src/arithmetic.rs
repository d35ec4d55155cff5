//! Arithmetic that provably runs nothing.
//!
//! Bash expands the values of variables as expressions, and an array subscript in such a value runs
//! substitutions: `x='a[$(rm y)]'; echo $((x))` runs `rm`. So an expression may hold numbers,
//! operators and plain variables only, and [`Variables`] checks that every variable it reads is one that
//! the same line sets to an integer.

use std::collections::{BTreeMap, BTreeSet};

use crate::cursor::{Cursor, is_name_char};
use crate::refusal::{Reason, Stop, stop};
use crate::variable;
use crate::word::is_integer;

/// Which variables a line sets, and which ones its arithmetic reads.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    read: BTreeSet<String>,
    /// Whether every assignment to the name is an integer.
    set: BTreeMap<String, bool>,
}

/// Whether a name before `rest` is set there: the value of an expression is an integer.
fn assigns(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.starts_with('=') && !rest.starts_with("==")
}

/// Variables that the shell itself keeps as integers.
const COUNTERS: &[&str] = &[
    "RANDOM", "SECONDS", "LINENO", "UID", "EUID", "PPID", "BASHPID",
];

impl Variables {
    pub(crate) fn assign(&mut self, name: &str, integer: bool) {
        let all = self.set.entry(name.to_owned()).or_insert(true);
        *all = *all && integer;
    }

    /// Takes an expression into account, or refuses it where it is not strictly arithmetic.
    pub(crate) fn evaluate(&mut self, text: &str) -> Result<(), Stop> {
        let mut cursor = Cursor::new(text);
        let mut after_operand = false;
        while let Some(c) = cursor.peek() {
            if c.is_ascii_whitespace() {
                cursor.bump();
                continue;
            }
            let operand = self.token(&mut cursor, text)?;
            if operand && after_operand {
                return stop(Reason::Arithmetic, text);
            }
            // A closing parenthesis stands for the value before it.
            after_operand = operand || c == ')';
        }
        Ok(())
    }

    /// Reads one token and says whether it is an operand.
    fn token(&mut self, cursor: &mut Cursor<'_>, text: &str) -> Result<bool, Stop> {
        match cursor.peek() {
            Some(c) if c.is_ascii_digit() => {
                cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '#');
                Ok(true)
            }
            Some(c) if is_name_char(c) => {
                let name = cursor.take_while(is_name_char);
                variable::check(name)?;
                if assigns(cursor.rest()) {
                    self.assign(name, true);
                }
                self.read.insert(name.to_owned());
                Ok(true)
            }
            Some('$') => {
                cursor.bump();
                self.expansion(cursor, text)?;
                Ok(true)
            }
            Some(
                '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=' | '!' | '&' | '|' | '^' | '~' | '?'
                | ':' | ',' | '(' | ')',
            ) => {
                cursor.bump();
                Ok(false)
            }
            Some(_) | None => stop(Reason::Arithmetic, text),
        }
    }

    fn expansion(&mut self, cursor: &mut Cursor<'_>, text: &str) -> Result<(), Stop> {
        if matches!(cursor.peek(), Some('#' | '?' | '$')) {
            cursor.bump();
            return Ok(());
        }
        let braced = cursor.eat("{");
        let length = braced && cursor.eat("#");
        let name = cursor.take_while(is_name_char);
        if length {
            let _all_elements = cursor.eat("[@]") || cursor.eat("[*]");
        } else {
            self.read.insert(name.to_owned());
        }
        if name.is_empty() || (braced && !cursor.eat("}")) || cursor.peek() == Some('[') {
            return stop(Reason::Arithmetic, text);
        }
        Ok(())
    }

    /// An operand of an arithmetic comparison in `[[ ]]`, which may also be written as a word.
    pub(crate) fn compare(&mut self, raw: &str) -> Result<(), Stop> {
        let unquoted = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(raw);
        let inner = unquoted
            .strip_prefix("$((")
            .and_then(|rest| rest.strip_suffix("))"))
            .unwrap_or(unquoted);
        if is_integer(inner) {
            Ok(())
        } else {
            self.evaluate(inner)
        }
    }

    /// Refuses a line whose arithmetic reads anything but integers of its own.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        let unproven = self.read.iter().find(|name| match self.set.get(*name) {
            Some(integer) => !integer,
            None => !COUNTERS.contains(&name.as_str()),
        });
        match unproven {
            Some(name) => stop(Reason::Arithmetic, name),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proven(text: &str, set: &[(&str, bool)]) -> bool {
        let mut variables = Variables::default();
        for (name, integer) in set {
            variables.assign(name, *integer);
        }
        variables
            .evaluate(text)
            .and_then(|()| variables.check())
            .is_ok()
    }

    #[test]
    fn numbers_and_operators_run_nothing() {
        for text in [
            "",
            "1",
            "1 + 2 * (3 - 4)",
            "0x1F & 16#ff",
            "1 ? 2 : 3",
            "$# > 1",
            "$? == 0",
            "${#a} + ${#a[@]}",
            "RANDOM % 10",
        ] {
            assert!(proven(text, &[]), "{text}");
        }
    }

    #[test]
    fn a_variable_is_read_only_where_the_line_sets_it_to_integers() {
        assert!(proven("i + $i + ${i}", &[("i", true)]));
        assert!(proven("i++", &[("i", true)]));
        assert!(proven("i = 0, i < 3, i++", &[]));
        assert!(!proven("i == 0", &[]));
        assert!(!proven("i", &[]));
        assert!(!proven("i", &[("i", true), ("i", false)]));
        assert!(!proven("RANDOM", &[("RANDOM", false)]));
    }

    #[test]
    fn what_may_run_something_is_no_arithmetic() {
        for text in [
            "a[1]",
            "a[$(rm x)]",
            "$(rm x)",
            "`rm x`",
            "rm -rf x",
            "1 2",
            "(1) 2",
            "'1'",
            "\"1\"",
            "x\\",
            "${i:-1}",
            "${a[1]}",
            "$a[1]",
            "{1}",
            "1; 2",
            "IFS = 0",
        ] {
            assert!(
                !proven(
                    text,
                    &[
                        ("a", true),
                        ("i", true),
                        ("x", true),
                        ("rm", true),
                        ("rf", true)
                    ]
                ),
                "{text}"
            );
        }
    }
}
