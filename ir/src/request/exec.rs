//! What a shell line may run, as the `shell` crate found it.
//!
//! This is the border between shell syntax and decision: `shell` fills these types in with its
//! parsers and argument models, and [`crate::decide`] folds over them without either.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::vocabulary::Verb;

/// A line that an agent submits to a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShellLine {
    /// The line as submitted, for reports only; nothing is decided on it.
    pub text: String,
    /// Every simple command that the line can run, or why that cannot be known.
    pub analysis: Analysis,
}

/// The outcome of analysing a shell line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Analysis {
    /// The line runs some of these commands and no other. An empty list runs nothing.
    Commands(Vec<Command>),
    /// What the line runs cannot be proven, so it is denied.
    Refused(Refusal),
}

/// Why a line cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Stable kebab-case name of the reason, such as `dynamic-command` or `parsers-disagree`.
    pub reason: String,
    /// One sentence for the agent: what cannot be proven, and how to write it instead.
    pub detail: String,
}

/// One simple command of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The words as the shell would pass them, assignments before the command name included
    /// (`FOO=1 git status` has three words, so that an allow of `git **` does not match it).
    pub argv: Vec<Word>,
    /// Which rules may judge it.
    pub judged: Judged,
    /// The same command without its spelling, for ask and deny.
    pub normal: NormalForm,
    /// What the command is known to read, write and dial because the line names it.
    pub accesses: Vec<Access>,
}

/// Which effects may match a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// A command of the line itself: it must be allowed.
    ByAll,
    /// Found by looking through another command (`sudo`, `env`, `xargs`, `sh -c`): the outer one must
    /// be allowed, this one may only be asked or denied.
    ByAskAndDeny,
}

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// The shell passes exactly this text.
    Literal(String),
    /// Exactly one word of unknown text (a quoted expansion).
    OneUnknown,
    /// Any number of words of unknown text, none included (an unquoted expansion or a glob).
    ManyUnknown,
}

/// A command with the choices of spelling removed, so that `rm -r -f x`, `rm -fr x` and
/// `/bin/rm x --recursive --force` are one thing.
///
/// A command without an argument model has no options: every word after the name is an operand,
/// matched literally and in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormalForm {
    /// The base name of the program, then its subcommands where its model has such
    /// (`["git", "push"]`).
    pub command: Vec<Word>,
    /// Canonical option names (the long name without dashes where one exists, else the letter), each
    /// with the values given to it; a flag without a value has an empty list.
    pub options: BTreeMap<String, Vec<Word>>,
    /// What is left, in order.
    pub operands: Vec<Word>,
    /// An unknown word stands where an option or a subcommand could, so any of them may be present.
    pub open: bool,
}

/// One thing that a command is known to touch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// `read`, `write` or `connect`.
    pub verb: Verb,
    /// A path as `CanonicalPath` reads it (absolute, or `$project/…`), or an authority as
    /// `Authority` reads it.
    pub target: String,
}

/// The normal form of an exec pattern, which an ask or deny rule carries beside its text.
///
/// It matches a command whose names start with `command`, whose options include all of `options`, and
/// whose operands match `operands`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct NormalPattern {
    /// Word patterns for the program's base name and its subcommands.
    pub command: Vec<String>,
    /// Canonical option names that must be present, each with word patterns for its values (empty: any).
    pub options: BTreeMap<String, Vec<String>>,
    /// Word patterns for the operands, in order.
    pub operands: Vec<String>,
    /// Whether further operands may follow (` **` ends the pattern).
    pub rest: bool,
}
