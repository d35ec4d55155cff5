//! The oracles themselves, each proven with the real program: something it lets through, something it refuses.

use std::collections::BTreeMap;
use std::error::Error;

use camino::Utf8Path;
use serde_json::json;
use tappass_tests::oracle::claude::{self, Played, Setup, Verdict};
use tappass_tests::oracle::mcp_server::declaration;
use tappass_tests::oracle::model_endpoint::ToolCall;
use tappass_tests::oracle::nono::{self, Access, Nono};
use tappass_tests::oracle::{Scratch, cache, unless_skipped};

type Outcome = Result<(), Box<dyn Error>>;

const MANAGED_SETTINGS: &str = "{managed}/managed-settings.json";

fn play(setup: &Setup) -> Result<Option<Played>, Box<dyn Error>> {
    let claude = claude::can_mount_managed_files().and_then(|()| cache::claude());
    Ok(match unless_skipped(claude)? {
        Some(claude) => Some(claude::play(&claude, setup)?),
        None => None,
    })
}

fn bash(command: &str) -> ToolCall {
    ToolCall::new("Bash", json!({ "command": command }))
}

fn read(path: &str) -> ToolCall {
    ToolCall::new("Read", json!({ "file_path": path }))
}

#[test]
fn claude_allows_refuses_fails_and_lacks_calls_as_its_managed_settings_say() -> Outcome {
    let settings = json!({ "permissions": {
        "defaultMode": "dontAsk",
        "allow": ["Bash(touch *)"],
        "deny": ["Read(/{project}/secret/**)", "WebFetch"],
    } });
    let setup = Setup {
        files: BTreeMap::from([
            (MANAGED_SETTINGS.into(), settings.to_string()),
            ("{project}/secret/key".into(), "k".into()),
            ("{project}/readme".into(), "open text".into()),
        ]),
        calls: vec![
            bash("touch made"),
            read("{project}/readme"),
            bash("touch no/such/folder"),
            read("{project}/secret/key"),
            bash("truncate -s 0 made"),
            ToolCall::new(
                "WebFetch",
                json!({ "url": "https://example.com", "prompt": "x" }),
            ),
        ],
        ..Setup::default()
    };
    let Some(played) = play(&setup)? else {
        return Ok(());
    };
    let [made, open, failed, secret, unlisted, removed] = played.verdicts.as_slice() else {
        panic!("six calls have six verdicts: {played:?}")
    };
    assert!(matches!(made, Verdict::Allowed(_)), "{played:?}");
    assert!(played.project.join("made").is_file());
    assert!(
        matches!(open, Verdict::Allowed(text) if text.contains("open text")),
        "{open:?}"
    );
    assert!(
        matches!(failed, Verdict::Failed(text) if text.contains("Exit code 1")),
        "{failed:?}"
    );
    assert!(
        matches!(secret, Verdict::Refused(text) if text.contains("denied by your permission settings")),
        "{secret:?}"
    );
    assert!(matches!(unlisted, Verdict::Refused(_)), "{unlisted:?}");
    assert!(matches!(removed, Verdict::Absent(_)), "{removed:?}");
    assert!(played.offered.contains_key("Bash") && !played.offered.contains_key("WebFetch"));
    Ok(())
}

