//! The syntax as its readers see it: what parses, what is kept of a faulty file, and what holds for
//! every text.

use proptest::prelude::*;

use super::ast::{
    File, Item, ModifierKind, PackItem, Patterns, PolicyItem, SandboxItem, SectionItem, Value,
};
use super::lexer::lex;
use super::parse;
use super::token::{SIGNS, WORDS};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

const WHOLE: &str = r#"# é: text before everything, longer in bytes than in characters
import "org/base.tappass"

policy laptop-dev narrows org-base, team_base {
  use secrets-baseline@1
  network {
    allow connect ["api.github.com:443" "*.githubusercontent.com:443",]
    allow connect "docs.example.com:443"  methods [GET HEAD]
    deny  connect category [paste-services webhooks, dyndns]
    deny  connect "169.254.0.0/16"        because "cloud metadata"
  }
  tools {
    allow tool [web-search subagent]
    ask   exec "git push **"              by oncall within 10 min
    allow mcp  "github/get_*"             audit
  }
  interpreter python {
    allow import [json re math]
    limit memory 256 MiB
  }
  budget {
    limit tokens 2_000_000 / day
    limit spend  1.50 USD / month         then ask
  }
  identity   { principal: "team:payments"  tier: worker }
  compliance [soc2.cc6_1 gdpr.art32]
  accept gap shell-reads because "until Q1"
  test "a push needs a human" under acme {
    exec "git push origin main"     => ask
    import json                     => allow
    connect "docs.example.com" methods [GET] => allow
  }
}
pack secrets@1.2.3 {
  filesystem { deny read "**/.env*" }
  compliance [a]
  test "t" { read "/x/.env" => deny }
}
server github { url: "https://mcp.example/" }
runtime acme {
  kernel:      nono@0.7
  gateway:     llm-gateway at "https://gateway.example"
}
sandbox alice {
  policy:     laptop-dev
  env:        [PATH LANG TERM]
  retries:    3
  require     { network: partial  filesystem: partial compulsory  tools: full }
}
"#;

fn errors(text: &str) -> Vec<Diagnostic> {
    parse(FileId(0), text).1
}

/// The text of every statement without a block of its own, in the order of the file.
fn statements(text: &str) -> Vec<&str> {
    let file = parse(FileId(0), text).0;
    let spans = file.items.iter().flat_map(spans_of_item);
    spans.map(|span| text.get(span.range()).unwrap()).collect()
}

fn spans_of_item(item: &Item<'_>) -> Vec<Span> {
    match item {
        Item::Import(import) => vec![import.span],
        Item::Policy(policy) => policy.items.iter().flat_map(spans_of_policy_item).collect(),
        Item::Pack(pack) => pack.items.iter().flat_map(spans_of_pack_item).collect(),
        Item::Server(server) => server.fields.iter().map(|field| field.span).collect(),
        Item::Runtime(runtime) => runtime.fields.iter().map(|field| field.span).collect(),
        Item::Sandbox(sandbox) => sandbox
            .items
            .iter()
            .flat_map(spans_of_sandbox_item)
            .collect(),
    }
}

fn spans_of_policy_item(item: &PolicyItem<'_>) -> Vec<Span> {
    match item {
        PolicyItem::Use(used) => vec![used.span],
        PolicyItem::Accept(accept) => vec![accept.span],
        PolicyItem::Identity(identity) => identity.fields.iter().map(|field| field.span).collect(),
        PolicyItem::Section(section) => section.items.iter().map(span_of_section_item).collect(),
        PolicyItem::Tags(tags) => vec![tags.span],
        PolicyItem::Test(test) => test.cases.iter().map(|case| case.span).collect(),
    }
}

fn spans_of_pack_item(item: &PackItem<'_>) -> Vec<Span> {
    match item {
        PackItem::Section(section) => section.items.iter().map(span_of_section_item).collect(),
        PackItem::Tags(tags) => vec![tags.span],
        PackItem::Test(test) => test.cases.iter().map(|case| case.span).collect(),
    }
}

fn span_of_section_item(item: &SectionItem<'_>) -> Span {
    match item {
        SectionItem::Rule(rule) => rule.span,
        SectionItem::Limit(limit) => limit.span,
    }
}

fn spans_of_sandbox_item(item: &SandboxItem<'_>) -> Vec<Span> {
    match item {
        SandboxItem::Field(field) => vec![field.span],
        SandboxItem::Require(require) => require.entries.iter().map(|entry| entry.span).collect(),
    }
}

/// The rules and limits of the first section of the first policy.
fn first_section<'src>(file: &File<'src>) -> Vec<SectionItem<'src>> {
    let policy = file.items.iter().find_map(|item| match item {
        Item::Policy(policy) => Some(policy),
        Item::Import(_) | Item::Pack(_) | Item::Server(_) | Item::Runtime(_) | Item::Sandbox(_) => {
            None
        }
    });
    let section = policy.unwrap().items.iter().find_map(|item| match item {
        PolicyItem::Section(section) => Some(section.items.clone()),
        PolicyItem::Use(_)
        | PolicyItem::Identity(_)
        | PolicyItem::Tags(_)
        | PolicyItem::Accept(_)
        | PolicyItem::Test(_) => None,
    });
    section.unwrap()
}

