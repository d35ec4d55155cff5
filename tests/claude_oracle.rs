//! The real Claude Code under the emitted managed settings and the real hook, against the model.
//!
//! Each case is a tool call with the requests that it stands for. What should happen is asked of the
//! model of the emitted files, never written down here, so that a disagreement is between the tool and
//! the model; the message names the call and what decided.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Value, json};
use tappass_compiler::emit::{Built, Recipe, build};
use tappass_compiler::load::{Loader, load};
use tappass_compiler::{bundle, compile, cover, request, select, testing};
use tappass_ir::vocabulary::{Channel, Effect, Platform, Verb};
use tappass_tests::oracle::claude::{self, Played, Setup, Verdict};
use tappass_tests::oracle::model_endpoint::ToolCall;
use tappass_tests::oracle::{Scratch, cache, nono, unless_skipped};

type Outcome = Result<(), Box<dyn Error>>;

/// A bundle by the paths of its files.
type Files = BTreeMap<String, Vec<u8>>;

const POLICY: &str = r#"
policy oracle {
  network {
    allow connect "docs.example.com:443"
    deny  connect "evil.example.com"
  }

  filesystem {
    allow read  ["$project/**" "$tmp/**"]
    allow write ["$project/src/**" "$project/out/**" "$tmp/**"]
    deny  read  ["**/.env*" "$project/secrets"]
    deny  write "$project/src/locked"
  }

  tools {
    allow tool subagent
    allow exec ["git status **" "git log **" "seq **" "echo **" "head **" "ls **" "true"]
    allow exec ["rm **" "git **" "env **" "cat **" "sudo **"]
    ask   exec "git commit **"
    deny  exec ["rm -rf **" "git push **" "seq 13"]
    allow mcp  "t/ping"
    deny  mcp  "*/danger"
  }

  interpreter python { }
}

server t { command: "MCP_SERVER ping danger" }

runtime alone {
  harness: claude-code
  gateway: llm-gateway-anthropic at "GATEWAY"
}

runtime inside-nono {
  harness: claude-code
  kernel:  nono
  gateway: llm-gateway-anthropic at "GATEWAY"
}
"#;

/// A call, and the requests that it stands for.
struct Case {
    call: ToolCall,
    requests: Vec<(Channel, Verb, String)>,
}

fn exec(line: &str) -> Case {
    let call = ToolCall::new("Bash", json!({ "command": line }));
    Case {
        call,
        requests: vec![
            (Channel::Tool, Verb::Tool, "shell".into()),
            (Channel::Shell, Verb::Exec, line.into()),
        ],
    }
}

fn file(tool: &str, verb: Verb, path: &str, input: Value) -> Case {
    let kind = if verb == Verb::Read {
        "read-file"
    } else {
        "edit-file"
    };
    let requests = vec![
        (Channel::Tool, Verb::Tool, kind.into()),
        (Channel::Tool, verb, path.replace("{project}", "$project")),
    ];
    Case {
        call: ToolCall::new(tool, input),
        requests,
    }
}

fn read(path: &str) -> Case {
    file("Read", Verb::Read, path, json!({ "file_path": path }))
}

fn write(path: &str) -> Case {
    file(
        "Write",
        Verb::Write,
        path,
        json!({ "file_path": path, "content": "x" }),
    )
}

fn fetch(host: &str) -> Case {
    let input = json!({ "url": format!("https://{host}/"), "prompt": "x" });
    let requests = vec![
        (Channel::Tool, Verb::Tool, "web-fetch".into()),
        (Channel::Tool, Verb::Connect, format!("{host}:443")),
    ];
    Case {
        call: ToolCall::new("WebFetch", input),
        requests,
    }
}

fn mcp(tool: &str) -> Case {
    Case {
        call: ToolCall::new(&format!("mcp__t__{tool}"), json!({})),
        requests: vec![(Channel::Mcp, Verb::Mcp, format!("t/{tool}"))],
    }
}

