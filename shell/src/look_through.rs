//! Programs that run another program: what they would run is judged as well.
//!
//! The outer command must be allowed as it stands; the inner one only adds asks and denies. Programs with
//! a table here are read precisely. For the long tail every word that could begin the inner command is
//! taken as one, which can only deny too much.

use tappass_ir::request::exec::Word;

use crate::model::{self, GitProgram};
use crate::options::{self, Parsed, Table};
use crate::refusal::{Reason, Stop, stop};
use crate::variable;
use crate::word::Shape;

/// Something that a command runs besides itself.
#[derive(Debug)]
pub(crate) enum Inner {
    /// An argv.
    Argv(Vec<Shape>, Directory),
    /// Shell text.
    Text(String),
}

/// Where the inner command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directory {
    Same,
    Unknown,
}

const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"];
/// Shells whose language is not bash's, so that their text cannot be judged.
const FOREIGN_SHELLS: &[&str] = &[
    "fish", "csh", "tcsh", "nu", "elvish", "xonsh", "ion", "rc", "es",
];
const LOOSE: &[&str] = &[
    "bwrap",
    "cgexec",
    "chroot",
    "chrt",
    "dbus-run-session",
    "dumb-init",
    "entr",
    "eatmydata",
    "fakechroot",
    "fakeroot",
    "faketime",
    "firejail",
    "flock",
    "gdb",
    "hyperfine",
    "ionice",
    "linux32",
    "linux64",
    "ltrace",
    "nice",
    "nohup",
    "nsenter",
    "numactl",
    "parallel",
    "perf",
    "pkexec",
    "prlimit",
    "proot",
    "proxychains",
    "proxychains4",
    "rlwrap",
    "runcon",
    "runuser",
    "schedtool",
    "script",
    "setarch",
    "setpriv",
    "setsid",
    "start-stop-daemon",
    "stdbuf",
    "strace",
    "su",
    "systemd-run",
    "taskset",
    "time",
    "timeout",
    "tini",
    "torsocks",
    "tsocks",
    "unbuffer",
    "unshare",
    "valgrind",
    "watch",
    "xvfb-run",
    "caffeinate",
    "doit",
    "at",
    "batch",
    "chpst",
    "softlimit",
    "setuidgid",
    "gosu",
    "su-exec",
    "tmux",
    "screen",
    "expect",
    "socat",
    "run-parts",
    "daemonize",
    "nsjail",
];

pub(crate) fn is_delegator(name: &str) -> bool {
    SHELLS.contains(&name)
        || FOREIGN_SHELLS.contains(&name)
        || LOOSE.contains(&name)
        || [
            "env", "sudo", "doas", "xargs", "find", "exec", "command", "builtin", "busybox",
            "toybox", "git",
        ]
        .contains(&name)
}

/// What `name` with `arguments` runs besides itself.
pub(crate) fn inner(name: &str, arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    match name {
        "env" => env(arguments),
        "sudo" => sudo(arguments),
        "doas" => prefixed("n s L u= C= a=", arguments),
        "xargs" => xargs(arguments),
        "find" => find(arguments),
        "exec" => prefixed("c l a=", arguments),
        "command" => command(arguments),
        "builtin" | "busybox" | "toybox" => prefixed("", arguments),
        "git" => git(arguments),
        name if SHELLS.contains(&name) => shell(name, arguments),
        name if FOREIGN_SHELLS.contains(&name) => stop(Reason::DynamicCode, name),
        name if LOOSE.contains(&name) => loose(name, arguments),
        _ => Ok(Vec::new()),
    }
}

fn plain(shapes: &[Shape]) -> Vec<Word> {
    shapes.iter().map(|shape| shape.word.clone()).collect()
}

/// Leading options and the words behind them; an option without a model is refused.
fn leading<'s>(table: &str, arguments: &'s [Shape]) -> Result<(Parsed, &'s [Shape]), Stop> {
    let parsed = options::parse_leading(&Table::new(table), &plain(arguments));
    if let Some(option) = parsed.unmodelled.first() {
        return stop(Reason::UnknownOption, option);
    }
    if parsed.open {
        return stop(Reason::DynamicCommand, "");
    }
    let rest = arguments.get(parsed.consumed..).unwrap_or_default();
    Ok((parsed, rest))
}

fn one(argv: &[Shape], directory: Directory) -> Vec<Inner> {
    if argv.is_empty() {
        Vec::new()
    } else {
        vec![Inner::Argv(argv.to_vec(), directory)]
    }
}

fn prefixed(table: &str, arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    let (_, rest) = leading(table, arguments)?;
    Ok(one(rest, Directory::Same))
}

