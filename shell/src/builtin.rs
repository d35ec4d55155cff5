//! Shell builtins that run text, rename commands, or evaluate what looks like a name.
//!
//! `read`, `unset`, `declare`, `printf -v` and `test -v` expand array subscripts in their operands, so
//! `unset 'a[$(rm x)]'` runs `rm`. Their operands must be plain names.

use tappass_ir::request::exec::Word;

use crate::arithmetic::Variables;
use crate::cursor::is_name;
use crate::options::{self, Parsed, Table};
use crate::refusal::{Reason, Stop, stop};
use crate::variable;
use crate::word::{Shape, literal};
use crate::{look_through, model, transparent};

const UNPROVABLE: &[&str] = &[
    "eval", "source", ".", "alias", "unalias", "bind", "enable", "trap", "complete", "compgen",
    "compopt", "fc", "history",
];

const HARMLESS: &[&str] = &[
    ":",
    "[",
    "[[",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "exec",
    "exit",
    "export",
    "false",
    "getopts",
    "hash",
    "help",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "suspend",
    "test",
    "times",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unset",
    "wait",
    "bg",
    "fg",
    "time",
    "coproc",
];

/// Whether a function of this name would hide something that this crate knows.
pub(crate) fn is_known_command(name: &str) -> bool {
    UNPROVABLE.contains(&name)
        || HARMLESS.contains(&name)
        || model::MODELLED.contains(&name)
        || transparent::is_wrapper(name)
        || look_through::is_delegator(name)
}

/// Refuses a builtin whose effect on the rest of the line cannot be proven, and notes what it sets.
pub(crate) fn check(
    name: &str,
    arguments: &[Shape],
    variables: &mut Variables,
) -> Result<(), Stop> {
    if UNPROVABLE.contains(&name) {
        return stop(Reason::UnprovableBuiltin, name);
    }
    match name {
        "declare" | "typeset" | "local" | "export" | "readonly" => declare(arguments, variables),
        "read" => names("a= d= i= n= N= p= t= u= e r s", name, arguments, variables),
        "mapfile" | "readarray" => names("d= n= O= s= t u= c=", name, arguments, variables),
        "unset" => names("f v n", name, arguments, variables),
        "getopts" => getopts(arguments, variables),
        "printf" => printf(arguments, variables),
        "test" | "[" => test(arguments),
        "let" => arguments
            .iter()
            .try_for_each(|argument| match argument.as_literal() {
                Some(text) => variables.evaluate(text),
                None => stop(Reason::Arithmetic, name),
            }),
        "set" => set(arguments),
        "shopt" => known_words(name, arguments, SHOPT),
        "hash" => known_words(name, arguments, &["-r", "-l", "-t"]),
        "jobs" => known_words(name, arguments, &["-l", "-n", "-p", "-r", "-s"]),
        "wait"
            if arguments
                .iter()
                .any(|word| word.as_literal().is_some_and(|text| text.starts_with("-p"))) =>
        {
            stop(Reason::UnprovableBuiltin, name)
        }
        _ => Ok(()),
    }
}

const SHOPT: &[&str] = &[
    "-s",
    "-u",
    "-q",
    "-p",
    "-o",
    "nullglob",
    "dotglob",
    "globstar",
    "failglob",
    "nocaseglob",
    "nocasematch",
    "lastpipe",
    "inherit_errexit",
    "pipefail",
    "errexit",
    "nounset",
];

fn known_words(name: &str, arguments: &[Shape], known: &[&str]) -> Result<(), Stop> {
    let unknown = arguments
        .iter()
        .any(|word| word.as_literal().is_none_or(|text| !known.contains(&text)));
    if unknown {
        stop(Reason::UnprovableBuiltin, name)
    } else {
        Ok(())
    }
}