#[test]
fn claude_asks_its_hook_for_every_call_also_a_subagents() -> Outcome {
    let hook = "IFS= read -r asked; printf '%s\\n' \"$asked\" >> {base}/asked
case $asked in *forbidden*) effect=deny ;; *) effect=allow ;; esac
printf '{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"%s\",\"permissionDecisionReason\":\"rule 7\"}}' $effect
";
    let settings = json!({
        "permissions": { "defaultMode": "dontAsk" },
        "hooks": { "PreToolUse": [{ "matcher": "*", "hooks": [
            { "type": "command", "command": "/bin/sh", "args": ["{base}/hook"], "timeout": 20, "onFailure": "block" },
        ] }] },
    });
    let setup = Setup {
        files: BTreeMap::from([
            (MANAGED_SETTINGS.into(), settings.to_string()),
            ("{base}/hook".into(), hook.into()),
        ]),
        calls: vec![
            bash("echo forbidden"),
            ToolCall::new(
                "Agent",
                json!({ "description": "d", "prompt": "play:sub", "run_in_background": false }),
            ),
        ],
        subagents: BTreeMap::from([(
            "sub".into(),
            vec![
                vec![bash("touch by-subagent")],
                vec![bash("echo forbidden too")],
            ],
        )]),
        ..Setup::default()
    };
    let Some(played) = play(&setup)? else {
        return Ok(());
    };
    let refused =
        |verdict: &Verdict| matches!(verdict, Verdict::Refused(text) if text.contains("rule 7"));
    assert!(refused(&played.verdicts[0]), "{played:?}");
    assert!(
        matches!(played.verdicts[1], Verdict::Allowed(_)),
        "{played:?}"
    );
    assert!(
        matches!(played.subagents["sub"][0], Verdict::Allowed(_)),
        "{played:?}"
    );
    assert!(refused(&played.subagents["sub"][1]), "{played:?}");
    assert_eq!(played.file("asked").unwrap_or_default().lines().count(), 4);
    Ok(())
}

#[test]
fn claude_calls_the_tools_of_a_stdio_mcp_server() -> Outcome {
    let server = Utf8Path::new(env!("CARGO_BIN_EXE_stdio-mcp"));
    let settings = json!({ "permissions": {
        "defaultMode": "dontAsk", "allow": ["mcp__tracker__get_*"], "deny": ["mcp__tracker__delete_*"],
    } });
    let setup = Setup {
        files: BTreeMap::from([
            (MANAGED_SETTINGS.into(), settings.to_string()),
            (
                "{managed}/managed-mcp.json".into(),
                declaration("tracker", server).to_string(),
            ),
        ]),
        calls: ["get_issue", "create_issue", "delete_issue"]
            .map(|tool| ToolCall::new(&format!("mcp__tracker__{tool}"), json!({})))
            .to_vec(),
        ..Setup::default()
    };
    let Some(played) = play(&setup)? else {
        return Ok(());
    };
    assert_eq!(
        played.verdicts[0],
        Verdict::Allowed("get_issue ran".into()),
        "{played:?}"
    );
    assert!(
        matches!(played.verdicts[1], Verdict::Refused(_)),
        "{played:?}"
    );
    assert!(
        matches!(played.verdicts[2], Verdict::Absent(_)),
        "{played:?}"
    );
    Ok(())
}

#[test]
fn forty_calls_go_in_one_run_of_claude() -> Outcome {
    let settings = json!({ "permissions": { "defaultMode": "dontAsk", "allow": ["Bash(touch *)"], "deny": ["Bash(touch 3*)"] } });
    let setup = Setup {
        files: BTreeMap::from([(MANAGED_SETTINGS.into(), settings.to_string())]),
        calls: (0..40)
            .map(|number| bash(&format!("touch {number}")))
            .collect(),
        ..Setup::default()
    };
    let Some(played) = play(&setup)? else {
        return Ok(());
    };
    let refused: Vec<usize> = (0..40)
        .filter(|number| !played.verdicts[*number].passed())
        .collect();
    assert_eq!(
        refused,
        [3, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39],
        "{played:?}"
    );
    Ok(())
}

#[test]
fn a_claude_that_refuses_its_managed_settings_plays_nothing() -> Outcome {
    let setup = Setup {
        files: BTreeMap::from([(MANAGED_SETTINGS.into(), "no json".into())]),
        calls: vec![bash("ls")],
        ..Setup::default()
    };
    let Some(played) = play(&setup)? else {
        return Ok(());
    };
    assert_eq!(played.verdicts, [Verdict::NotPlayed]);
    assert_eq!(played.exit, Some(1), "{}", played.stderr);
    Ok(())
}

fn installed_nono() -> Result<Option<Nono>, Box<dyn Error>> {
    Ok(unless_skipped(cache::nono())?.map(Nono::new).transpose()?)
}

