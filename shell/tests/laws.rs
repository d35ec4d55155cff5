//! What holds for every text.

use proptest::prelude::*;
use tappass_ir::request::exec::{Analysis, Judged, Word};
use tappass_shell::{analyse, normalise_pattern};

/// Text made of what shells give a meaning.
fn shell_like() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "rm",
        "git",
        "cd",
        "-rf",
        " ",
        " ",
        "\n",
        ";",
        "&",
        "&&",
        "|",
        "(",
        ")",
        "((",
        "))",
        "{",
        "}",
        "$(",
        "${",
        "`",
        "'",
        "\"",
        "\\",
        "<<E\n",
        "\nE\n",
        "<",
        ">",
        "<(",
        "$'",
        "*",
        "~",
        "#",
        "if ",
        "then ",
        "fi",
        "for i in ",
        "do ",
        "done",
        "case ",
        "esac",
        "[[ ",
        " ]]",
        "$((",
        "=",
        "a[",
        "]",
        "!",
        "@P",
        "1",
        "99999999999",
        "é",
        "x",
        "function ",
        "time ",
        "coproc ",
        "-c ",
        "bash ",
        "find ",
        "-exec ",
        "\\;",
        "xargs ",
        "env ",
        "sudo ",
        "timeout ",
        "$X",
        "{a,b}",
        "..",
    ]);
    prop::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat())
}

fn literal_word() -> impl Strategy<Value = String> {
    "[ -~é漢\n\t]{0,12}"
}

/// Single quotes protect everything but themselves.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        prop_assert_eq!(analyse(&text, "$project").text, text);
    }

    #[test]
    fn any_text_of_shell_tokens_is_answered(text in shell_like()) {
        prop_assert_eq!(&analyse(&text, "/w").text, &text);
        let _ = normalise_pattern(&text);
    }

    #[test]
    fn the_same_line_gets_the_same_answer(text in shell_like()) {
        prop_assert_eq!(analyse(&text, "/w"), analyse(&text, "/w"));
    }

    #[test]
    fn a_quoted_argv_comes_back_as_it_was(words in prop::collection::vec(literal_word(), 0..5)) {
        let line = std::iter::once("echo".to_owned()).chain(words.iter().map(|word| quoted(word))).collect::<Vec<_>>().join(" ");
        let Analysis::Commands(commands) = analyse(&line, "$project").analysis else {
            return Err(TestCaseError::fail(format!("refused: {:?}", analyse(&line, "$project").analysis)));
        };
        let expected: Vec<Word> = std::iter::once("echo".to_owned()).chain(words).map(Word::Literal).collect();
        prop_assert_eq!(commands.len(), 1);
        prop_assert_eq!(&commands[0].argv, &expected);
        prop_assert_eq!(commands[0].judged, Judged::ByAll);
    }

    #[test]
    fn an_inner_line_is_found_in_a_shell(words in prop::collection::vec("[a-z]{1,5}", 1..4)) {
        let inner = format!("zz {}", words.join(" "));
        let Analysis::Commands(commands) = analyse(&format!("bash -c {}", quoted(&inner)), "$project").analysis else {
            return Err(TestCaseError::fail("refused"));
        };
        prop_assert!(commands.iter().any(|command| command.judged == Judged::ByAskAndDeny && command.argv.first() == Some(&Word::Literal("zz".into()))));
    }
}

#[test]
fn nesting_at_the_limits_is_answered() {
    for opener in [
        "(",
        "$(",
        "`",
        "{ ",
        "if ",
        "while ",
        "case x in a) ",
        "((",
        "$((",
        "${x:-",
        "\"$(",
        "<(",
        "[[ ( ",
        "! ",
        "f() { ",
        "time ",
        "bash -c '",
        "x=(",
        "a[",
        "$'",
        "<<E ",
    ] {
        for count in [10, 30, 33, 64, 100, 1_000, 10_000] {
            let _ = analyse(&opener.repeat(count), "$project");
        }
    }
}

#[test]
fn deep_nesting_that_is_closed_is_answered() {
    for (open, close) in [
        ("(", ")"),
        ("$(", ")"),
        ("{ ", ";}"),
        ("if a; then ", "; fi"),
        ("((", "))"),
        ("echo \"$(", ")\""),
        ("echo ${x:-", "}"),
        ("while a; do ", "; done"),
    ] {
        for count in [5, 20, 31, 60, 500] {
            let _ = analyse(
                &format!("{}ls{}", open.repeat(count), close.repeat(count)),
                "$project",
            );
        }
    }
}

#[test]
fn a_line_of_too_many_commands_is_refused() {
    let refused = |line: &str| matches!(analyse(line, "$project").analysis, Analysis::Refused(refusal) if refusal.reason == "too-many-commands");
    assert!(!refused(&"a;".repeat(500)));
    assert!(refused(&"a;".repeat(501)));
    assert!(refused(&format!("{}a", "a&&".repeat(600))));
    assert!(refused(&format!("{}a", "a|".repeat(10_000))));
}
