//! What lines become: their commands, who judges them, what they touch, and why some are refused.

use tappass_ir::request::exec::{Analysis, Command, Judged, Word};
use tappass_ir::vocabulary::Verb;
use tappass_shell::analyse;

#[track_caller]
#[expect(clippy::panic, reason = "a refusal is the failure of the calling test")]
fn commands(line: &str) -> Vec<Command> {
    match analyse(line, "$project").analysis {
        Analysis::Commands(commands) => commands,
        Analysis::Refused(refusal) => panic!("{line}\n{refusal:?}"),
    }
}

fn shown(argv: &[Word]) -> String {
    let words = argv.iter().map(|word| match word {
        Word::Literal(text) => text.as_str(),
        Word::OneUnknown => "<1>",
        Word::ManyUnknown => "<*>",
    });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn judged(line: &str, judged: Judged) -> Vec<String> {
    commands(line)
        .iter()
        .filter(|command| command.judged == judged)
        .map(|command| shown(&command.argv))
        .collect()
}

/// `write $project/x` and so on, in the order of the commands.
#[track_caller]
fn accesses(line: &str) -> Vec<String> {
    commands(line)
        .iter()
        .flat_map(|command| &command.accesses)
        .map(|access| format!("{} {}", access.verb, access.target))
        .collect()
}

fn reason(line: &str) -> Option<String> {
    match analyse(line, "$project").analysis {
        Analysis::Commands(_) => None,
        Analysis::Refused(refusal) => Some(refusal.reason),
    }
}

#[test]
fn every_simple_command_of_a_line_is_listed() {
    for (line, expected) in [
        ("", vec![]),
        ("# nothing", vec![]),
        ("x=1", vec![]),
        (
            "a; b & c && d || e | f |& g\nh",
            vec!["a", "b", "c", "d", "e", "f", "g", "h"],
        ),
        ("{ a; b; } | (c; d)", vec!["a", "b", "c", "d"]),
        (
            "if a; then b; elif c; then d; else e; fi",
            vec!["a", "b", "c", "d", "e"],
        ),
        (
            "while a; do b; done; until c; do d; done",
            vec!["a", "b", "c", "d"],
        ),
        ("for i in $(a); do b $i; done", vec!["a", "b <*>"]),
        ("case $(a) in x) b;; *) c;; esac", vec!["a", "b", "c"]),
        ("f() { a; }; f", vec!["a", "f"]),
        ("! a; time b", vec!["a", "b"]),
        ("a \"$(b `c`)\"", vec!["c", "b <*>", "a <1>"]),
        ("a <(b) >(c)", vec!["b", "c", "a <1> <1>"]),
        ("x=$(a) b=(c `d`) e", vec!["a", "d", "<1> <1> e"]),
        ("a <<E\n$(b) \\$(c)\nE\n", vec!["b", "a"]),
        ("a <<'E'\n$(b)\nE\n", vec!["a"]),
        ("a <<< \"$(b)\"", vec!["b", "a"]),
        ("[[ -n $(a) ]] && b", vec!["a", "b"]),
        ("a ${x:-$(b)} \"${y//$(c)/d}\"", vec!["b", "c", "a <*> <1>"]),
        ("FOO=1 BAR=$x a", vec!["FOO=1 <1> a"]),
        ("a \\\n  b", vec!["a b"]),
    ] {
        assert_eq!(judged(line, Judged::ByAll), expected, "{line}");
    }
}

#[test]
fn words_are_what_the_program_is_passed() {
    for (line, expected) in [
        ("a 'b c' \"d\" \\e $'f\\tg' h\"i\"'j'", "a b c d e f\tg hij"),
        ("a $x \"$x\" b$x \"b$x\"", "a <*> <1> <*> <1>"),
        ("a *.rs {b,c} [d]e f?", "a <*> <*> <*> <*>"),
        ("a ~ ~/b ~c", "a <1> <1> <1>"),
        ("a \"$@\" \"$*\" $# ${#b}", "a <*> <1> <1> <1>"),
        ("a {} c@{1} [", "a {} c@{1} ["),
    ] {
        assert_eq!(judged(line, Judged::ByAll), [expected], "{line}");
    }
}

#[test]
fn transparent_wrappers_vanish() {
    for line in [
        "timeout 5 a b",
        "nice -n 5 a b",
        "nohup a b",
        "stdbuf -oL a b",
        "time -p a b",
        "nohup timeout -k 1 5s nice a b",
    ] {
        assert_eq!(judged(line, Judged::ByAll), ["a b"], "{line}");
        assert_eq!(
            judged(line, Judged::ByAskAndDeny),
            Vec::<String>::new(),
            "{line}"
        );
    }
    assert_eq!(
        judged("timeout --odd 5 a b", Judged::ByAll),
        ["timeout --odd 5 a b"]
    );
}

#[test]
fn inner_commands_are_judged_by_ask_and_deny_alone() {
    for (line, inner) in [
        ("/bin/a b", vec!["a b"]),
        ("X=1 a b", vec!["a b"]),
        ("env X=1 a b", vec!["a b"]),
        ("sudo -u x a b", vec!["a b"]),
        ("xargs -n 1 a b", vec!["a b <*>"]),
        ("xargs -I% a %x", vec!["a <1>"]),
        ("find . -exec a {} ; -ok b + ", vec![]),
        ("find . -exec a {} \\; -ok b {} +", vec!["a <*>", "b <*>"]),
        ("sh -c 'a; b | c'", vec!["a", "b", "c"]),
        (
            "bash -c 'sudo sh -c \"a b\"'",
            vec!["sudo sh -c a b", "sh -c a b", "a b"],
        ),
        ("command a b", vec!["a b"]),
        ("command -v a", vec![]),
        ("exec a b", vec!["a b"]),
        ("git -c alias.x='!a b' x", vec!["a b"]),
        ("git -c alias.x='push -f' x o", vec!["git push -f o"]),
        ("setsid a b", vec!["a b", "b"]),
    ] {
        if line.ends_with("+ ") {
            continue;
        }
        assert_eq!(judged(line, Judged::ByAskAndDeny), inner, "{line}");
    }
}

#[test]
fn redirections_and_modelled_operands_are_accesses() {
    for (line, expected) in [
        ("a > x", vec!["write $project/x"]),
        ("a >> /t/x 2> y", vec!["write $project/y", "write /t/x"]),
        ("a < x", vec!["read $project/x"]),
        ("a >| x", vec!["write $project/x"]),
        ("a &> x", vec!["write $project/x"]),
        ("a >& x", vec!["write $project/x"]),
        ("a 2>&1 >/dev/null </dev/stdin 2>&- 2>/dev/stderr", vec![]),
        ("a > ~/x", vec!["write $home/x"]),
        ("a > 'x y'", vec!["write $project/x y"]),
        ("a > ./b/../x", vec!["write $project/x"]),
        ("{ a; b; } > x", vec!["write $project/x"]),
        ("a > >(b)", vec![]),
        (
            "rm -rf x /y ~/z \"$v\" -- -w",
            vec![
                "write $home/z",
                "write $project/-w",
                "write $project/x",
                "write /y",
            ],
        ),
        ("sudo rm x", vec!["write $project/x"]),
        (
            "find a b -name c",
            vec!["read $project/a", "read $project/b"],
        ),
        ("find -delete", vec!["read $project", "write $project"]),
        (
            "cd sub && rm x",
            vec!["write $project/sub/x", "write $project/x"],
        ),
        ("cd /s; a > x", vec!["write $project/x", "write /s/x"]),
        ("bash -c 'cd sub'; rm x", vec!["write $project/x"]),
        ("cd $x; rm /y", vec!["write /y"]),
    ] {
        assert_eq!(accesses(line), expected, "{line}");
    }
}

#[test]
fn relative_paths_stand_on_the_given_directory() {
    let Analysis::Commands(commands) = analyse("a > ../x", "/w/d").analysis else {
        panic!("refused");
    };
    assert_eq!(
        (
            commands[0].accesses[0].verb,
            commands[0].accesses[0].target.as_str()
        ),
        (Verb::Write, "/w/x")
    );
}

#[test]
fn what_cannot_be_proven_is_refused_by_name() {
    for (line, expected) in [
        ("$X a", "dynamic-command"),
        ("\"$(a)\"", "dynamic-command"),
        ("sudo $X", "dynamic-command"),
        ("bash -c \"$X\"", "dynamic-code"),
        ("fish -c a", "dynamic-code"),
        ("a | sh", "shell-from-input"),
        ("a > $X", "dynamic-redirection"),
        ("a > *.x", "dynamic-redirection"),
        ("> x", "bare-redirection"),
        ("((1)) > x", "bare-redirection"),
        ("a > /dev/tcp/h/80", "network-redirection"),
        ("exec 3>/dev/udp/h/53", "network-redirection"),
        ("eval a", "unprovable-builtin"),
        (". ./a", "unprovable-builtin"),
        ("PATH=. a", "unprovable-variable"),
        ("export LD_PRELOAD=x", "unprovable-variable"),
        ("for IFS in a; do b; done", "unprovable-variable"),
        (": ${PATH:=x}", "unprovable-variable"),
        ("a ${x@P}", "prompt-expansion"),
        ("a ${!x}", "indirect-expansion"),
        ("a $((x))", "arithmetic"),
        ("a ${b[c]}", "subscript"),
        ("git() { a; }", "shadowed-command"),
        ("sudo --odd a", "unknown-option"),
        ("git -c core.hooksPath=x commit", "git-configuration"),
        ("a > ../x", "unprovable-path"),
        ("cd $x; rm y", "unprovable-path"),
        ("while a; do cd ..; done; rm y", "unprovable-path"),
        ("a 'b", "parse-error"),
        ("a <> x", "parse-error"),
        ("a &&", "parse-error"),
        ("a \u{202e}b", "invalid-character"),
        ("( (rm x) )", "arithmetic"),
        ("cat <<E\n`rm x`\nE\n", "parsers-disagree"),
    ] {
        assert_eq!(reason(line).as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn a_counting_loop_is_provable() {
    for line in [
        "for i in 1 2 3; do a $((i * 2)); done",
        "i=0; while [ $i -lt 3 ]; do i=$((i+1)); done",
        "for ((i=0; i<3; i++)); do a; done",
        "n=1; [[ $n -gt 0 ]] && a",
    ] {
        let expected = if line.contains("[ $i") {
            Some("unprovable-builtin".to_owned())
        } else {
            None
        };
        assert_eq!(reason(line), expected, "{line}");
    }
}