/// `set` may change error handling and the positional parameters, nothing that alters the reading.
fn set(arguments: &[Shape]) -> Result<(), Stop> {
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let Some(text) = word.as_literal() else {
            return stop(Reason::UnprovableBuiltin, "set");
        };
        let Some(letters) = text.strip_prefix(['-', '+']) else {
            return Ok(());
        };
        if letters.is_empty() || letters == "-" {
            return Ok(());
        }
        let takes_name = letters.contains('o');
        let named = !takes_name
            || rest
                .next()
                .and_then(Shape::as_literal)
                .is_none_or(|name| SET_NAMES.contains(&name));
        if !named || !letters.chars().all(|letter| "euxvfECno".contains(letter)) {
            return stop(Reason::UnprovableBuiltin, format!("set {text}"));
        }
    }
    Ok(())
}

const SET_NAMES: &[&str] = &[
    "errexit",
    "errtrace",
    "nounset",
    "xtrace",
    "verbose",
    "noglob",
    "noclobber",
    "noexec",
    "pipefail",
];

fn declare(arguments: &[Shape], variables: &mut Variables) -> Result<(), Stop> {
    let mut functions = false;
    for argument in arguments {
        if let Some(name) = &argument.sets {
            variable::check(name)?;
            variables.assign(name, argument.integer);
            continue;
        }
        let Some(text) = argument.as_literal() else {
            return stop(Reason::UnprovableBuiltin, "declare");
        };
        match text.strip_prefix(['-', '+']) {
            Some(letters)
                if letters
                    .chars()
                    .all(|letter| "aAxrgpfFult-".contains(letter)) =>
            {
                functions |= letters.contains(['f', 'F']);
            }
            Some(_) => return stop(Reason::UnprovableBuiltin, format!("declare {text}")),
            None if functions => {}
            None => declared(text, variables)?,
        }
    }
    Ok(())
}

fn declared(text: &str, variables: &mut Variables) -> Result<(), Stop> {
    let name = text.split_once('=').map_or(text, |(name, _)| name);
    if !is_name(name) {
        return stop(Reason::Subscript, text);
    }
    variable::check(name)?;
    variables.assign(name, false);
    Ok(())
}

fn names(
    table: &str,
    builtin: &str,
    arguments: &[Shape],
    variables: &mut Variables,
) -> Result<(), Stop> {
    let words: Vec<Word> = arguments.iter().map(|shape| shape.word.clone()).collect();
    let parsed = options::parse(&Table::new(table), &words);
    let known = |option: &String| {
        option.chars().count() == 1
            && table
                .split(' ')
                .any(|entry| entry.trim_end_matches('=') == option)
    };
    if parsed.open || !parsed.options.keys().all(known) {
        return stop(Reason::UnprovableBuiltin, builtin);
    }
    let Parsed {
        options, operands, ..
    } = parsed;
    let arrays = if builtin == "read" {
        options.get("a").cloned().unwrap_or_default()
    } else {
        Vec::new()
    };
    for word in operands.iter().chain(&arrays) {
        match literal(word) {
            Some(name) if is_name(name) => {
                variable::check(name)?;
                variables.assign(name, false);
            }
            Some(name) => return stop(Reason::Subscript, name),
            None => return stop(Reason::UnprovableBuiltin, builtin),
        }
    }
    Ok(())
}

fn getopts(arguments: &[Shape], variables: &mut Variables) -> Result<(), Stop> {
    match arguments.get(1).and_then(Shape::as_literal) {
        Some(name) if is_name(name) => declared(name, variables),
        Some(_) | None => stop(Reason::UnprovableBuiltin, "getopts"),
    }
}

fn printf(arguments: &[Shape], variables: &mut Variables) -> Result<(), Stop> {
    let Some(first) = arguments.first() else {
        return Ok(());
    };
    match first.as_literal() {
        Some("-v") => match arguments.get(1).and_then(Shape::as_literal) {
            Some(name) => declared(name, variables),
            None => stop(Reason::UnprovableBuiltin, "printf -v"),
        },
        Some(text) if text.starts_with("-v") => stop(Reason::UnprovableBuiltin, text),
        // An unknown first word may be `-v`, which makes the next one a name.
        None if arguments.len() > 1 || first.word == Word::ManyUnknown => {
            stop(Reason::UnprovableBuiltin, "printf")
        }
        Some(_) | None => Ok(()),
    }
}

