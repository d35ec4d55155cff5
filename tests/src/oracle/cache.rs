//! Finds the pinned tools in the cache folder and installs the missing ones, each once per machine.
//!
//! A tool is installed into a sibling folder and renamed when it is complete, under a file lock, so tests that run at the
//! same time neither see half a tool nor install it twice. A tool that cannot be had is a [`Skip`] with its reason;
//! `TAPPASS_ORACLES=require` makes every skip a failure. Nothing outside the cache folder is written.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

/// The version that every fact about Claude Code in this repository was checked with.
pub const CLAUDE_VERSION: &str = "2.1.329";
/// The version that every fact about nono in this repository was checked with.
pub const NONO_VERSION: &str = "0.81.0";

const INSTALL_TRIES: u32 = 3;

/// A tool that cannot be run on this machine, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub tool: &'static str,
    pub reason: String,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oracle tests of {} skipped: {}", self.tool, self.reason)
    }
}

impl std::error::Error for Skip {}

/// The executable of Claude Code. Its npm package is a launcher; the program itself is a native binary in a package per
/// platform, which is installed directly, without the launcher's install script and without its demand for Node 22.
///
/// # Errors
/// A [`Skip`] where npm is missing, the platform has no package, or the install fails three times.
pub fn claude() -> Result<Utf8PathBuf, Skip> {
    let package = claude_package()?;
    let binary = format!("node_modules/@anthropic-ai/{package}/claude");
    install_once("claude-code", CLAUDE_VERSION, &binary, |folder| {
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(folder)
        .arg(format!("@anthropic-ai/{package}@{CLAUDE_VERSION}"));
        npm
    })
}

/// The executable of nono, compiled from its crate: minutes of work the first time. Without `--locked`, because its lock
/// file asks for releases that not every mirror has.
///
/// # Errors
/// A [`Skip`] where cargo is missing or the install fails three times.
pub fn nono() -> Result<Utf8PathBuf, Skip> {
    install_once("nono-cli", NONO_VERSION, "bin/nono", |folder| {
        say(&format!(
            "compiling nono {NONO_VERSION} into {folder}, once; this takes minutes"
        ));
        let mut cargo = Command::new("cargo");
        cargo
            .args(["install", "nono-cli", "--version", NONO_VERSION, "--root"])
            .arg(folder)
            .current_dir(folder)
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS");
        cargo
    })
}

/// The value, or `None` after the skip is printed: the test that asked has nothing to check on this machine.
///
/// # Errors
/// The skip itself where `TAPPASS_ORACLES=require` is set.
pub fn unless_skipped<T>(tool: Result<T, Skip>) -> Result<Option<T>, Skip> {
    match tool {
        Ok(tool) => Ok(Some(tool)),
        Err(skip) if required(std::env::var_os("TAPPASS_ORACLES").as_deref()) => Err(skip),
        Err(skip) => {
            say(&skip.to_string());
            Ok(None)
        }
    }
}

/// To the person at the terminal, past the capture of the test runner.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn required(oracles: Option<&OsStr>) -> bool {
    oracles == Some(OsStr::new("require"))
}

fn claude_package() -> Result<String, Skip> {
    let skip = |reason: String| Skip {
        tool: "claude-code",
        reason,
    };
    if std::env::consts::OS != "linux" {
        return Err(skip(format!(
            "managed settings are laid over /etc, which needs Linux, not {}",
            std::env::consts::OS
        )));
    }
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(skip(format!("no package for {other}"))),
    };
    let libc = if cfg!(target_env = "musl") {
        "-musl"
    } else {
        ""
    };
    Ok(format!("claude-code-linux-{machine}{libc}"))
}

fn install_once(
    name: &'static str,
    version: &str,
    binary: &str,
    installer: impl Fn(&Utf8Path) -> Command,
) -> Result<Utf8PathBuf, Skip> {
    folder()
        .and_then(|cache| install_in(&cache, &format!("{name}-{version}"), binary, installer))
        .map_err(|error| Skip {
            tool: name,
            reason: error.to_string(),
        })
}

fn install_in(
    cache: &Utf8Path,
    tool: &str,
    binary: &str,
    installer: impl Fn(&Utf8Path) -> Command,
) -> io::Result<Utf8PathBuf> {
    let place = cache.join(tool);
    let executable = place.join(binary);
    if executable.is_file() {
        return Ok(executable);
    }
    fs::create_dir_all(cache)?;
    let lock = File::create(cache.join(format!(".{tool}.lock")))?;
    lock.lock()?;
    if executable.is_file() {
        return Ok(executable);
    }
    say(&format!(
        "installing {tool} into {cache}, once; this can take minutes"
    ));
    let partial = cache.join(format!(".{tool}.partial"));
    try_install(&partial, binary, installer)?;
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::rename(&partial, &place)?;
    Ok(executable)
}