fn command(arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    let (parsed, rest) = leading("p v V", arguments)?;
    let asks = parsed.options.contains_key("v") || parsed.options.contains_key("V");
    Ok(if asks {
        Vec::new()
    } else {
        one(rest, Directory::Same)
    })
}

fn env(arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    let (parsed, rest) = leading(
        "i,ignore-environment 0,null u,unset= C,chdir= v,debug",
        arguments,
    )?;
    for name in parsed.options.get("unset").into_iter().flatten() {
        match name {
            Word::Literal(name) => variable::check(name)?,
            Word::OneUnknown | Word::ManyUnknown => {
                return stop(Reason::UnprovableVariable, "env -u");
            }
        }
    }
    let directory = if parsed.options.contains_key("chdir") {
        Directory::Unknown
    } else {
        Directory::Same
    };
    let rest = rest.strip_prefix(&[Shape::literal("-")]).unwrap_or(rest);
    Ok(one(behind_assignments(rest)?, directory))
}

/// The words behind `NAME=value`, each of which is checked as an assignment of the line would be.
fn behind_assignments(words: &[Shape]) -> Result<&[Shape], Stop> {
    let mut rest = words;
    while let Some((first, behind)) = rest.split_first() {
        match (first.as_literal(), &first.sets) {
            (Some(text), _) if text.contains('=') => variable::check_assignment(text)?,
            (Some(_), _) => break,
            (None, Some(name)) if first.word == Word::OneUnknown => variable::check(name)?,
            (None, _) => return stop(Reason::DynamicCommand, ""),
        }
        rest = behind;
    }
    Ok(rest)
}

fn sudo(arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    const TABLE: &str = "A,askpass b,background B,bell C,close-from= D,chdir= E,preserve-env? e,edit g,group= H,set-home h,host= help i,login \
        K,remove-timestamp k,reset-timestamp l,list n,non-interactive P,preserve-groups p,prompt= R,chroot= r,role= S,stdin s,shell \
        t,type= T,command-timeout= U,other-user= u,user= V,version v,validate";
    let (parsed, rest) = leading(TABLE, arguments)?;
    let has = |name: &str| parsed.options.contains_key(name);
    let rest = behind_assignments(rest)?;
    if has("edit") || has("chroot") {
        return stop(Reason::UnknownOption, "sudo");
    }
    if rest.is_empty() && (has("login") || has("shell")) {
        return stop(Reason::ShellFromInput, "sudo");
    }
    let directory = if has("chdir") || has("login") {
        Directory::Unknown
    } else {
        Directory::Same
    };
    Ok(one(rest, directory))
}

fn xargs(arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    const TABLE: &str = "0,null a,arg-file= d,delimiter= E= e,eof? I= i,replace? L= l,max-lines? n,max-args= o,open-tty P,max-procs= \
        p,interactive process-slot-var= r,no-run-if-empty s,max-chars= show-limits t,verbose x,exit";
    let (parsed, rest) = leading(TABLE, arguments)?;
    let replaced = parsed
        .options
        .get("I")
        .and_then(|values| values.first())
        .cloned();
    let replaced = replaced.or_else(|| {
        parsed.options.get("replace").map(|values| {
            values
                .first()
                .cloned()
                .unwrap_or_else(|| Word::Literal("{}".to_owned()))
        })
    });
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let argv = match replaced {
        None => rest
            .iter()
            .cloned()
            .chain([Shape::unknown(Word::ManyUnknown)])
            .collect(),
        Some(Word::Literal(mark)) if !mark.is_empty() => {
            with_unknown(rest, &mark, &Word::OneUnknown)
        }
        Some(_) => return stop(Reason::DynamicCommand, "xargs -I"),
    };
    Ok(vec![Inner::Argv(argv, Directory::Same)])
}

/// The argv with every word that holds `mark` made unknown.
fn with_unknown(words: &[Shape], mark: &str, unknown: &Word) -> Vec<Shape> {
    words
        .iter()
        .map(|shape| {
            if shape.as_literal().is_some_and(|text| text.contains(mark)) {
                Shape::unknown(unknown.clone())
            } else {
                shape.clone()
            }
        })
        .collect()
}

fn find(arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    while let Some(shape) = rest.next() {
        let directory = match shape.as_literal() {
            Some("-exec" | "-ok") => Directory::Same,
            Some("-execdir" | "-okdir") => Directory::Unknown,
            // An unquoted expansion could bring an `-exec` of its own.
            None if shape.word == Word::ManyUnknown
                && shape.below_home.is_none()
                && !found_root_only(arguments, shape) =>
            {
                return stop(Reason::DynamicCommand, "find");
            }
            Some(_) | None => continue,
        };
        let argv: Vec<Shape> = rest
            .by_ref()
            .take_while(|shape| !matches!(shape.as_literal(), Some(";" | "+")))
            .cloned()
            .collect();
        found.push(Inner::Argv(
            with_unknown(&argv, "{}", &Word::ManyUnknown),
            directory,
        ));
    }
    Ok(found)
}

