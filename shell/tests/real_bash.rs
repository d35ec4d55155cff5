//! Generated lines run by the real bash, against the analysis.
//!
//! Every program is a shim that logs its own argv, found through a `PATH` that holds nothing else. Each
//! argv that was run must be in the analysis of the line, unless the line was refused. `SHELL_CASES` sets
//! how many lines are tried.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tappass_ir::request::exec::{Analysis, Word};
use tappass_shell::analyse;

const PROGRAMS: &[&str] = &["rm", "git", "ls", "cat", "curl"];

#[test]
fn every_program_that_bash_runs_is_in_the_analysis() {
    let bash = Path::new("/bin/bash");
    if !bash.exists() {
        println!("skipped: there is no /bin/bash on this machine");
        return;
    }
    let cases = std::env::var("SHELL_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(300);
    let shims = Shims::new().expect("a directory of shims");
    let mut runner = TestRunner::deterministic();
    let lines = script();
    let (mut proven, mut run) = (0_usize, 0_usize);
    for case in 0..cases {
        let line = lines.new_tree(&mut runner).expect("a line").current();
        let Analysis::Commands(commands) = analyse(&line, "$project").analysis else {
            continue;
        };
        proven += 1;
        for argv in shims.run(bash, case, &line).expect("a run of bash") {
            run += 1;
            let found = commands.iter().any(|command| matches(&command.argv, &argv));
            assert!(
                found,
                "bash ran {argv:?}, which is not in the analysis of\n{line}\n{:?}",
                commands
                    .iter()
                    .map(|command| &command.argv)
                    .collect::<Vec<_>>()
            );
        }
    }
    println!("{proven} of {cases} lines proven, {run} programs run");
    assert!(
        proven * 4 > cases,
        "only {proven} of {cases} lines were proven, so little was compared"
    );
    assert!(run * 2 > cases, "only {run} programs ran in {cases} lines");
}

/// Whether an argv that ran is one of those that `words` stand for.
fn matches(words: &[Word], argv: &[String]) -> bool {
    match (words.split_first(), argv.split_first()) {
        (None, None) => true,
        (Some((Word::ManyUnknown, words)), rest) => {
            matches(words, argv) || rest.is_some_and(|(_, _)| matches_many(words, argv))
        }
        (Some((Word::OneUnknown, words)), Some((_, argv))) => matches(words, argv),
        (Some((Word::Literal(word), words)), Some((first, argv))) => {
            word == first && matches(words, argv)
        }
        (None, Some(_)) | (Some((Word::OneUnknown | Word::Literal(_), _)), None) => false,
    }
}

fn matches_many(words: &[Word], argv: &[String]) -> bool {
    (1..=argv.len()).any(|taken| argv.get(taken..).is_some_and(|rest| matches(words, rest)))
}

/// A directory that is both the whole `PATH` and, below it, the working directory.
struct Shims {
    directory: PathBuf,
}

impl Shims {
    fn new() -> io::Result<Self> {
        let directory = std::env::temp_dir().join(format!("tappass-shell-{}", std::process::id()));
        let bin = directory.join("bin");
        fs::create_dir_all(&bin)?;
        for program in PROGRAMS {
            let path = bin.join(program);
            // One write a record, since shims of a pipeline log at the same time.
            let shim = "#!/bin/bash\nprintf -v record '%s\\x1f' \"${0##*/}\" \"$@\"\nprintf '%s\\x1e' \"$record\" >> \"$SHIM_LOG\"\n";
            fs::write(&path, shim)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        std::os::unix::fs::symlink("/bin/bash", bin.join("bash"))?;
        Ok(Self { directory })
    }

    /// Runs `line` and returns the argv of every shim that it started.
    fn run(&self, bash: &Path, case: usize, line: &str) -> io::Result<Vec<Vec<String>>> {
        // A child in the background may outlive its line, so each line has a directory and a log of its own.
        let work = self.directory.join(case.to_string());
        fs::create_dir_all(work.join("sub"))?;
        let log = work.with_extension("log");
        fs::write(&log, "")?;
        // The pipe closes when the last child has ended, those in the background included.
        Command::new(bash)
            .args(["--norc", "--noprofile", "-c", line])
            .current_dir(&work)
            .env_clear()
            .env("PATH", self.directory.join("bin"))
            .env("HOME", &work)
            .env("SHIM_LOG", &log)
            .stdin(Stdio::null())
            .output()?;
        let log = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let records = log
            .split_terminator('\u{1e}')
            .map(|record| {
                record
                    .split_terminator('\u{1f}')
                    .map(str::to_owned)
                    .collect()
            })
            .collect();
        Ok(records)
    }
}

impl Drop for Shims {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn pick(choices: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(choices)
        .prop_map(str::to_owned)
        .boxed()
}

fn name() -> BoxedStrategy<String> {
    pick(&[
        "rm",
        "rm",
        "git",
        "ls",
        "cat",
        "curl",
        "'rm'",
        "r\"m\"",
        "\\rm",
        "$'r\\x6d'",
        "\"g\"'it'",
        "r\\\nm",
        "command rm",
        "exec ls",
        "$X",
        "bin/../rm",
    ])
}

fn plain_word() -> BoxedStrategy<String> {
    pick(&[
        "a",
        "-rf",
        "'b c'",
        "\"d\"",
        "\\e",
        "$'f\\tg'",
        "\"$X\"",
        "$X",
        "*.q",
        "{p,q}",
        "{1..3}",
        "$((1+2))",
        "~",
        "~/x",
        "''",
        "a=b",
        "--",
        "{}",
        "\"a\\\"b\"",
        "'a\"b'",
        "\"a'b\"",
        "a#b",
        "\\#",
        "\"\\a\"",
        "$#",
        "\"$@\"",
        "\"${X:-z}\"",
        "${#X}",
        "x\\ y",
        "HEAD~1",
        "a@{0}",
        "[",
        "\\$X",
        "'$(rm z)'",
        "\"*\"",
        "$",
        "\"$\"",
        "a\\\nb",
        "%",
        "+x",
        "!",
        "=",
        "a,b",
        "k:v",
        "\u{e9}",
    ])
}

fn word(command: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let inside = (prop::sample::select(WORD_FRAMES), command)
        .prop_map(|(frame, command)| frame.replace('@', &command));
    prop_oneof![8 => plain_word(), 2 => inside].boxed()
}

const WORD_FRAMES: &[&str] = &[
    "$(@)",
    "\"$(@)\"",
    "`@`",
    "\"a`@`b\"",
    "<(@)",
    "${Y:-$(@)}",
    "\"${Y:-$(@)}\"",
    "x$(@)y",
    "\"$(echo \"$(@)\")\"",
    "$( (@) )",
    "$(@ # it's\n)",
];

const STATEMENT_FRAMES: &[&str] = &[
    "@; %",
    "@ && %",
    "@ || %",
    "@ | %",
    "@ |& %",
    "@ & %",
    "@\n%",
    "{ @; %; }",
    "(@; %)",
    "( (@) )",
    "((@) )",
    "if @; then %; else @; fi",
    "for i in 1 2; do @; done; %",
    "while @; % && false; do :; done",
    "until @; do %; break; done",
    "case a in a) @;; *) %;; esac",
    "f() { @; }; f; %",
    "! @",
    "time @",
    "{ @; } > out",
    "(@) 2>&1 | %",
    "bash -c '@'",
    "bash -c \"@\"",
    "eval '@'",
    "cat <<E\n$(@)\nE\n%",
    "cat <<'E'\n$(@)\nE\n%",
    "cat <<-E | %\n\t`@`\n\tE",
    "cat <<E && %\nx\nE\n@",
    "Z=$(@); %",
    "Z=1 Q=\"$(@)\" %",
    "[[ -n $(@) ]] && %",
    "[ -z \"$(@)\" ] && %",
    "((1)); @",
    "# @\n%",
    "@ # %",
    "echo \"$(@)\" \"`%`\"",
    "cat < <(@)",
    "cat <<< \"$(@)\"",
    "export V=\"$(@)\"; %",
    "A=(x $(@)); %",
    "coproc @; wait; %",
    "select i in a; do @; done",
    "echo ${X@P}; @",
    "cd sub && @; %",
    "function g { @; }\ng %",
    "for ((i=0;i<2;i++)); do @; done",
    "if [[ a == b || -n x ]]; then @; fi; %",
    "@ <<A; %\n$(ls)\nA\n",
    "echo '@'; %",
    "$(@) %",
    "@ 2>/dev/null >out",
    ">out @",
    "echo $((1 + $(@)))",
    "case x in (x) @ ;& y) %;; esac",
    "{ @\n}\n%",
    "x='$(@)'; %",
    "x='a[$(@)]'; echo $((x))",
    "set -- a; @",
    "X='rm z'; @; %",
    "[[ a =~ a ]] && @",
    "@ \\\n&& %",
    "true;@",
    "@ >&2 | %",
];

fn simple(command: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let redirect = pick(&[
        "",
        "",
        "",
        "",
        " >out",
        " 2>&1",
        " >>out",
        " <<<a",
        " 2>/dev/null",
        " &>out",
        " >|out",
        " 2>&-",
    ]);
    (name(), prop::collection::vec(word(command), 0..4), redirect)
        .prop_map(|(name, words, redirect)| format!("{} {}{redirect}", name, words.join(" ")))
        .boxed()
}

fn script() -> BoxedStrategy<String> {
    let leaf = simple(pick(&["rm z", "git push", "ls"]));
    leaf.prop_recursive(3, 12, 2, |inner| {
        let framed = (
            prop::sample::select(STATEMENT_FRAMES),
            inner.clone(),
            inner.clone(),
        )
            .prop_map(|(frame, first, second)| frame.replace('@', &first).replace('%', &second));
        prop_oneof![1 => simple(inner.boxed()), 3 => framed]
    })
    .boxed()
}
