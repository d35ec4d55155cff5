//! Names that a line may not set.
//!
//! Some variables decide which program a name runs, what a program loads, or which text the shell itself
//! runs. A line that sets one is not what it reads as.

use tappass_ir::request::exec::Word;

use crate::builtin;
use crate::cursor::is_name;
use crate::refusal::{Reason, Stop, stop};
use crate::word::literal;

const PREFIXES: &[&str] = &[
    "BASH",
    "LD_",
    "DYLD_",
    "GIT_",
    "npm_config_",
    "NPM_CONFIG_",
    "CARGO_BUILD_RUSTC",
];

const NAMES: &[&str] = &[
    "AWKPATH",
    "AWKLIBPATH",
    "BROWSER",
    "CDPATH",
    "CLASSPATH",
    "EDITOR",
    "ENV",
    "EXECIGNORE",
    "FCEDIT",
    "FIGNORE",
    "GCONV_PATH",
    "GLOBIGNORE",
    "HISTFILE",
    "HOME",
    "HOSTALIASES",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "LESSCLOSE",
    "LESSOPEN",
    "LOCPATH",
    "LUA_INIT",
    "LUA_PATH",
    "LUA_CPATH",
    "MAKEFLAGS",
    "MANPAGER",
    "NODE_OPTIONS",
    "NODE_PATH",
    "OPENSSL_CONF",
    "OLDPWD",
    "PAGER",
    "PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PERLLIB",
    "PHPRC",
    "POSIXLY_CORRECT",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PWD",
    "PYTHONBREAKPOINT",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "RUBYLIB",
    "RUBYOPT",
    "RUBYSHELL",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "SHELL",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "SSLKEYLOGFILE",
    "SUDO_ASKPASS",
    "SUDO_EDITOR",
    "TAR_OPTIONS",
    "TEXTDOMAIN",
    "TEXTDOMAINDIR",
    "TZDIR",
    "VISUAL",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "MAVEN_OPTS",
    "GRADLE_OPTS",
    "RIPGREP_CONFIG_PATH",
    "CURL_HOME",
    "WGETRC",
    "ZIPOPT",
    "UNZIP",
    "GZIP",
    "XZ_OPT",
    "RSYNC_RSH",
    "RSYNC_CONNECT_PROG",
    "CVS_RSH",
    "INPUTRC",
    "TERMINFO",
    "GOFLAGS",
];

/// Refuses a name that changes what runs.
pub(crate) fn check(name: &str) -> Result<(), Stop> {
    let dangerous = NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    if dangerous {
        stop(Reason::UnprovableVariable, name)
    } else {
        Ok(())
    }
}

/// Checks a word of `NAME=value` form, as `env` and declarations take it.
pub(crate) fn check_assignment(text: &str) -> Result<(), Stop> {
    let name = text.split_once('=').map_or(text, |(name, _)| name);
    check(name.strip_suffix('+').unwrap_or(name))
}

/// Refuses a function whose name already means something.
pub(crate) fn check_function(name: &str) -> Result<(), Stop> {
    if !is_name(name.replace('-', "_").as_str()) {
        return stop(Reason::UnknownSyntax, name);
    }
    if builtin::is_known_command(name) {
        stop(Reason::ShadowedCommand, name)
    } else {
        Ok(())
    }
}

/// The word by which an argv shows an assignment.
pub(crate) fn assignment_word(name: &str, value: &Word, plain: bool) -> Word {
    match literal(value) {
        Some(text) if plain => Word::Literal(format!("{name}={text}")),
        Some(_) | None => Word::OneUnknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_change_what_runs_are_refused() {
        for name in [
            "PATH",
            "IFS",
            "LD_PRELOAD",
            "GIT_SSH_COMMAND",
            "BASH_ENV",
            "ENV",
            "PS4",
            "NODE_OPTIONS",
            "BASH_ALIASES",
        ] {
            assert!(check(name).is_err(), "{name}");
            assert!(check_assignment(&format!("{name}+=x")).is_err(), "{name}");
        }
        assert!(check("FOO").is_ok() && check_assignment("RUST_LOG=debug").is_ok());
    }

    #[test]
    fn a_function_may_not_hide_a_command() {
        for name in ["git", "rm", "cd", "timeout", "sudo", "echo"] {
            assert!(check_function(name).is_err(), "{name}");
        }
        assert!(check_function("my-step").is_ok());
    }
}