/// Whether the unknown word stands before every option, where globs of roots stand.
fn found_root_only(arguments: &[Shape], shape: &Shape) -> bool {
    let roots = arguments
        .iter()
        .take_while(|shape| shape.as_literal().is_none_or(|text| !text.starts_with('-')));
    roots.into_iter().any(|root| std::ptr::eq(root, shape))
}

fn git(arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    let programs = model::git_programs(&plain(arguments))?;
    let shape = |word: Word| match word {
        Word::Literal(text) => Shape::literal(text),
        Word::OneUnknown | Word::ManyUnknown => Shape::unknown(word),
    };
    Ok(programs
        .into_iter()
        .map(|program| match program {
            GitProgram::Text(text) => Inner::Text(text),
            GitProgram::Git(words) => {
                let argv = std::iter::once(Shape::literal("git"))
                    .chain(words.into_iter().map(shape))
                    .collect();
                Inner::Argv(argv, Directory::Unknown)
            }
            GitProgram::Argv(words) => {
                Inner::Argv(words.into_iter().map(shape).collect(), Directory::Unknown)
            }
        })
        .collect())
}

/// `-c` text is analysed, a script file is the program's own business, and commands from input are refused.
fn shell(name: &str, arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    let mut rest = arguments.iter();
    let mut text = false;
    while let Some(shape) = rest.next() {
        let Some(word) = shape.as_literal() else {
            return stop(Reason::DynamicCode, name);
        };
        match word {
            "--version" | "--help" => return Ok(Vec::new()),
            "--norc" | "--noprofile" | "--posix" => {}
            "-o" | "+o" => {
                if rest
                    .next()
                    .and_then(Shape::as_literal)
                    .is_none_or(|option| {
                        !["pipefail", "errexit", "nounset", "xtrace"].contains(&option)
                    })
                {
                    return stop(Reason::UnknownOption, name);
                }
            }
            "-" | "--" => return operand(name, text, rest.next()),
            word if word.starts_with('-') => {
                let letters = word.trim_start_matches('-');
                if word.starts_with("--")
                    || !letters.chars().all(|letter| "ceuxlvn".contains(letter))
                {
                    return stop(Reason::UnknownOption, format!("{name} {word}"));
                }
                text |= letters.contains('c');
            }
            _ => return operand(name, text, Some(shape)),
        }
    }
    operand(name, text, None)
}

fn operand(name: &str, text: bool, operand: Option<&Shape>) -> Result<Vec<Inner>, Stop> {
    match (text, operand) {
        (true, Some(shape)) => match shape.as_literal() {
            Some(line) if is_common(name, line) => Ok(vec![Inner::Text(line.to_owned())]),
            Some(_) | None => stop(Reason::DynamicCode, name),
        },
        (false, Some(shape))
            if shape.as_literal().is_none_or(|file| {
                file == "-" || file.starts_with("/dev/") || file.starts_with("/proc/")
            }) =>
        {
            stop(Reason::ShellFromInput, name)
        }
        (false, Some(_)) => Ok(Vec::new()),
        (_, None) => stop(Reason::ShellFromInput, name),
    }
}

/// Whether a shell other than bash reads `line` as bash does: these spellings differ among them.
fn is_common(name: &str, line: &str) -> bool {
    name == "bash"
        || ![
            "((", "[[", "$'", "&>", "|&", "<(", ">(", "function", "$[", "=(",
        ]
        .iter()
        .any(|spelling| line.contains(spelling))
}

/// Every word that could begin the inner command, and every text that could be one.
fn loose(name: &str, arguments: &[Shape]) -> Result<Vec<Inner>, Stop> {
    const MOST: usize = 100;
    if arguments.len() > MOST {
        return stop(Reason::TooManyCommands, name);
    }
    let mut found = Vec::new();
    for (at, shape) in arguments.iter().enumerate() {
        let Some(text) = shape.as_literal() else {
            if found.is_empty() {
                return stop(Reason::DynamicCommand, name);
            }
            continue;
        };
        if text.contains(|c: char| c.is_ascii_whitespace() || c == ';' || c == '|' || c == '&') {
            found.push(Inner::Text(text.to_owned()));
        } else if !text.is_empty() && !text.starts_with('-') {
            found.push(Inner::Argv(
                arguments.get(at..).unwrap_or_default().to_vec(),
                Directory::Unknown,
            ));
        }
    }
    Ok(found)
}