/// A profile that grants one folder and nothing else beyond nono's compulsory base.
fn profile(granted: &Utf8Path) -> String {
    json!({
        "meta": { "name": "oracle" },
        "groups": { "exclude": ["system_write_linux", "user_tools", "homebrew_linux", "homebrew_macos"] },
        "filesystem": { "allow": [granted] },
        "network": { "block": true },
        "workdir": { "access": "none" },
    })
    .to_string()
}

#[test]
fn nono_grants_what_a_profile_lists_and_refuses_the_rest() -> Outcome {
    let Some(nono) = installed_nono()? else {
        return Ok(());
    };
    let scratch = Scratch::new()?;
    let inside = scratch.file("granted/file", "inside")?;
    let outside = scratch.file("other/file", "outside")?;
    let granted = scratch.folder("granted")?;
    let profile = scratch.file("profile.json", &profile(&granted))?;

    assert!(nono.dry_run(&profile)?.status.success());
    assert!(nono.why_path(&profile, &inside, Access::Write)?.allowed);
    assert_eq!(
        nono.why_path(&profile, &outside, Access::Read)?.reason,
        "path_not_granted"
    );
    assert_eq!(
        nono.why_host(&profile, "example.com", 443)?.reason,
        "network_blocked"
    );
    assert_eq!(
        nono.run(&profile, &granted, &["cat", inside.as_str()])?
            .stdout,
        b"inside"
    );
    let refused = nono.run(&profile, &granted, &["cat", outside.as_str()])?;
    assert!(!refused.status.success() && refused.stdout.is_empty());
    Ok(())
}

#[test]
fn nono_refuses_a_profile_with_an_unknown_key() -> Outcome {
    let Some(nono) = installed_nono()? else {
        return Ok(());
    };
    let scratch = Scratch::new()?;
    let profile = scratch.file(
        "profile.json",
        r#"{ "meta": { "name": "oracle" }, "netwrok": {} }"#,
    )?;
    assert!(!nono.dry_run(&profile)?.status.success());
    Ok(())
}

#[test]
fn claude_inside_nono_is_held_by_both() -> Outcome {
    let Some(nono) = unless_skipped(cache::nono())? else {
        return Ok(());
    };
    let Some(claude) = unless_skipped(cache::claude())? else {
        return Ok(());
    };
    let program = claude.parent().unwrap_or(&claude);
    let profile = format!(
        r#"{{
            "meta": {{ "name": "oracle" }},
            "groups": {{ "exclude": ["system_write_linux", "user_tools", "homebrew_linux", "homebrew_macos"] }},
            "filesystem": {{
                "allow": ["{{project}}", "{{home}}/.claude", "{{base}}/tmp"],
                "allow_file": ["/dev/null"],
                "read": ["/etc/claude-code", "{program}"]
            }},
            "network": {{ "block": true, "open_port": [{{port}}] }},
            "workdir": {{ "access": "none" }}
        }}"#
    );
    let settings = json!({ "permissions": {
        "defaultMode": "dontAsk", "allow": ["Bash"], "deny": ["Bash(touch refused)"],
    } });
    let setup = Setup {
        files: BTreeMap::from([
            (MANAGED_SETTINGS.into(), settings.to_string()),
            ("{base}/profile.json".into(), profile),
            ("{base}/outside".into(), "out of reach".into()),
            ("{home}/.claude/settings.json".into(), "{}".into()),
        ]),
        calls: vec![
            bash("touch made"),
            bash("touch refused"),
            bash("cat {base}/outside"),
        ],
        environment: nono::QUIET
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        wrapper: nono::wrapper(&nono, Utf8Path::new("{base}/profile.json")).to_vec(),
        ..Setup::default()
    };
    let Some(played) = play(&setup)? else {
        return Ok(());
    };
    assert!(
        matches!(played.verdicts[0], Verdict::Allowed(_)),
        "{played:?}"
    );
    assert!(
        matches!(played.verdicts[1], Verdict::Refused(_)),
        "{played:?}"
    );
    // Claude Code lets the call through and the kernel stops it: it failed, it was not refused.
    assert!(
        matches!(&played.verdicts[2], Verdict::Failed(text) if text.contains("Permission denied")),
        "{played:?}"
    );
    Ok(())
}
