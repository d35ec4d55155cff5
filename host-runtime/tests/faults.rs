//! Whatever goes wrong around the real hook binary, the call is refused.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tappass_ir::bundle::{HarnessMap, ToolMap};
use tappass_ir::keyring;
use tappass_ir::pattern::PathPattern;
use tappass_ir::policy::{CompiledPolicy, Layer, Matcher, Obligations, Rule};
use tappass_ir::vocabulary::{Channel, Effect, Platform, ToolKind};

/// A keyring whose policy grants reading one tree.
fn keyring(directory: &Path) {
    let mut policy = CompiledPolicy::empty("p", Platform::Linux);
    policy.layers.insert("p".into(), Layer { root: true });
    let patterns = vec![PathPattern::parse("/srv/open/**").unwrap()];
    let rule = Rule::new(
        "p",
        Effect::Allow,
        Matcher::Read { patterns },
        Obligations::default(),
        None,
    );
    policy.filesystem.insert("p".into(), vec![rule]);
    let read = ToolMap {
        kind: ToolKind::ReadFile,
        command: None,
        path: Some("file_path".into()),
        path_defaults_to_directory: false,
        url: None,
        channel: Channel::Tool,
    };
    let map = HarnessMap {
        format: 1,
        harness: "claude-code".into(),
        tools: [("Read".to_owned(), read)].into(),
        mcp: None,
    };
    fs::write(
        directory.join("compiled-policy.bin"),
        keyring::write(&policy),
    )
    .unwrap();
    fs::write(
        directory.join("harness.json"),
        serde_json::to_string(&map).unwrap(),
    )
    .unwrap();
    fs::write(directory.join("binding.json"), "{}").unwrap();
}

fn start(directory: &Path, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tappass-agent"))
        .args(["verify-toolcall", "--harness", "claude-code", "--keyring"])
        .arg(directory)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ask(directory: &Path, call: &[u8]) -> Output {
    let mut child = start(directory, &[]);
    // A hook that has refused already reads no further.
    let _ = child.stdin.take().unwrap().write_all(call);
    child.wait_with_output().unwrap()
}

fn decision(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["hookSpecificOutput"]["permissionDecision"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn read_call(path: &str) -> Vec<u8> {
    format!(r#"{{"tool_name":"Read","tool_input":{{"file_path":"{path}"}},"cwd":"/srv/open"}}"#)
        .into_bytes()
}

#[test]
fn a_sound_call_gets_the_policys_answer() {
    let folder = tempfile::tempdir().unwrap();
    keyring(folder.path());
    assert_eq!(
        decision(&ask(folder.path(), &read_call("/srv/open/a"))),
        "allow"
    );
    assert_eq!(decision(&ask(folder.path(), &read_call("a"))), "allow");
    assert_eq!(
        decision(&ask(folder.path(), &read_call("../shut/a"))),
        "deny"
    );
    assert_eq!(
        decision(&ask(folder.path(), &read_call("/srv/openly"))),
        "deny"
    );
}

#[test]
fn a_call_that_cannot_be_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    keyring(folder.path());
    let calls: [&[u8]; 9] = [
        b"",
        b"{}",
        b"[]",
        b"not json",
        b"\xff\xfe",
        br#"{"tool_name":"Read","tool_input":{"file_path":5},"cwd":"/srv/open"}"#,
        br#"{"tool_name":"Read","tool_input":{},"cwd":"/srv/open"}"#,
        br#"{"tool_name":"Read","tool_input":{"file_path":"a"},"cwd":"relative"}"#,
        br#"{"tool_name":"Unheard","tool_input":{},"cwd":"/srv/open"}"#,
    ];
    for call in calls {
        assert_eq!(
            decision(&ask(folder.path(), call)),
            "deny",
            "{}",
            String::from_utf8_lossy(call)
        );
    }
    assert_eq!(
        decision(&ask(folder.path(), &vec![b' '; 5 * 1024 * 1024])),
        "deny"
    );
}

#[test]
fn a_link_out_of_a_granted_tree_is_followed_before_it_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    keyring(folder.path());
    let open = tempfile::tempdir().unwrap();
    let real = open.path().canonicalize().unwrap();
    std::os::unix::fs::symlink("/etc/hostname", real.join("link")).unwrap();
    fs::write(
        folder.path().join("binding.json"),
        format!(r#"{{"project":"{}"}}"#, real.display()),
    )
    .unwrap();
    assert_eq!(
        decision(&ask(
            folder.path(),
            &read_call(real.join("link").to_str().unwrap())
        )),
        "deny"
    );
}

#[test]
fn a_keyring_that_is_missing_or_damaged_refuses_everything() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        decision(&ask(folder.path(), &read_call("/srv/open/a"))),
        "deny"
    );
    keyring(folder.path());
    let policy = folder.path().join("compiled-policy.bin");
    let whole = fs::read(&policy).unwrap();
    fs::write(&policy, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(
        decision(&ask(folder.path(), &read_call("/srv/open/a"))),
        "deny"
    );
    fs::write(&policy, &whole).unwrap();
    fs::write(
        folder.path().join("binding.json"),
        r#"{"project":"relative"}"#,
    )
    .unwrap();
    assert_eq!(
        decision(&ask(folder.path(), &read_call("/srv/open/a"))),
        "deny"
    );
}

#[test]
fn a_caller_that_never_finishes_is_refused_at_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    keyring(folder.path());
    let mut child = start(folder.path(), &["--deadline-ms", "100"]);
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(decision(&output), "deny");
}

#[test]
fn a_judging_process_that_is_killed_is_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    keyring(folder.path());
    let mut child = start(folder.path(), &[]);
    let stdin = child.stdin.take();
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    // The second process waits for the call that never comes; it appears within moments.
    let judging = loop {
        let found = fs::read_to_string(&children).unwrap();
        if let Some(pid) = found.split_whitespace().next() {
            break pid.to_owned();
        }
        std::thread::yield_now();
    };
    assert!(
        Command::new("kill")
            .args(["-9", &judging])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(decision(&output), "deny");
}

#[test]
fn a_closed_output_is_told_by_the_status() {
    let folder = tempfile::tempdir().unwrap();
    keyring(folder.path());
    let mut child = start(folder.path(), &[]);
    drop(child.stdout.take());
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&read_call("/srv/open/a"))
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
fn a_wrong_command_line_is_refused() {
    for arguments in [
        &["verify-toolcall"][..],
        &["verify-toolcall", "--harness", "unheard"],
        &["surprise"],
        &[],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_tappass-agent"))
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