/// `-v` reads a subscript, so it takes a plain name, and no unknown word may stand where it could be it.
fn test(arguments: &[Shape]) -> Result<(), Stop> {
    if arguments
        .iter()
        .any(|argument| argument.word == Word::ManyUnknown)
    {
        return stop(Reason::UnprovableBuiltin, "[ with an unquoted expansion");
    }
    let mut previous = None;
    for argument in arguments {
        let text = argument.as_literal();
        let plain = text.is_some_and(|text| is_name(text) || text == "]");
        let hides = text.is_none_or(|text| text.contains('['));
        match previous {
            Some(Some("-v" | "-R")) if !plain => {
                return stop(Reason::Subscript, text.unwrap_or_default());
            }
            Some(None) if hides => return stop(Reason::UnprovableBuiltin, "["),
            Some(_) | None => {}
        }
        previous = Some(text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::{Inside, read};

    fn allowed(line: &str) -> bool {
        let words: Vec<Shape> = crate::split::words(line)
            .expect(line)
            .into_iter()
            .map(|raw| read(raw, &mut Inside::default()).expect(raw))
            .collect();
        let (name, arguments) = words.split_first().expect(line);
        check(
            name.as_literal().expect(line),
            arguments,
            &mut Variables::default(),
        )
        .is_ok()
    }

    #[test]
    fn builtins_that_run_text_are_refused() {
        for line in [
            "eval ls",
            "source x",
            ". x",
            "alias a=b",
            "trap ls EXIT",
            "bind -x x",
            "enable -f x y",
            "hash -p /bin/rm ls",
            "fc -s",
            "complete -C ls x",
            "jobs -x ls",
            "mapfile -C ls x",
            "set -k",
            "set -o posix",
            "set $x",
            "shopt -s expand_aliases",
            "let a[1]",
            "wait -p x",
            "declare -i x",
            "declare -n x",
            "history -s",
        ] {
            assert!(!allowed(line), "{line}");
        }
    }

    #[test]
    fn builtins_that_name_variables_take_plain_names() {
        for line in [
            "read 'a[$(rm)]'",
            "unset 'a[$(rm)]'",
            "declare 'a[$(rm)]=1'",
            "export 'a[$(rm)]'",
            "printf -v 'a[$(rm)]' x",
            "test -v 'a[$(rm)]'",
            "[ -v 'a[$(rm)]' ]",
            "[ $x ]",
            "[ \"$x\" 'a[$(rm)]' ]",
            "getopts ab 'a[$(rm)]'",
            "read PATH",
            "read \"$x\"",
            "read $x",
            "printf $x",
            "printf \"$x\" y",
            "unset PATH",
            "read -a 'a[$(rm)]'",
            "mapfile 'a[$(rm)]'",
        ] {
            assert!(!allowed(line), "{line}");
        }
    }

    #[test]
    fn ordinary_uses_pass() {
        for line in [
            "set -euo pipefail",
            "set -x",
            "set -- $x",
            "set +e",
            "shopt -s nullglob",
            "hash -r",
            "read -r line",
            "read -p 'name? ' x",
            "unset x",
            "printf '%s' $x",
            "printf \"$x\"",
            "[ -f \"$x\" ]",
            "[ \"$x\" = y ]",
            "test -n \"$x\"",
            "[ -v x ]",
            "getopts ab o",
            "let 1+1",
            "declare -r x",
            "export FOO",
            "local -a x",
            "mapfile -t x",
            "wait 3",
            "jobs -l",
            "cd x",
            "[ $# -gt 1 ]",
        ] {
            assert!(allowed(line), "{line}");
        }
    }
}
