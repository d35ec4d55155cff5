//! Bundles as plain files at their real relative paths. `BLESS=1` rewrites them; every line of a
//! difference is read.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use similar::TextDiff;
use tappass_compiler::emit::{Recipe, build};
use tappass_compiler::load::{Loader, load};
use tappass_compiler::{bundle, compile, cover, select};
use tappass_ir::vocabulary::Platform;

type Outcome = Result<(), Box<dyn Error>>;
type Files = BTreeMap<String, Vec<u8>>;

struct Disk;

impl Loader for Disk {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

struct Memory(&'static str);

impl Loader for Memory {
    fn read(&self, _: &Utf8Path) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

fn files(
    roots: &[Utf8PathBuf],
    loader: &dyn Loader,
    policy: &str,
    runtime: &str,
) -> Result<Files, Box<dyn Error>> {
    let texts = load(roots, loader).map_err(|(path, detail)| format!("{path}: {detail}"))?;
    let compilation = compile(&texts, Platform::Linux);
    let errors: Vec<_> = compilation
        .diagnostics
        .iter()
        .filter(|it| it.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let program = &compilation.program;
    let policy =
        select::policy(&texts, program, Some(policy), None).map_err(|choice| choice.message)?;
    let recipe = Recipe::of(
        program,
        select::runtime(program, runtime).map_err(|choice| choice.message)?,
    );
    let built = build(program, policy, &recipe, Platform::Linux);
    let report = cover::coverage(program, policy, &recipe, Platform::Linux, &built);
    Ok(bundle::files(&built, &report)?)
}

/// Compares every file but the binary one, which `laws` ties to the JSON form.
fn compare(folder: &str, files: &Files) -> Outcome {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(folder);
    let bless = std::env::var_os("BLESS").is_some();
    if bless && folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut differences = Vec::new();
    for (path, content) in files
        .iter()
        .filter(|(path, _)| Utf8Path::new(path).extension() != Some("bin"))
    {
        let golden = folder.join(path);
        let wanted = std::str::from_utf8(content)?;
        if bless {
            fs::create_dir_all(golden.parent().ok_or("no folder")?)?;
            fs::write(&golden, wanted)?;
        }
        let held = fs::read_to_string(&golden).unwrap_or_default();
        if held != wanted {
            let diff = TextDiff::from_lines(held.as_str(), wanted);
            differences.push(
                diff.unified_diff()
                    .header(golden.as_str(), "built")
                    .to_string(),
            );
        }
    }
    let mut held = Vec::new();
    collect(&folder, &folder, &mut held)?;
    held.retain(|path| !files.contains_key(path));
    assert!(held.is_empty(), "nothing builds {held:?} in {folder}");
    assert!(
        differences.is_empty(),
        "BLESS=1 rewrites:\n{}",
        differences.join("\n")
    );
    Ok(())
}

fn collect(root: &Utf8Path, folder: &Utf8Path, found: &mut Vec<String>) -> Outcome {
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(root, entry.path(), found)?;
        } else {
            found.push(entry.path().strip_prefix(root)?.to_string());
        }
    }
    Ok(())
}

fn fintech(runtime: &str) -> Result<Files, Box<dyn Error>> {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/fintech");
    // Paths in the bundle's own files do not depend on where the example lies, so any spelling will do.
    files(
        &[folder.join("project/ledger.tappass")],
        &Disk,
        "ledger",
        runtime,
    )
}

#[test]
fn the_fintech_example_builds_what_was_read_and_agreed() -> Outcome {
    for runtime in [
        "claude-code-laptop",
        "claude-code-laptop-strict",
        "openai-direct-no-sandbox",
    ] {
        compare(&format!("examples/fintech/{runtime}"), &fintech(runtime)?)?;
    }
    Ok(())
}

#[test]
fn two_builds_give_the_same_bytes() -> Outcome {
    assert_eq!(
        fintech("claude-code-laptop")?,
        fintech("claude-code-laptop")?
    );
    Ok(())
}

/// One rule of everything, and the words that targets read differently.
const KITCHEN: &str = r#"
policy kitchen {
  network {
    allow connect ["api.example.com:443" "*.one.example" "**.many.example:443" "10.1.0.0/16:8080"]
    allow connect "docs.example.com:443" methods [GET HEAD]
    allow listen "127.0.0.1:3000"
    deny  connect ["evil.example" "**.evil.example:8443" "169.254.0.0/16"]
  }
  filesystem {
    allow read  ["$project/**" "/opt/data/file.txt" "/srv/*/logs/**"]
    allow write ["$project/src/**" "$tmp/**"]
    deny  read  ["**/.env*" "$project/secrets" "/srv/a(b)"]
    deny  write "$project/src/locked/**"
  }
  tools {
    allow tool [subagent "claude-code:Skill"]
    deny  tool [web-search notebook]
    allow exec ["git status **" "ls *"]
    ask   exec "git push **" by oncall within 10 min
    deny  exec "rm -rf **" because "recursive"
    allow mcp  ["github/get_*" "jira/*"] audit
    deny  mcp  ["*/delete_*" "git*/x"]
  }
  interpreter python { allow import json  limit time 5 s }
  budget { limit tokens 1_000 / day }
  compliance [soc2.cc6_1]
}

server github { url: "https://mcp.example.com/" }
server jira   { command: "jira-mcp --stdio" }
server unused { command: "unused-mcp" }

runtime claude-alone  { harness: claude-code }
runtime claude-nono   { harness: claude-code  kernel: nono  gateway: llm-gateway-anthropic at "https://gateway.example/v1" }
runtime claude-lock   { harness: claude-code  kernel: landlock  gateway: llm-gateway-anthropic }
runtime sdk-alone     { harness: sdk-direct }
runtime stranger      { harness: "my-agent"  kernel: landlock }
"#;

#[test]
fn providers_alone_and_in_company_emit_what_was_read_and_agreed() -> Outcome {
    let cases = [
        ("claude-code", "alone", "claude-alone"),
        ("nono", "around-claude-code", "claude-nono"),
        ("landlock", "around-claude-code", "claude-lock"),
        ("landlock", "around-an-unknown-agent", "stranger"),
        ("sdk-direct", "alone", "sdk-alone"),
    ];
    for (provider, case, runtime) in cases {
        let mut files = files(
            &["kitchen.tappass".into()],
            &Memory(KITCHEN),
            "kitchen",
            runtime,
        )?;
        // Beside the artifacts, the environment and what the host must check are worth reading.
        files.retain(|path, _| {
            path.starts_with("artifacts/") || path == "bundle.json" || path == "harness.json"
        });
        compare(&format!("{provider}/{case}"), &files)?;
    }
    Ok(())
}
