//! The real Claude Code, headless, playing scripted tool calls under given files; what it did with each call comes back.
//!
//! The managed files are laid over `/etc/claude-code` in a mount namespace, so the machine keeps its own. A process namespace
//! ends with the run and takes background commands and MCP servers along. Home, project and temporary files are in a folder
//! of the run.
//!
//! Refused is told from failed by identifier, not by wording: the run's JSON result lists every call that a rule, a hook or
//! the permission mode refused under `permission_denials`, those of subagents included. Two refusals are not in that list and
//! are known by their fixed text: a tool that is not in the session (a bare deny removes it), and a shell command inside a
//! skill's text. Everything else that is an error passed the policy and went wrong afterwards (exit code 1, no such file).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::Scratch;
use super::cache::Skip;
use super::managed_mount::MountPoint;
use super::model_endpoint::{Endpoint, Step, ToolCall, ToolResult, call_id};
use super::scratch::write_with_folders;

const MANAGED_FOLDER: &str = "/etc/claude-code";
/// The main conversation's script; a subagent's prompt may name another.
const MAIN: &str = "main";
const NAMESPACES: [&str; 5] = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const DEADLINE_SECONDS: &str = "120";
/// Mounts the first argument over the second and runs the rest. The shell stays as the namespace's first process: when it
/// ends, the kernel ends whatever the run left in the background.
const MOUNT_AND_RUN: &str = r#"mount --bind "$0" "$1" || exit 125; shift; "$@""#;

/// One run. In paths, contents, arguments, environment, wrapper and inputs of calls, `{project}`, `{home}`, `{managed}`, `{base}`
/// (a folder beside these three), `{port}` and `{url}` (the model endpoint) stand for the run's own.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Path to content, for instance `{managed}/managed-settings.json`, `{project}/src/a.txt`, `{home}/.claude/settings.json`.
    pub files: BTreeMap<String, String>,
    /// The calls that the model makes, each in a turn of its own.
    pub calls: Vec<ToolCall>,
    /// Further scripts, played by a subagent whose prompt holds `play:NAME`.
    pub subagents: BTreeMap<String, Vec<Step>>,
    /// Further arguments of Claude Code.
    pub arguments: Vec<String>,
    /// Added to, and able to replace, the environment that the run gets otherwise.
    pub environment: BTreeMap<String, String>,
    /// Stands before Claude Code's own command line: an outer ring to run in.
    pub wrapper: Vec<String>,
}

/// What became of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The tool ran; its output.
    Allowed(String),
    /// The tool was let through and failed, or its input was malformed.
    Failed(String),
    /// A rule, a hook or the permission mode refused the call; the text that the model got.
    Refused(String),
    /// The session has no such tool: denied by name, or never there. [`Played::offered`] of a run without the deny tells which.
    Absent(String),
    /// The run ended before the call.
    NotPlayed,
}

impl Verdict {
    /// Nothing stopped the call, whether or not the tool then succeeded.
    pub fn passed(&self) -> bool {
        match self {
            Self::Allowed(_) | Self::Failed(_) => true,
            Self::Refused(_) | Self::Absent(_) | Self::NotPlayed => false,
        }
    }
}

/// What the run did.
#[derive(Clone)]
pub struct Played {
    /// One per call of the setup, in its order.
    pub verdicts: Vec<Verdict>,
    /// The verdicts of the subagents' calls by script, step by step. A script that two subagents play has the later ones.
    pub subagents: BTreeMap<String, Vec<Verdict>>,
    /// The tools that the model was offered, with their input schemas.
    pub offered: BTreeMap<String, Value>,
    /// The request bodies of the main conversation, for what must not reach the model.
    pub requests: Vec<String>,
    /// The headers with credentials that the endpoint got, by lower-case name.
    pub credentials: BTreeMap<String, String>,
    /// `None` if a signal ended the run.
    pub exit: Option<i32>,
    pub stderr: String,
    /// The folders of the run, until this is dropped.
    pub project: Utf8PathBuf,
    pub base: Utf8PathBuf,
    scratch: std::sync::Arc<Scratch>,
}

/// Without the requests and schemas, which are hundreds of kilobytes and would bury what an assertion prints.
impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Played")
            .field("verdicts", &self.verdicts)
            .field("subagents", &self.subagents)
            .field("offered", &self.offered.keys().collect::<Vec<_>>())
            .field("exit", &self.exit)
            .field("stderr", &self.stderr)
            .finish_non_exhaustive()
    }
}

