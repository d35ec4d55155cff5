//! Why a line cannot be proven, as a closed set.
//!
//! Each reason has a stable name, which reports and tests quote, and one sentence that tells the
//! agent how to write the same thing provably. A construct that no module knows becomes
//! [`Reason::UnknownSyntax`]; nothing is skipped.

use tappass_ir::request::exec::Refusal;

/// Declares the reasons with their names and their advice side by side.
macro_rules! reasons {
    ($($variant:ident = $name:literal, $advice:literal;)+) => {
        /// What kept a line from being proven.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Reason { $($variant,)+ }

        impl Reason {
            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)+ }
            }
        }
    };
}

reasons! {
    TooLong = "too-long", "the line is longer than 64 KiB; write the data to a file with a file tool and run a short line";
    TooDeep = "too-deep", "the line nests deeper than 32 levels; run the inner parts as separate lines";
    TooManyCommands = "too-many-commands", "the line holds more than 500 commands; split it";
    InvalidCharacter = "invalid-character", "control, invisible and direction-changing characters make a line read differently than it runs; remove them";
    ParseError = "parse-error", "the line is not complete bash syntax that can be read with certainty; write it more simply";
    ParsersDisagree = "parsers-disagree", "two independent parsers read different commands in this line; write one simple command a line";
    UnknownSyntax = "unknown-syntax", "this construct has no proven reading; write the commands plainly, one after the other";
    Coprocess = "coprocess", "a coprocess runs beside the line; run the command directly";
    DynamicCommand = "dynamic-command", "the name of a command is only known when the line runs; write it literally";
    DynamicCode = "dynamic-code", "the text that this command runs cannot be read from the line; write the command itself instead";
    DynamicRedirection = "dynamic-redirection", "the file that this redirection opens is only known when the line runs; write its path literally";
    BareRedirection = "bare-redirection", "a redirection needs a command to carry it; write `: > file` or use a file tool";
    NetworkRedirection = "network-redirection", "`/dev/tcp` and `/dev/udp` open connections from the shell itself; use a program such as curl";
    UnprovableBuiltin = "unprovable-builtin", "this shell builtin changes what later commands mean or runs text as code; write the resulting commands directly";
    UnprovableVariable = "unprovable-variable", "this variable changes which programs run or what they load; leave it as it is";
    PromptExpansion = "prompt-expansion", "`@P` runs command substitutions hidden in a value; print the value without it";
    IndirectExpansion = "indirect-expansion", "`${!name}` can run what another variable holds; name the variable directly";
    Arithmetic = "arithmetic", "arithmetic runs substitutions hidden in the values it reads; use literal numbers, or variables that this line sets to literal numbers";
    Subscript = "subscript", "an array subscript can run what it holds; use a literal number, `@` or `*`";
    Substitution = "substitution", "this substitution cannot be delimited with certainty; use a plain `$(...)` with one command";
    Escape = "escape", "this escape has no certain reading; write the character itself";
    ShadowedCommand = "shadowed-command", "a function with the name of a known command hides what that name runs; give the function another name";
    ShellFromInput = "shell-from-input", "a shell that reads its commands from input cannot be judged; pass them with `-c '...'` or run them directly";
    UnknownOption = "unknown-option", "this option of a program that runs other programs has no model; leave it out";
    GitConfiguration = "git-configuration", "this git setting may run a program; leave it out or set it in a reviewed configuration file";
    UnprovablePath = "unprovable-path", "this path cannot be resolved from the line; write it absolute, without `..` above its root";
}

/// A reason and the part of the line that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) reason: Reason,
    pub(crate) subject: String,
}

/// Stops the analysis at `subject`.
pub(crate) fn stop<T>(reason: Reason, subject: impl Into<String>) -> Result<T, Stop> {
    Err(Stop {
        reason,
        subject: subject.into(),
    })
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Self {
            reason: stop.reason.name().to_owned(),
            detail: detail(stop.reason, &stop.subject),
        }
    }
}

fn detail(reason: Reason, subject: &str) -> String {
    const SHOWN: usize = 60;
    let shown: String = subject
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN)
        .collect();
    if shown.is_empty() {
        reason.advice().to_owned()
    } else {
        format!("`{shown}`: {}", reason.advice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_part_and_the_way_out() {
        let refusal = Refusal::from(Stop {
            reason: Reason::DynamicCommand,
            subject: "$X".into(),
        });
        assert_eq!(refusal.reason, "dynamic-command");
        assert!(refusal.detail.starts_with("`$X`: ") && refusal.detail.contains("literally"));
    }

    #[test]
    fn a_long_subject_is_cut() {
        let refusal = Refusal::from(Stop {
            reason: Reason::Escape,
            subject: "x".repeat(5000),
        });
        assert!(refusal.detail.len() < 300);
    }
}
