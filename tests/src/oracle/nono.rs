//! The real nono: what a profile grants, asked and tried.
//!
//! A dry run proves that the profile loads (an unknown key or a contradiction is refused); `why` is nono's own decision; a
//! real run is the kernel's. None replaces another: a deny beneath an allow passes validation and fails only at the start.
//! The home folder is pinned outside `/tmp`, because nono's built-in grants depend on where it lies.

use std::io;
use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::Scratch;

/// Keeps nono off the network (its update check posts an identifier) and from asking questions.
pub const QUIET: [(&str, &str); 4] = [
    ("NONO_NO_UPDATE_CHECK", "1"),
    ("NONO_NO_SAVE_PROMPT", "1"),
    ("NONO_NO_MIGRATE", "1"),
    ("NONO_NO_PACK_UPDATE_HINTS", "1"),
];

/// nono with a home folder of its own.
#[derive(Debug)]
pub struct Nono {
    executable: Utf8PathBuf,
    home: Scratch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
    ReadWrite,
}

impl Access {
    fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadWrite => "readwrite",
        }
    }
}

/// nono's own decision, with its machine-readable reason (`granted_path`, `path_not_granted`, `network_blocked`, ...).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub allowed: bool,
    pub reason: String,
}

impl Nono {
    /// # Errors
    /// The home folder cannot be made.
    pub fn new(executable: Utf8PathBuf) -> io::Result<Self> {
        Ok(Self {
            executable,
            home: Scratch::new()?,
        })
    }

    /// Loads the profile and starts nothing.
    ///
    /// # Errors
    /// nono cannot be started; a refused profile is an unsuccessful output.
    pub fn dry_run(&self, profile: &Utf8Path) -> io::Result<Output> {
        self.command()
            .args([
                "run",
                "-s",
                "--no-audit",
                "--dry-run",
                "--profile",
                profile.as_str(),
                "--",
                "true",
            ])
            .output()
    }

    /// Runs a command inside the profile, in the given folder.
    ///
    /// # Errors
    /// nono cannot be started; a refused or failed command is an unsuccessful output.
    pub fn run(&self, profile: &Utf8Path, folder: &Utf8Path, argv: &[&str]) -> io::Result<Output> {
        let [_, arguments @ ..] = wrapper(&self.executable, profile);
        self.command()
            .args(arguments)
            .args(argv)
            .current_dir(folder)
            .output()
    }

    /// # Errors
    /// nono cannot be started, refuses the profile, or answers in another form.
    pub fn why_path(
        &self,
        profile: &Utf8Path,
        path: &Utf8Path,
        access: Access,
    ) -> io::Result<Answer> {
        self.why(profile, &["--path", path.as_str(), "--op", access.word()])
    }

    /// # Errors
    /// nono cannot be started, refuses the profile, or answers in another form.
    pub fn why_host(&self, profile: &Utf8Path, host: &str, port: u16) -> io::Result<Answer> {
        self.why(profile, &["--host", host, "--port", &port.to_string()])
    }

    fn why(&self, profile: &Utf8Path, question: &[&str]) -> io::Result<Answer> {
        let output = self
            .command()
            .args(["why", "--json", "--profile", profile.as_str()])
            .args(question)
            .output()?;
        answer(&output.stdout).ok_or_else(|| {
            io::Error::other(format!(
                "nono why: {}",
                String::from_utf8_lossy(&output.stderr)
            ))
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command
            .env("HOME", self.home.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .envs(QUIET);
        command
    }
}

/// What stands before a command that is to run inside the profile.
pub fn wrapper(executable: &Utf8Path, profile: &Utf8Path) -> [String; 7] {
    [
        executable.as_str(),
        "run",
        "-s",
        "--no-audit",
        "--profile",
        profile.as_str(),
        "--",
    ]
    .map(str::to_owned)
}

fn answer(stdout: &[u8]) -> Option<Answer> {
    let said: Value = serde_json::from_slice(stdout).ok()?;
    let allowed = match said.get("status")?.as_str()? {
        "allowed" => true,
        "denied" => false,
        _ => return None,
    };
    Some(Answer {
        allowed,
        reason: said.get("reason")?.as_str()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_status_is_no_answer() {
        assert_eq!(answer(br#"{"status":"perhaps","reason":"x"}"#), None);
        let denied = answer(br#"{"status":"denied","reason":"path_not_granted"}"#).unwrap();
        assert!(!denied.allowed);
    }
}