impl Played {
    /// A file of the run as it stands afterwards, `None` if there is none.
    pub fn file(&self, relative_to_base: &str) -> Option<String> {
        std::fs::read_to_string(self.scratch.path().join(relative_to_base)).ok()
    }
}

/// The machine can lay managed files over the system's: a namespace of mounts and processes can be made.
///
/// # Errors
/// A [`Skip`] without root, and in a container that may not make namespaces.
pub fn can_mount_managed_files() -> Result<(), Skip> {
    let skip = |reason: String| Skip {
        tool: "claude-code",
        reason,
    };
    if !rustix::process::geteuid().is_root() {
        return Err(skip(format!(
            "laying files over {MANAGED_FOLDER} needs root"
        )));
    }
    let probe = Command::new("unshare")
        .args(NAMESPACES)
        .arg("true")
        .output();
    match probe {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(skip(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )),
        Err(error) => Err(skip(format!("unshare: {error}"))),
    }
}

/// # Errors
/// A file of the run cannot be written, no process can be started, or the run broke off after it had played calls: without
/// its JSON result a refusal cannot be told from a failure. A Claude Code that refuses to start is no error: its exit code
/// and stderr say why, and no call was played.
pub fn play(claude: &Utf8Path, setup: &Setup) -> io::Result<Played> {
    let endpoint = Endpoint::start()?;
    let run = Run::prepare(&endpoint)?;
    run.write_files(&setup.files)?;
    run.script(setup, &endpoint);
    let _mount_point = MountPoint::hold(MANAGED_FOLDER)?;
    let output = run.command(claude, setup).output()?;
    let denied = match denied_calls(&output.stdout) {
        Some(denied) => denied,
        None if endpoint.results(MAIN).is_empty() => BTreeSet::new(),
        None => return Err(broken_off(&output)),
    };
    Ok(Played {
        verdicts: verdicts(MAIN, setup.calls.iter().map(|_| 1), &endpoint, &denied),
        subagents: setup
            .subagents
            .iter()
            .map(|(name, steps)| {
                (
                    name.clone(),
                    verdicts(name, steps.iter().map(Vec::len), &endpoint, &denied),
                )
            })
            .collect(),
        offered: endpoint.offered(MAIN),
        requests: endpoint.requests(MAIN),
        credentials: endpoint.credentials(MAIN),
        exit: output.status.code(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        project: run.project,
        base: run.scratch.path().to_owned(),
        scratch: std::sync::Arc::new(run.scratch),
    })
}

#[derive(Debug)]
struct Run {
    scratch: Scratch,
    project: Utf8PathBuf,
    home: Utf8PathBuf,
    managed: Utf8PathBuf,
    temporary: Utf8PathBuf,
    port: u16,
    url: String,
}

impl Run {
    fn prepare(endpoint: &Endpoint) -> io::Result<Self> {
        let scratch = Scratch::new()?;
        Ok(Self {
            project: scratch.folder("project")?,
            home: scratch.folder("home")?,
            managed: scratch.folder("managed")?,
            temporary: scratch.folder("tmp")?,
            scratch,
            port: endpoint.port(),
            url: endpoint.url(MAIN),
        })
    }

    fn write_files(&self, files: &BTreeMap<String, String>) -> io::Result<()> {
        files.iter().try_for_each(|(path, content)| {
            write_with_folders(Utf8Path::new(&self.filled(path)), &self.filled(content))
        })
    }

    fn script(&self, setup: &Setup, endpoint: &Endpoint) {
        endpoint.script(
            MAIN,
            setup
                .calls
                .iter()
                .map(|call| vec![self.filled_call(call)])
                .collect(),
        );
        for (name, steps) in &setup.subagents {
            let filled = steps
                .iter()
                .map(|step| step.iter().map(|call| self.filled_call(call)).collect());
            endpoint.script(name, filled.collect());
        }
    }

    fn command(&self, claude: &Utf8Path, setup: &Setup) -> Command {
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after=5", DEADLINE_SECONDS])
            .arg("unshare")
            .args(NAMESPACES)
            .args([
                "sh",
                "-c",
                MOUNT_AND_RUN,
                self.managed.as_str(),
                MANAGED_FOLDER,
            ])
            .args(setup.wrapper.iter().map(|argument| self.filled(argument)))
            .args([claude.as_str(), "-p", "go", "--output-format", "json"])
            .args(setup.arguments.iter().map(|argument| self.filled(argument)))
            .current_dir(&self.project)
            .stdin(Stdio::null())
            .env_clear()
            .envs(self.environment())
            .envs(
                setup
                    .environment
                    .iter()
                    .map(|(name, value)| (name, self.filled(value))),
            );
        command
    }

    /// What keeps the run on this machine and its files in its folder. The tools are all offered in the first request.
    fn environment(&self) -> BTreeMap<&str, String> {
        let path = std::env::var("PATH").unwrap_or_default();
        BTreeMap::from([
            ("PATH", path),
            ("HOME", self.home.to_string()),
            ("TMPDIR", self.temporary.to_string()),
            ("CLAUDE_CODE_TMPDIR", self.temporary.to_string()),
            ("ANTHROPIC_BASE_URL", self.url.clone()),
            ("ANTHROPIC_API_KEY", "no-key".to_owned()),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
            ("DISABLE_AUTOUPDATER", "1".to_owned()),
            ("DISABLE_TELEMETRY", "1".to_owned()),
            ("ENABLE_TOOL_SEARCH", "false".to_owned()),
        ])
    }

    fn filled(&self, text: &str) -> String {
        text.replace("{project}", self.project.as_str())
            .replace("{home}", self.home.as_str())
            .replace("{managed}", self.managed.as_str())
            .replace("{base}", self.scratch.path().as_str())
            .replace("{port}", &self.port.to_string())
            .replace("{url}", &self.url)
    }

    fn filled_call(&self, call: &ToolCall) -> ToolCall {
        ToolCall {
            tool: call.tool.clone(),
            input: self.filled_value(&call.input),
        }
    }

    fn filled_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.filled(text)),
            Value::Array(items) => items.iter().map(|item| self.filled_value(item)).collect(),
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(name, field)| (name.clone(), self.filled_value(field)))
                    .collect(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

fn broken_off(output: &Output) -> io::Error {
    let stderr = String::from_utf8_lossy(&output.stderr);
    io::Error::other(format!(
        "Claude Code ended with {} and no result: {stderr}",
        output.status
    ))
}

/// The identifiers under `permission_denials`, `None` if the run gave no such list.
fn denied_calls(stdout: &[u8]) -> Option<BTreeSet<String>> {
    let result: Value = serde_json::from_slice(stdout).ok()?;
    let identifier = |denial: &Value| Some(denial.get("tool_use_id")?.as_str()?.to_owned());
    Some(
        result
            .get("permission_denials")?
            .as_array()?
            .iter()
            .filter_map(identifier)
            .collect(),
    )
}

fn verdicts(
    script: &str,
    calls_per_step: impl Iterator<Item = usize>,
    endpoint: &Endpoint,
    denied: &BTreeSet<String>,
) -> Vec<Verdict> {
    let results = endpoint.results(script);
    calls_per_step
        .enumerate()
        .flat_map(|(step, calls)| (0..calls).map(move |call| call_id(script, step, call)))
        .map(|id| {
            results.get(&id).map_or(Verdict::NotPlayed, |result| {
                verdict(result, denied.contains(&id))
            })
        })
        .collect()
}

fn verdict(result: &ToolResult, denied: bool) -> Verdict {
    let text = result.text.clone();
    if denied || text.starts_with("Shell command permission check failed") {
        Verdict::Refused(text)
    } else if result.is_error && text.contains("No such tool available") {
        Verdict::Absent(text)
    } else if result.is_error {
        Verdict::Failed(text)
    } else {
        Verdict::Allowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> ToolResult {
        ToolResult {
            text: text.to_owned(),
            is_error: true,
        }
    }

    #[test]
    fn an_error_is_a_refusal_only_where_the_run_lists_the_call() {
        let result = error("Permission denied");
        assert!(matches!(verdict(&result, true), Verdict::Refused(_)));
        assert!(matches!(verdict(&result, false), Verdict::Failed(_)));
    }

    #[test]
    fn a_removed_tool_is_absent() {
        let result = error(
            "<tool_use_error>Error: No such tool available: Bash. Bash is disabled for this session</tool_use_error>",
        );
        assert!(matches!(verdict(&result, false), Verdict::Absent(_)));
    }

    #[test]
    fn a_result_without_a_list_of_denials_is_not_one_without_denials() {
        assert_eq!(denied_calls(b"Error: managed settings are not valid"), None);
        assert_eq!(denied_calls(br#"{"result":"done"}"#), None);
        assert_eq!(
            denied_calls(br#"{"permission_denials":[]}"#),
            Some(BTreeSet::new())
        );
    }
}