#[test]
fn every_construct_parses() {
    assert_eq!(errors(WHOLE), []);
    let file = parse(FileId(0), WHOLE).0;
    assert_eq!(file.items.len(), 6);
    assert_eq!(file.comments.len(), 1);
    assert_eq!(statements(WHOLE).len(), 32);
}

#[test]
fn line_breaks_are_free_where_no_line_begins_with_a_head() {
    let joined = WHOLE.lines().skip(1).collect::<Vec<_>>().join(" ");
    assert_eq!(errors(&joined), []);
    let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let as_written: Vec<_> = statements(WHOLE).into_iter().map(blanks).collect();
    let in_one_line: Vec<_> = statements(&joined).into_iter().map(blanks).collect();
    assert_eq!(as_written, in_one_line);
}

#[test]
fn a_statement_covers_its_words_and_nothing_else() {
    let text = "policy p { budget { limit spend 1 USD / month  then ask  # why\n } }";
    assert_eq!(statements(text), ["limit spend 1 USD / month  then ask"]);
}

#[test]
fn a_rule_may_go_over_several_lines() {
    let text =
        "policy p { tools {\n ask\n exec [\n\"a\"\n\"b\"\n]\n by oncall\n within 10\n min\n} }";
    assert_eq!(errors(text), []);
    let items = first_section(&parse(FileId(0), text).0);
    let [SectionItem::Rule(rule)] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert!(matches!(&rule.patterns, Patterns::List { patterns, .. } if patterns.len() == 2));
    let kinds: Vec<_> = rule
        .modifiers
        .iter()
        .map(|modifier| &modifier.kind)
        .collect();
    assert!(matches!(
        kinds.as_slice(),
        [ModifierKind::By(_), ModifierKind::Within(_)]
    ));
}

#[test]
fn no_word_is_reserved() {
    for (word, _) in WORDS {
        let text = format!(
            "policy {word} narrows {word}, {word} {{ use {word}@1 interpreter {word} {{ \
             allow tool [{word} {word}] by {word} deny call [{word}] }} compliance [{word}] \
             accept gap {word} because \"\" identity {{ {word}: {word} }} \
             test \"\" under {word} {{ tool {word} => deny }} }} \
             runtime {word} {{ {word}: {word} at \"x\" {word}: [{word}] }} \
             sandbox {word} {{ {word}: {word} require {{ {word}: {word} {word} {word}: {word} }} }}",
        );
        let found = errors(&text);
        assert_eq!(found, [], "{text}");
    }
}