fn named(tool: &str, kind: &str, input: Value) -> Case {
    Case {
        call: ToolCall::new(tool, input),
        requests: vec![(Channel::Tool, Verb::Tool, kind.into())],
    }
}

/// The policy's boundaries: each rule, its nearest neighbour outside, and the spellings that get past
/// permission rules.
fn cases() -> Vec<Case> {
    let commands = [
        "git status",
        "git status -s",
        "git log --oneline",
        "seq 3",
        "seq 13",
        "seq 6 && seq 7",
        "seq 6 && whoami",
        "timeout 5 seq 9",
        "'seq' 5",
        "seq  10",
        "/usr/bin/seq 2",
        "FOO=1 seq 2",
        "X=seq; $X 3",
        "seq $(whoami)",
        "seq 3 | tee out/x",
        "echo hi > out/echoed",
        "echo hi > refused",
        "echo hi > .env",
        "echo hi > src/locked",
        "python3 -c 'print(1)'",
        "whoami",
        "bash -c 'whoami'",
        "eval 'seq 3'",
        "rm -rf gone",
        "rm -r -f gone",
        "rm -fr gone",
        "rm --recursive --force gone",
        "rm gone -rf",
        "env rm -rf gone",
        "sudo rm -rf gone",
        "git push origin main",
        "git -C . push origin",
        "git commit -m x",
        "git status; git push",
        "echo $(git push)",
        "head -1 < secrets/key",
        "true",
        "# nothing",
    ];
    let mut cases: Vec<Case> = commands.iter().map(|line| exec(line)).collect();
    cases.extend([
        read("{project}/src/a.txt"),
        read("{project}/.env"),
        read("{project}/sub/.env.local"),
        read("{project}/secrets/key"),
        read("/etc/hostname"),
        write("{project}/src/new.txt"),
        write("{project}/out/new.txt"),
        write("{project}/new.txt"),
        write("{project}/src/locked/new.txt"),
        write("/var/tmp/tappass-oracle-outside"),
        fetch("evil.example.com"),
        fetch("sub.docs.example.com"),
        mcp("ping"),
        mcp("danger"),
        named(
            "Agent",
            "subagent",
            json!({ "description": "d", "prompt": "say nothing" }),
        ),
        named("WebSearch", "web-search", json!({ "query": "x" })),
        named(
            "Skill",
            "other",
            json!({ "skill": "any", "args": "@/etc/hostname" }),
        ),
        named("CronList", "other", json!({})),
    ]);
    cases
}

struct Memory(String);

