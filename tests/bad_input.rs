//! Input that nobody should send: one clear message, the right exit status, and nothing touched on disk.

use std::error::Error;
use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use tappass_tests::oracle::Scratch;

type Outcome = Result<(), Box<dyn Error>>;

/// The compiler's binary; cargo has it ready unless only this test is run.
fn compiler() -> Result<Utf8PathBuf, Box<dyn Error>> {
    let target = Utf8Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .ok_or("no target folder")?
        .to_owned();
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "tappass-compiler",
            "--target-dir",
            target.as_str(),
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .status()?;
    assert!(status.success(), "the compiler does not build");
    Ok(target.join("debug/tappassc"))
}

struct Ran {
    status: i32,
    text: String,
}

fn run(arguments: &[&str], folder: &Utf8Path) -> Result<Ran, Box<dyn Error>> {
    let output = Command::new(compiler()?)
        .args(arguments)
        .current_dir(folder)
        .output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok(Ran {
        status: output.status.code().ok_or("killed by a signal")?,
        text: String::from_utf8(text)?,
    })
}

/// Checks one file and expects a status and a piece of the message.
fn checked(content: &[u8], status: i32, message: &str) -> Outcome {
    let scratch = Scratch::new()?;
    let path = scratch.path().join("p.tappass");
    fs::write(&path, content)?;
    let ran = run(&["check", "p.tappass"], scratch.path())?;
    assert_eq!(ran.status, status, "{}", ran.text);
    assert!(ran.text.contains(message), "{}", ran.text);
    assert!(
        ran.text.len() < 2_000,
        "{} bytes of message",
        ran.text.len()
    );
    Ok(())
}

#[test]
fn an_empty_file_is_fine_and_holds_no_policy() -> Outcome {
    checked(b"", 0, "0 policies, 0 errors")
}

#[test]
fn a_text_that_is_not_utf_8_is_refused_with_its_line() -> Outcome {
    checked(
        b"policy p {\n  # caf\xe9\n}\n",
        3,
        "p.tappass is not UTF-8: line 2",
    )
}

#[test]
fn a_huge_file_is_refused_unread() -> Outcome {
    checked(
        &vec![b' '; 100 * 1024 * 1024],
        3,
        "p.tappass has 100 MiB, and a policy file has at most 16",
    )
}

#[test]
fn blocks_without_end_are_one_error() -> Outcome {
    let nested = format!("policy p {}", "{ ".repeat(200_000));
    checked(nested.as_bytes(), 1, "nesting-too-deep")?;
    checked("[".repeat(200_000).as_bytes(), 1, "nesting-too-deep")
}

#[test]
fn a_circle_of_imports_shows_the_way_round() -> Outcome {
    let scratch = Scratch::new()?;
    scratch.file("a.tappass", "import \"b.tappass\"\n")?;
    scratch.file("b.tappass", "import \"a.tappass\"\n")?;
    let ran = run(&["check", "a.tappass"], scratch.path())?;
    assert_eq!(ran.status, 1, "{}", ran.text);
    assert!(
        ran.text
            .contains("`a.tappass` -> `b.tappass` -> `a.tappass`"),
        "{}",
        ran.text
    );
    Ok(())
}

#[test]
fn a_missing_import_is_reported_where_it_stands() -> Outcome {
    checked(b"import \"gone.tappass\"\n", 1, "gone.tappass")
}

#[test]
fn an_unknown_runtime_names_the_nearest() -> Outcome {
    let scratch = Scratch::new()?;
    scratch.file("p.tappass", "policy p { network { } }\n")?;
    let ran = run(
        &["build", "--runtime", "claude-code-laptob"],
        scratch.path(),
    )?;
    assert_eq!(ran.status, 2, "{}", ran.text);
    assert!(
        ran.text.contains("did you mean `claude-code-laptop`?"),
        "{}",
        ran.text
    );
    assert!(!scratch.path().join("tappass-out").exists());
    Ok(())
}

#[test]
fn an_output_folder_that_cannot_be_written_leaves_everything_as_it_was() -> Outcome {
    let scratch = Scratch::new()?;
    scratch.file("p.tappass", "policy p { network { } }\n")?;
    let taken = scratch.file("taken", "a file, not a folder")?;
    let ran = run(
        &["build", "--runtime", "claude-code-laptop", "-o", "taken"],
        scratch.path(),
    )?;
    assert_eq!(ran.status, 3, "{}", ran.text);
    assert!(ran.text.contains("Not a directory"), "{}", ran.text);
    assert_eq!(fs::read_to_string(taken)?, "a file, not a folder");
    Ok(())
}

#[test]
fn a_folder_of_somebody_elses_is_not_replaced() -> Outcome {
    let scratch = Scratch::new()?;
    scratch.file("p.tappass", "policy p { network { } }\n")?;
    let theirs = scratch.file("tappass-out/claude-code-laptop/thesis.txt", "years of work")?;
    let ran = run(
        &["build", "--runtime", "claude-code-laptop"],
        scratch.path(),
    )?;
    assert_eq!(ran.status, 3, "{}", ran.text);
    assert_eq!(fs::read_to_string(theirs)?, "years of work");
    Ok(())
}

#[test]
fn check_tells_an_up_to_date_folder_from_a_changed_one() -> Outcome {
    let scratch = Scratch::new()?;
    scratch.file("p.tappass", "policy p { network { } }\n")?;
    let build = ["build", "--runtime", "claude-code-laptop"];
    assert_eq!(run(&build, scratch.path())?.status, 0);
    let check = [&build[..], &["--check"]].concat();
    assert_eq!(run(&check, scratch.path())?.status, 0);
    let manifest = scratch
        .path()
        .join("tappass-out/claude-code-laptop/bundle.json");
    fs::write(
        &manifest,
        fs::read_to_string(&manifest)?.replace("\"linux\"", "\"lunix\""),
    )?;
    let ran = run(&check, scratch.path())?;
    assert_eq!(ran.status, 1, "{}", ran.text);
    assert!(ran.text.contains("lunix"), "{}", ran.text);
    assert_eq!(
        run(&[&build[..], &["--deny-gaps"]].concat(), scratch.path())?.status,
        1
    );
    Ok(())
}