fn try_install(
    partial: &Utf8Path,
    binary: &str,
    installer: impl Fn(&Utf8Path) -> Command,
) -> io::Result<()> {
    let mut last = String::new();
    for _ in 0..INSTALL_TRIES {
        // What an interrupted install left behind is ours alone while the lock is held.
        if partial.exists() {
            fs::remove_dir_all(partial)?;
        }
        fs::create_dir_all(partial)?;
        let mut command = installer(partial);
        let program = command.get_program().to_string_lossy().into_owned();
        match command.output() {
            Ok(output) if output.status.success() && partial.join(binary).is_file() => {
                return Ok(());
            }
            Ok(output) => {
                last = format!(
                    "{program} ended with {}: {}",
                    output.status,
                    tail(&output.stderr)
                );
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                last = format!("{program} is not on the PATH");
                break;
            }
            Err(error) => last = format!("{program}: {error}"),
        }
    }
    fs::remove_dir_all(partial)?;
    Err(io::Error::other(last))
}

/// The last lines, where tools put the cause.
fn tail(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().collect();
    lines
        .get(lines.len().saturating_sub(4)..)
        .unwrap_or_default()
        .join(" / ")
}

pub(super) fn folder() -> io::Result<Utf8PathBuf> {
    folder_from(|name| std::env::var(name).ok()).ok_or_else(|| {
        io::Error::other("none of TAPPASS_ORACLE_CACHE, XDG_CACHE_HOME and HOME is set")
    })
}

fn folder_from(variable: impl Fn(&str) -> Option<String>) -> Option<Utf8PathBuf> {
    let set = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(Utf8PathBuf::from)
    };
    set("TAPPASS_ORACLE_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("tappass/oracles")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/tappass/oracles")))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn cache() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        (folder, path)
    }

    fn shell(script: &str, folder: &Utf8Path) -> Command {
        let mut sh = Command::new("sh");
        sh.args(["-c", script]).current_dir(folder);
        sh
    }

    #[test]
    fn the_named_cache_folder_wins_over_the_platforms() {
        let all = |name: &str| Some(format!("/{name}"));
        assert_eq!(folder_from(all).unwrap(), "/TAPPASS_ORACLE_CACHE");
        let only_home = |name: &str| (name == "HOME").then(|| "/h".to_owned());
        assert_eq!(folder_from(only_home).unwrap(), "/h/.cache/tappass/oracles");
        assert_eq!(folder_from(|_| None), None);
    }

    #[test]
    fn only_require_turns_a_skip_into_a_failure() {
        assert!(required(Some(OsStr::new("require"))));
        assert!(!required(Some(OsStr::new(""))) && !required(None));
    }

    #[test]
    fn a_complete_install_is_moved_to_its_name_and_leaves_no_partial_folder() {
        let (_guard, cache) = cache();
        let executable = install_in(&cache, "t-1", "bin/t", |to| {
            shell("mkdir bin && touch bin/t", to)
        })
        .unwrap();
        assert_eq!(executable, cache.join("t-1/bin/t"));
        assert!(executable.is_file());
        assert!(!cache.join(".t-1.partial").exists());
    }

    #[test]
    fn an_install_that_fails_is_tried_three_times_and_leaves_nothing() {
        let (_guard, cache) = cache();
        let tries = AtomicU32::new(0);
        let error = install_in(&cache, "t-1", "t", |to| {
            tries.fetch_add(1, Ordering::Relaxed);
            shell("echo no such release >&2; exit 4", to)
        });
        assert!(error.unwrap_err().to_string().contains("no such release"));
        assert_eq!(tries.into_inner(), 3);
        assert!(!cache.join("t-1").exists() && !cache.join(".t-1.partial").exists());
    }

    #[test]
    fn an_installer_that_brings_no_binary_has_failed() {
        let (_guard, cache) = cache();
        assert!(install_in(&cache, "t-1", "t", |to| shell("true", to)).is_err());
    }

    #[test]
    fn a_missing_installer_is_named() {
        let (_guard, cache) = cache();
        let error =
            install_in(&cache, "t-1", "t", |_| Command::new("no-such-program-here")).unwrap_err();
        assert_eq!(error.to_string(), "no-such-program-here is not on the PATH");
    }

    #[test]
    fn parallel_callers_install_once() {
        let (_guard, cache) = cache();
        let installs = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    install_in(&cache, "t-1", "t", |to| {
                        installs.fetch_add(1, Ordering::Relaxed);
                        shell("touch t", to)
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(installs.into_inner(), 1);
    }
}