#[test]
fn seven_faults_are_seven_errors_and_every_sound_statement_is_kept() {
    let text = r#"
policy p {
  filesystem {
    alow read "/a"
    allow read
    allow read "/b"
    deny read ["/c" "/d"
    deny read "/e"
  }
  budget {
    limit tokens many / day
    limit calls 60 / min
  }
  tools {
    deny exec "f" becuase "no"
    deny exec "g" because "no"
  network {
    deny connect "h.example"
  }
}
runtime r {
  kernel = nono
  harness: claude-code
}
"#;
    let found: Vec<_> = errors(text).iter().map(|found| found.name).collect();
    assert_eq!(
        found,
        [
            "misspelt-keyword",
            "syntax-error",
            "unclosed-bracket",
            "syntax-error",
            "misspelt-keyword",
            "unclosed-block",
            "syntax-error"
        ]
    );
    assert_eq!(
        statements(text),
        [
            r#"alow read "/a""#,
            r#"allow read "/b""#,
            r#"deny read "/e""#,
            "limit calls 60 / min",
            r#"deny exec "g" because "no""#,
            r#"deny connect "h.example""#,
            "kernel = nono",
            "harness: claude-code",
        ]
    );
}

/// Recovery, tried everywhere. A head of an outer block is no such line: it closes the inner one.
#[test]
fn a_faulty_line_anywhere_costs_no_other_statement() {
    let faulty = [
        "allow",
        "allow read [",
        "deny exec \"x\" because",
        "ask exec [\"x\" \"y\"",
        "limit",
        "foo bar",
        "foo { bar { baz } }",
        ", 5 @ ]",
        "\"text\"",
        "deny read \"x",
        "; ; ;",
        "read \"x\"",
        "x:",
        "x: [a b",
        "=> 1.2.3",
    ];
    let sound = statements(WHOLE);
    for fault in faulty {
        for (place, _) in WHOLE.match_indices('\n') {
            let text = format!("{}\n{fault}{}", &WHOLE[..place], &WHOLE[place..]);
            assert!(!errors(&text).is_empty(), "{fault}: {text}");
            let kept = statements(&text);
            for statement in &sound {
                assert!(
                    kept.contains(statement),
                    "{fault} costs {statement} in:\n{text}"
                );
            }
        }
    }
}

#[test]
fn a_version_has_digits_and_dots() {
    let text = "policy p { use a@1 use b@1.2 use c@1.2.3.4 use d }";
    assert_eq!(
        statements(text),
        ["use a@1", "use b@1.2", "use c@1.2.3.4", "use d"]
    );
    assert_eq!(errors("policy p { use a@1_0 }").len(), 1);
}

#[test]
fn a_value_knows_its_version_and_place() {
    let file = parse(FileId(0), "runtime r { kernel: nono@0.7 at \"x\"  at: y }").0;
    let [Item::Runtime(runtime)] = file.items.as_slice() else {
        panic!("{file:?}")
    };
    let [kernel, at] = runtime.fields.as_slice() else {
        panic!("{runtime:?}")
    };
    assert!(matches!(
        &kernel.value,
        Value::Name {
            version: Some(_),
            at: Some(_),
            ..
        }
    ));
    assert_eq!((at.name.text, kernel.value.span().range()), ("at", 20..35));
}

#[test]
fn a_file_without_statements_is_sound() {
    for text in ["", "\n", "# only a comment", "\u{feff}"] {
        assert_eq!(errors(text), [], "{text:?}");
    }
}

/// Every span that a parse hands out.
fn all_spans(file: &File<'_>, diagnostics: &[Diagnostic]) -> Vec<Span> {
    let mut spans: Vec<_> = file.items.iter().flat_map(spans_of_item).collect();
    spans.extend(&file.comments);
    for diagnostic in diagnostics {
        spans.push(diagnostic.primary.span);
        spans.extend(diagnostic.secondary.iter().map(|label| label.span));
        spans.extend(
            diagnostic
                .fixes
                .iter()
                .flat_map(|fix| &fix.edits)
                .map(|edit| edit.span),
        );
    }
    spans
}

fn assert_total(text: &str) {
    let (file, diagnostics) = parse(FileId(0), text);
    for span in all_spans(&file, &diagnostics) {
        assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
    }
    assert!(diagnostics.len() <= super::MAX_ERRORS);
    assert!(diagnostics.is_sorted_by_key(|diagnostic| diagnostic.primary.span));
}

fn token_text() -> impl Strategy<Value = String> {
    let known: Vec<_> = WORDS
        .iter()
        .chain(SIGNS)
        .map(|(text, _)| (*text).to_owned())
        .collect();
    let literals = [
        "read",
        "exec",
        "tokens",
        "a.b-c",
        "\"é\\n\"",
        "\"\\q\"",
        "\"x",
        "5",
        "1.2.3",
        "MiB",
    ];
    let others = ["# é", ";", "é", "\u{202e}", "\r", "\u{feff}"];
    let literals = literals
        .into_iter()
        .chain(others)
        .map(str::to_owned)
        .collect::<Vec<_>>();
    prop_oneof![4 => prop::sample::select(known), 2 => prop::sample::select(literals)]
}

fn token_soup() -> impl Strategy<Value = String> {
    let blank = prop::sample::select(vec!["", " ", " ", "\n", "\n  ", "\r\n"]);
    let pieces = prop::collection::vec((token_text(), blank), 0..60);
    pieces.prop_map(|pieces| {
        pieces
            .into_iter()
            .map(|(token, blank)| token + blank)
            .collect()
    })
}

proptest! {
    #[test]
    fn any_text_is_parsed_without_panic(text in any::<String>()) {
        assert_total(&text);
    }

    #[test]
    fn any_tokens_are_parsed_without_panic(text in token_soup()) {
        assert_total(&text);
    }

    #[test]
    fn a_policy_cut_anywhere_is_parsed_without_panic(from in 0..WHOLE.len(), to in 0..WHOLE.len()) {
        let (head, tail) = (WHOLE.get(..from), WHOLE.get(to..));
        assert_total(&format!("{}{}", head.unwrap_or(""), tail.unwrap_or("")));
    }

    /// Tokens and comments stand in order and do not overlap; between them is nothing but blanks.
    #[test]
    fn tokens_comments_and_blanks_are_the_whole_text(text in token_soup()) {
        let lexed = lex(FileId(0), &text).0;
        let tokens = lexed.tokens.iter().map(|token| token.span(FileId(0)));
        let mut spans: Vec<_> = tokens.chain(lexed.comments).collect();
        spans.sort();
        let mut end = 0;
        for span in &spans {
            prop_assert!(span.start < span.end);
            let between = text.get(end..span.range().start);
            prop_assert!(between.is_some_and(is_blank), "{between:?} before {span:?}");
            end = span.range().end;
        }
        prop_assert!(text.get(end..).is_some_and(is_blank));
    }
}

fn is_blank(text: &str) -> bool {
    text.replace("\r\n", "\n")
        .chars()
        .all(|found| matches!(found, ' ' | '\t' | '\n' | '\u{feff}'))
}