impl Loader for Memory {
    fn read(&self, _: &Utf8Path) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

/// The bundle of one runtime: what was built, and its files.
fn built(runtime: &str) -> Result<(Built, Files), Box<dyn Error>> {
    let server = env!("CARGO_BIN_EXE_stdio-mcp");
    // The gateway is the endpoint of the run, whose address only the run knows.
    let text = POLICY
        .replace("MCP_SERVER", server)
        .replace("GATEWAY", "http://gateway.example");
    let loaded = load(&["oracle.tappass".into()], &Memory(text))
        .map_err(|(path, detail)| format!("{path}: {detail}"))?;
    let compilation = compile(&loaded, Platform::Linux);
    let errors: Vec<_> = compilation
        .diagnostics
        .iter()
        .filter(|it| it.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let program = &compilation.program;
    let policy =
        select::policy(&loaded, program, Some("oracle"), None).map_err(|choice| choice.message)?;
    let runtime = select::runtime(program, runtime).map_err(|choice| choice.message)?;
    let recipe = Recipe::of(program, runtime);
    let built = build(program, policy, &recipe, Platform::Linux);
    let report = cover::coverage(program, policy, &recipe, Platform::Linux, &built);
    let files = bundle::files(&built, &report)?;
    Ok((built, files))
}

/// Builds the hook that the settings name; cargo has it ready unless only this test is run.
fn hook() -> Result<Utf8PathBuf, Box<dyn Error>> {
    let target = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .ok_or("no target folder")?
        .to_owned();
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "tappass-host",
            "--bin",
            "tappass-agent",
            "--target-dir",
            target.as_str(),
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()?;
    assert!(status.success(), "the hook does not build");
    Ok(target.join("debug/tappass-agent"))
}

/// An emitted file with the placeholders that the host would bind.
fn bound(files: &Files, path: &str, hook: &Utf8Path) -> Result<String, Box<dyn Error>> {
    let content = String::from_utf8(
        files
            .get(path)
            .ok_or(format!("{path} is not in the bundle"))?
            .clone(),
    )?;
    Ok(content
        .replace("{hook}", hook.as_str())
        .replace("{keyring}", "{base}/keyring")
        .replace("http://gateway.example", "{url}")
        .replace("{tmp}", "{base}/tmp"))
}

fn setup(files: &Files, hook: &Utf8Path, keyring: &Scratch) -> Result<Setup, Box<dyn Error>> {
    for name in ["compiled-policy.bin", "harness.json"] {
        std::fs::write(
            keyring.path().join(name),
            files.get(name).ok_or("an incomplete bundle")?,
        )?;
    }
    let settings = "artifacts/harness/claude-code/managed-settings.d/50-tappass.json";
    let servers = "artifacts/harness/claude-code/managed-mcp.json";
    let binding = json!({ "project": "{project}", "home": "{home}", "tmp": "{base}/tmp" });
    // The keyring is binary, so it is copied into place before Claude starts.
    let copy = format!("cp {}/* {{base}}/keyring/ && exec \"$@\"", keyring.path());
    Ok(Setup {
        files: BTreeMap::from([
            (
                "{managed}/managed-settings.d/50-tappass.json".into(),
                bound(files, settings, hook)?,
            ),
            (
                "{managed}/managed-mcp.json".into(),
                bound(files, servers, hook)?,
            ),
            ("{base}/keyring/binding.json".into(), binding.to_string()),
            ("{base}/tmp/.keep".into(), String::new()),
            ("{home}/.claude/settings.json".into(), "{}".into()),
            ("{project}/src/a.txt".into(), "alpha".into()),
            ("{project}/out/.keep".into(), String::new()),
            ("{project}/.env".into(), "SECRET=1".into()),
            ("{project}/sub/.env.local".into(), "SECRET=2".into()),
            ("{project}/secrets/key".into(), "k".into()),
        ]),
        wrapper: ["sh", "-c", &copy, "sh"].map(str::to_owned).to_vec(),
        ..Setup::default()
    })
}

fn expected(built: &Built, case: &Case) -> Effect {
    let answers = case.requests.iter().map(|(channel, verb, value)| {
        let action = request::action(*verb, "python", value, None);
        action.map_or(Effect::Deny, |action| {
            testing::answer(&built.policy, &built.stack, &action, *channel)
        })
    });
    answers.max().unwrap_or(Effect::Deny)
}

/// A session that is refused some dozens of calls is ended by Claude Code, so the cases are dealt out.
const CALLS_PER_RUN: usize = 8;

/// Plays every case and fails with all disagreements at once.
fn play_all(claude: &Utf8Path, setup: &Setup, built: &Built, cases: &[Case]) -> Outcome {
    let mut found = Vec::new();
    for some in cases.chunks(CALLS_PER_RUN) {
        let setup = Setup {
            calls: some.iter().map(|case| case.call.clone()).collect(),
            ..setup.clone()
        };
        let played = claude::play(claude, &setup)?;
        found.extend(disagreements(built, some, &played));
        if played.verdicts.contains(&Verdict::NotPlayed) {
            found.push(format!(
                "the run ended with {:?}: {}",
                played.exit, played.stderr
            ));
            break;
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// Every call for which tool and model disagree.
fn disagreements(built: &Built, cases: &[Case], played: &Played) -> Vec<String> {
    let pairs = cases.iter().zip(&played.verdicts);
    pairs
        .filter_map(|(case, verdict)| {
            let wanted = expected(built, case);
            let agrees = match verdict {
                Verdict::NotPlayed => false,
                Verdict::Allowed(text)
                | Verdict::Failed(text)
                | Verdict::Refused(text)
                | Verdict::Absent(text) => {
                    // After a subagent ran, Claude Code's list of refusals is that of its last turn only.
                    let by_hook = text.contains("hook error: denied by the policy")
                        || text.starts_with("a person has to approve");
                    (verdict.passed() && !by_hook) == (wanted == Effect::Allow)
                }
            };
            (!agrees).then(|| {
                format!(
                    "{:?}: the model says {wanted}, the tool {verdict:?}",
                    case.requests
                )
            })
        })
        .collect()
}

#[test]
fn claude_obeys_the_emitted_settings_at_the_policys_boundaries() -> Outcome {
    let Some(claude) =
        unless_skipped(claude::can_mount_managed_files().and_then(|()| cache::claude()))?
    else {
        return Ok(());
    };
    let (built, files) = built("alone")?;
    let cases = cases();
    assert!(cases.len() >= 40);
    let keyring = Scratch::new()?;
    let mut setup = setup(&files, &hook()?, &keyring)?;
    // Its own sandbox needs programs that a test machine may lack; that ring is judged by its own cases.
    for content in setup.files.values_mut() {
        *content = without_sandbox(content);
    }
    play_all(&claude, &setup, &built, &cases)
}

fn without_sandbox(content: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(content) else {
        return content.to_owned();
    };
    if let Some(enabled) = value.pointer_mut("/sandbox/enabled") {
        *enabled = Value::Bool(false);
    }
    value.to_string()
}

#[test]
fn claude_obeys_the_same_policy_inside_the_emitted_nono_profile() -> Outcome {
    let Some(claude) =
        unless_skipped(claude::can_mount_managed_files().and_then(|()| cache::claude()))?
    else {
        return Ok(());
    };
    let Some(nono) = unless_skipped(cache::nono())? else {
        return Ok(());
    };
    let (built, files) = built("inside-nono")?;
    let cases = cases();
    let keyring = Scratch::new()?;
    let hook = hook()?;
    let mut setup = setup(&files, &hook, &keyring)?;
    let mut profile: Value =
        serde_json::from_str(&bound(&files, "artifacts/kernel/nono/profile.json", &hook)?)?;
    // What the host's own layout would hold under granted paths lies elsewhere in a test, and the endpoint
    // is on loopback, which only an open port reaches.
    let program = claude.parent().unwrap_or(&claude).to_string();
    let beside = [
        program.as_str(),
        hook.parent().map_or("", Utf8Path::as_str),
        "{base}/keyring",
        env!("CARGO_BIN_EXE_stdio-mcp"),
    ];
    if let Some(read) = profile
        .pointer_mut("/filesystem/read")
        .and_then(Value::as_array_mut)
    {
        read.extend(beside.map(Value::from));
    }
    // The key of the scripted endpoint, which a machine's own gateway would not need.
    if let Some(variables) = profile
        .pointer_mut("/environment/allow_vars")
        .and_then(Value::as_array_mut)
    {
        variables.extend(["ANTHROPIC_API_KEY", "ENABLE_TOOL_SEARCH"].map(Value::from));
    }
    profile["network"] = json!({ "block": true, "open_port": ["{port}"] });
    let profile = profile.to_string().replace("\"{port}\"", "{port}");
    setup.files.insert("{base}/profile.json".into(), profile);
    setup
        .wrapper
        .extend(nono::wrapper(&nono, Utf8Path::new("{base}/profile.json")));
    setup
        .environment
        .extend(nono::QUIET.map(|(name, value)| (name.into(), value.into())));
    play_all(&claude, &setup, &built, &cases)
}
