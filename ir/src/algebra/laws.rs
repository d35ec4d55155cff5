//! What ties the algebra to the matchers: each is the other's oracle.

use proptest::prelude::*;
use regex_automata::meta::Regex;

use super::{
    Answer, Atom, Budget, Class, Domain, Formula, Language, Sample, contains, find, outside,
    overlap, search,
};
use crate::pattern::path::Extent;
use crate::pattern::{
    ArgvPattern, Authority, CanonicalPath, HostPattern, McpName, McpPattern, NamePattern,
    PathPattern,
};
use crate::request::exec::Word;
use crate::vocabulary::Method;

const PATH_PATTERN: &str = "(\\*\\*|\\$tmp|\\$home)?(/([ab]|[ab*?]{1,3}|\\*\\*)){0,4}";
const PATH: &str = "(\\$tmp|\\$home)?(/[ab]{1,2}){0,4}";
const HOST_PATTERN: &str = "((\\*\\*\\.)?[ab*]{1,2}(\\.[ab*]{1,2}){0,2}|\\*\\*|10\\.0\\.0\\.0/(8|9|30)|10\\.0\\.0\\.[0-3]|\\[2001:db8::/(32|127)\\])(:(1|80-443|443))?";
const AUTHORITY: &str =
    "([ab]{1,2}(\\.[ab]{1,2}){0,3}|10\\.[01]\\.0\\.[0-3]|\\[2001:db8::[0-3]\\]):(1|80|443|444)";
const ARGV_PATTERN: &str = "(\\*\\*|[ab*]{1,2}( [ab*]{1,2}){0,2}( \\*\\*)?)";
const NAME_PATTERN: &str = "[ab*.]{1,4}";

fn path(text: &str) -> Language {
    Language::path(&PathPattern::parse(text).expect("a pattern"))
}

fn host(text: &str) -> Language {
    Language::connect(&HostPattern::parse(text).expect("a pattern"), &[])
}

fn argv(text: &str) -> Language {
    Language::argv(&ArgvPattern::parse(text).expect("a pattern"))
}

fn name(text: &str) -> Language {
    Language::name(&NamePattern::parse(text).expect("a pattern"))
}

fn budget() -> Budget {
    Budget::STANDARD
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::No => "no".to_owned(),
        Answer::Witness(sample) => sample.to_string(),
        Answer::Unknown => "unknown".to_owned(),
    }
}

fn literal_words(words: &[String]) -> Vec<Word> {
    words.iter().cloned().map(Word::Literal).collect()
}

/// A pattern, its language, and its own matcher.
#[derive(Debug, Clone)]
enum Case {
    Path(PathPattern, Extent),
    Connect(HostPattern, Vec<Method>),
    Argv(ArgvPattern),
    Mcp(McpPattern),
    Name(NamePattern),
}

impl Case {
    fn language(&self) -> Language {
        match self {
            Self::Path(pattern, Extent::Itself) => Language::path(pattern),
            Self::Path(pattern, Extent::Beneath) => Language::path_and_beneath(pattern),
            Self::Connect(pattern, methods) => Language::connect(pattern, methods),
            Self::Argv(pattern) => Language::argv(pattern),
            Self::Mcp(pattern) => Language::mcp(pattern),
            Self::Name(pattern) => Language::name(pattern),
        }
    }

    fn matches(&self, sample: &Sample) -> bool {
        match (self, sample) {
            (Self::Path(pattern, Extent::Itself), Sample::Path(path)) => pattern.matches(path),
            (Self::Path(pattern, Extent::Beneath), Sample::Path(path)) => pattern.covers(path),
            (Self::Connect(pattern, methods), Sample::Connect { authority, method }) => {
                pattern.grants(authority)
                    && (methods.is_empty()
                        || method.is_some_and(|method| methods.contains(&method)))
            }
            (Self::Argv(pattern), Sample::Argv(words)) => pattern.grants(&literal_words(words)),
            (Self::Mcp(pattern), Sample::Mcp(name)) => pattern.matches(name),
            (Self::Name(pattern), Sample::Name(name)) => pattern.matches(name),
            (_, _) => false,
        }
    }
}

fn methods() -> impl Strategy<Value = Vec<Method>> {
    prop_oneof![
        Just(vec![]),
        Just(vec![Method::Get]),
        Just(vec![Method::Get, Method::Post])
    ]
}

fn path_case() -> impl Strategy<Value = Case> {
    let extent = prop_oneof![Just(Extent::Itself), Just(Extent::Beneath)];
    (PATH_PATTERN, extent).prop_filter_map("a pattern", |(text, extent)| {
        Some(Case::Path(PathPattern::parse(&text).ok()?, extent))
    })
}

fn connect_case() -> impl Strategy<Value = Case> {
    (HOST_PATTERN, methods()).prop_filter_map("a pattern", |(text, methods)| {
        Some(Case::Connect(HostPattern::parse(&text).ok()?, methods))
    })
}

fn argv_case() -> impl Strategy<Value = Case> {
    ARGV_PATTERN.prop_filter_map("a pattern", |text| {
        ArgvPattern::parse(&text).ok().map(Case::Argv)
    })
}

fn mcp_case() -> impl Strategy<Value = Case> {
    "[ab*]{1,3}/[ab*]{1,3}".prop_filter_map("a pattern", |text| {
        McpPattern::parse(&text).ok().map(Case::Mcp)
    })
}

fn name_case() -> impl Strategy<Value = Case> {
    NAME_PATTERN.prop_filter_map("a pattern", |text| {
        NamePattern::parse(&text).ok().map(Case::Name)
    })
}

fn path_sample() -> impl Strategy<Value = Sample> {
    PATH.prop_filter_map("a path", |text| {
        CanonicalPath::parse(if text.is_empty() { "/" } else { &text })
            .ok()
            .map(Sample::Path)
    })
}

fn connect_sample() -> impl Strategy<Value = Sample> {
    let method = prop_oneof![
        Just(None),
        Just(Some(Method::Get)),
        Just(Some(Method::Post)),
        Just(Some(Method::Put))
    ];
    (AUTHORITY, method).prop_filter_map("an authority", |(text, method)| {
        Some(Sample::Connect {
            authority: Authority::parse(&text).ok()?,
            method,
        })
    })
}

fn argv_sample() -> impl Strategy<Value = Sample> {
    ("[ab]{1,2}", proptest::collection::vec("[ab]{0,2}", 0..3))
        .prop_map(|(first, rest)| Sample::Argv([first].into_iter().chain(rest).collect()))
}

fn mcp_sample() -> impl Strategy<Value = Sample> {
    "[ab]{1,3}/[ab]{1,3}"
        .prop_filter_map("a name", |text| McpName::parse(&text).ok().map(Sample::Mcp))
}

fn name_sample() -> impl Strategy<Value = Sample> {
    "[ab.]{1,4}".prop_map(Sample::Name)
}

/// Some cases of one kind, and samples of it.
fn cases_and_samples() -> impl Strategy<Value = (Vec<Case>, Vec<Sample>)> {
    fn some<C, S>(case: C, sample: S) -> impl Strategy<Value = (Vec<Case>, Vec<Sample>)>
    where
        C: Strategy<Value = Case>,
        S: Strategy<Value = Sample>,
    {
        (
            proptest::collection::vec(case, 1..5),
            proptest::collection::vec(sample, 12),
        )
    }
    prop_oneof![
        3 => some(path_case(), path_sample()),
        2 => some(connect_case(), connect_sample()),
        2 => some(argv_case(), argv_sample()),
        1 => some(mcp_case(), mcp_sample()),
        1 => some(name_case(), name_sample()),
    ]
}

proptest! {
    #[test]
    fn a_language_holds_what_its_pattern_matches((cases, samples) in cases_and_samples()) {
        for (case, sample) in cases.iter().flat_map(|case| samples.iter().map(move |sample| (case, sample))) {
            prop_assert_eq!(case.language().holds(sample), case.matches(sample), "{:?} {:?}", case, sample);
        }
    }

    #[test]
    fn an_inclusion_is_proven_or_has_a_witness((cases, samples) in cases_and_samples()) {
        let languages: Vec<Language> = cases.iter().map(Case::language).collect();
        let (inner, outer) = languages.split_first().expect("at least one");
        let outer: Vec<&Language> = outer.iter().collect();
        let is_outside = |sample: &Sample| {
            cases[0].matches(sample) && !cases[1..].iter().any(|case| case.matches(sample))
        };
        match outside(inner, &outer, &mut budget()) {
            Answer::No => prop_assert!(!samples.iter().any(is_outside)),
            Answer::Witness(sample) => prop_assert!(is_outside(&sample), "{:?}", sample),
            Answer::Unknown => prop_assert!(false, "the budget ran out"),
        }
    }

    #[test]
    fn what_is_seen_to_be_contained_is_proven((cases, _) in cases_and_samples()) {
        let languages: Vec<Language> = cases.iter().map(Case::language).collect();
        for (one, other) in languages.iter().flat_map(|one| languages.iter().map(move |other| (one, other))) {
            if contains(one, other) {
                prop_assert_eq!(outside(other, &[one], &mut budget()), Answer::No);
            }
        }
    }

    #[test]
    fn languages_without_variables_overlap_where_a_sample_is_in_both((cases, samples) in cases_and_samples()) {
        let (first, last) = (&cases[0], &cases[cases.len() - 1]);
        let answer = overlap(&first.language(), &last.language(), &mut budget());
        prop_assert_ne!(&answer, &Answer::Unknown);
        if samples.iter().any(|sample| first.matches(sample) && last.matches(sample)) {
            prop_assert!(answer.witness().is_some());
        }
        let symbolic = |case: &Case| matches!(case, Case::Path(pattern, _) if pattern.as_str().starts_with('$'));
        if let (Some(sample), false) = (answer.witness(), symbolic(first) || symbolic(last)) {
            prop_assert!(first.matches(sample) && last.matches(sample));
        }
    }

    #[test]
    fn a_witness_is_as_short_as_any(formula in formula()) {
        let words = words_up_to(5);
        let holds = |word: &String| formula.holds(&|language| language.holds(&Sample::Name(word.clone())));
        let shortest = words.iter().filter(|word| holds(word)).map(String::len).min();
        match find(&formula, &mut budget()) {
            Answer::Witness(Sample::Name(word)) => {
                prop_assert!(holds(&word), "{}", word);
                prop_assert_eq!(shortest.unwrap_or(usize::MAX).min(6), word.len().min(6));
            }
            Answer::No => prop_assert_eq!(shortest, None),
            other @ (Answer::Witness(_) | Answer::Unknown) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn following_whole_sets_gives_an_equally_short_witness(formula in formula()) {
        let mut languages = Vec::new();
        collect(&formula, &mut languages);
        let by_clauses = find(&formula, &mut budget());
        let by_sets = search::by_sets(Domain::Name, &formula, &languages, &mut budget());
        let length = |answer: &Answer| answer.witness().map(|sample| sample.to_string().len());
        prop_assert_eq!(length(&by_clauses), length(&by_sets));
        prop_assert_eq!(by_clauses.is_no(), by_sets.is_no());
    }

    #[test]
    fn the_matchers_agree_with_a_regex(
        wanted in NAME_PATTERN, module in "[ab.]{1,4}", command in ARGV_PATTERN, words in argv_sample(),
        labels in "(\\*\\*\\.)?(a\\*|\\*b|[ab*]|ab)(\\.(a\\*|\\*b|[ab*]|ab)){0,2}", given in "[ab]{1,2}(\\.[ab]{1,2}){0,3}",
    ) {
        let name = NamePattern::parse(&wanted).expect("a pattern");
        prop_assert_eq!(name.matches(&module), regex(&wanted.replace('.', "\\.").replace('*', ".*")).is_match(&module));
        if let (Ok(pattern), Sample::Argv(words)) = (ArgvPattern::parse(&command), words) {
            let fixed = command.strip_suffix("**").map_or(command.as_str(), str::trim_end);
            let rest = if command.ends_with("**") { "(\n[^\n]*)*" } else { "" };
            let front = if fixed.is_empty() { "[^\n]*".to_owned() } else { fixed.replace('*', "[^\n]*").replace(' ', "\n") };
            let oracle = regex(&format!("{front}{rest}")).is_match(&words.join("\n"));
            prop_assert_eq!(pattern.grants(&literal_words(&words)), oracle, "{} {:?}", command, words);
        }
        if let (Ok(pattern), Ok(authority)) = (HostPattern::parse(&labels), Authority::parse(&given)) {
            let (front, rest) = match labels.strip_prefix("**.") {
                Some(rest) => ("([^.]+\\.)+", rest),
                None => ("", labels.as_str()),
            };
            let rest = rest.replace('.', "\\.").replace('*', "[^.]*");
            prop_assert_eq!(pattern.grants(&authority), regex(&format!("{front}{rest}")).is_match(&given));
        }
    }
}

fn regex(text: &str) -> Regex {
    Regex::new(&format!("^(?s:{text})$")).expect("a regex")
}

fn formula() -> impl Strategy<Value = Formula> {
    let leaf = "[ab*]{1,3}".prop_map(|text| Formula::In(name(&text)));
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Formula::And),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Formula::Or),
            inner.prop_map(|part| Formula::Not(Box::new(part))),
        ]
    })
}

fn collect<'a>(formula: &'a Formula, found: &mut Vec<&'a Language>) {
    match formula {
        Formula::In(language) => found.push(language),
        Formula::And(parts) | Formula::Or(parts) => {
            for part in parts {
                collect(part, found);
            }
        }
        Formula::Not(part) => collect(part, found),
    }
}

/// All words over the letters of the formulas and one letter of none.
fn words_up_to(length: usize) -> Vec<String> {
    let mut all: Vec<String> = vec![String::new()];
    let mut from = 0;
    for _ in 0..length {
        let until = all.len();
        for at in from..until {
            all.extend(["a", "b", "x"].map(|letter| format!("{}{letter}", all[at])));
        }
        from = until;
    }
    all.remove(0);
    all
}

#[test]
fn sixteen_globs_that_explode_when_determinised_are_proven_within_few_steps() {
    let globs: Vec<Language> = (0..16)
        .map(|number| path(&format!("**/x{number}/**")))
        .collect();
    let all: Vec<&Language> = globs.iter().collect();
    let mut few = Budget::new(200_000);
    for glob in &globs {
        assert_eq!(outside(glob, &all, &mut few), Answer::No);
    }
    assert_eq!(shown(&outside(&path("**"), &all, &mut few)), "/");
    assert_eq!(shown(&outside(&path("/x1*/**"), &all, &mut few)), "/x1a");
}

#[test]
fn an_exhausted_budget_is_never_a_proof() {
    let globs: Vec<Language> = (0..16)
        .map(|number| path(&format!("**/x{number}/**")))
        .collect();
    let all: Vec<&Language> = globs.iter().collect();
    assert_eq!(
        outside(&path("/x1/**"), &all, &mut Budget::new(10)),
        Answer::Unknown
    );
}

#[test]
fn witnesses_are_requests_that_a_reader_understands() {
    for (inner, outer, expected) in [
        (path("/a/**"), path("/a/*"), "/a"),
        (path("/srv/*"), path("/srv/*.log"), "/srv/a"),
        (path("$project/**"), path("$project/src/**"), "$project"),
        (path("$project/*"), path("$project/src/**"), "$project/a"),
        (path("/.env*"), path("/.env"), "/.enva"),
        (
            host("**.example.com"),
            host("*.example.com"),
            "a.a.example.com:443",
        ),
        (
            host("example.com"),
            host("example.com:443"),
            "example.com:1",
        ),
        (
            host("example.com"),
            host("example.com:80"),
            "example.com:443",
        ),
        (host("10.0.0.0/8"), host("10.0.0.0/9"), "10.128.1.1:443"),
        (host("**"), host("**.com"), "a:443"),
        (
            host("[2001:db8::/32]"),
            host("[2001:db8::/33]"),
            "[2001:db8:8000::]:443",
        ),
        (argv("git **"), argv("git status **"), "git"),
        (argv("git * **"), argv("git status **"), "git ''"),
        (argv("git push *"), argv("git push origin*"), "git push ''"),
        (name("a*"), name("a"), "aa"),
    ] {
        assert_eq!(shown(&outside(&inner, &[&outer], &mut budget())), expected);
    }
    let (inner, outer) = (
        HostPattern::parse("h").expect("a pattern"),
        HostPattern::parse("h").expect("a pattern"),
    );
    let answer = outside(
        &Language::connect(&inner, &[Method::Get, Method::Post]),
        &[&Language::connect(&outer, &[Method::Get])],
        &mut budget(),
    );
    assert_eq!(shown(&answer), "POST h:443");
}

#[test]
fn true_inclusions_are_seen_without_a_search() {
    for (inner, outer) in [
        (path("/srv/app/**"), path("/srv/**")),
        (path("/srv/app/x"), path("**")),
        (path("$project/a"), path("$project/**")),
        (path("$project/a"), path("**")),
        (path("/a/*/c"), path("/a/**/c")),
        (path("/a/b/.env.local"), path("**/.env*")),
        (path("$tmp/.env"), path("**/.env*")),
        (host("a.github.com:443"), host("*.github.com:443")),
        (host("*.github.com:443"), host("**.github.com")),
        (host("10.1.0.0/16"), host("10.0.0.0/8")),
        (host("10.1.0.0/16:22"), host("**")),
        (argv("git status **"), argv("git **")),
        (argv("git status"), argv("git *")),
        (argv("git status -s"), argv("**")),
        (name("numpy.linalg"), name("numpy.*")),
    ] {
        assert!(contains(&outer, &inner), "{inner:?} {outer:?}");
        assert!(!contains(&inner, &outer), "{inner:?} {outer:?}");
    }
}

#[test]
fn a_union_can_hold_what_no_part_of_it_does() {
    let parts = [host("10.0.0.0/9"), host("10.128.0.0/9")];
    assert_eq!(
        outside(&host("10.0.0.0/8"), &[&parts[0], &parts[1]], &mut budget()),
        Answer::No
    );
    assert!(
        outside(&host("10.0.0.0/8"), &[&parts[0]], &mut budget())
            .witness()
            .is_some()
    );
    let halves = [host("h:1-1000"), host("h:1001-65535")];
    assert_eq!(
        outside(&host("h"), &[&halves[0], &halves[1]], &mut budget()),
        Answer::No
    );
    assert_eq!(
        outside(&host("h"), &[&host("h:1-65535")], &mut budget()),
        Answer::No
    );
}

#[test]
fn a_variable_is_a_letter_for_inclusion_and_any_path_for_overlap() {
    assert!(
        outside(&path("$project/**"), &[&path("/home/**")], &mut budget())
            .witness()
            .is_some()
    );
    assert_eq!(
        outside(&path("$project/**"), &[&path("/**")], &mut budget()),
        Answer::No
    );
    for (one, other, witness) in [
        ("$project/x/**", "/home/u/**", "/home/u/x"),
        ("$project/a", "$project/b", "no"),
        ("$project/a", "$home/b", "no"),
        ("$project/a", "$home/*", "/a"),
        ("$project/x", "**/foo/x", "/foo/x"),
        ("$project/a", "/b", "no"),
        ("$project/**", "/", "/"),
        ("/a/**", "/b/**", "no"),
        ("/a/*", "/*/b", "/a/b"),
    ] {
        assert_eq!(
            shown(&overlap(&path(one), &path(other), &mut budget())),
            witness,
            "{one} {other}"
        );
    }
}

#[test]
fn a_witness_is_never_longer_than_a_label_or_a_name_may_be() {
    let tail = || [Atom::One(Class::any_port()), Atom::One(Class::any_method())];
    let up_to_63 = (0..63)
        .map(|_| Atom::Optional(vec![Atom::One(Class::label_byte())]))
        .chain(tail())
        .collect();
    let labels = Language::from_atoms(Domain::Connect, vec![up_to_63]);
    assert_eq!(outside(&host("*"), &[&labels], &mut budget()), Answer::No);
    let long = vec![Atom::One(Class::label_byte()); 62]
        .into_iter()
        .chain([Atom::text(".")]);
    let longest: Vec<Atom> = long
        .clone()
        .chain(long.clone())
        .chain(long.clone())
        .chain(long)
        .chain([Atom::text("a")])
        .collect();
    let held = longest.iter().cloned().chain(tail()).collect();
    let too_long = longest
        .iter()
        .cloned()
        .chain([Atom::text("a")])
        .chain(tail())
        .collect();
    let nothing = Language::nothing(Domain::Connect);
    assert!(
        outside(
            &Language::from_atoms(Domain::Connect, vec![held]),
            &[&nothing],
            &mut budget()
        )
        .witness()
        .is_some()
    );
    assert_eq!(
        outside(
            &Language::from_atoms(Domain::Connect, vec![too_long]),
            &[&nothing],
            &mut budget()
        ),
        Answer::No
    );
}

#[test]
fn a_witness_is_text() {
    let ascii = Language::from_atoms(
        Domain::Path,
        vec![vec![Atom::text("/"), Atom::One(Class::bytes(1..=127))]],
    );
    assert_eq!(outside(&path("/?"), &[&ascii], &mut budget()), Answer::No);
    assert_eq!(
        shown(&outside(&path("/*"), &[&ascii], &mut budget())),
        "/aa"
    );
    let ascii = Language::from_atoms(
        Domain::Path,
        vec![vec![Atom::text("/"), Atom::Star(Class::bytes(1..=127))]],
    );
    let answer = outside(&path("/*"), &[&ascii], &mut budget());
    assert!(matches!(answer.witness(), Some(Sample::Path(path)) if !path.as_str().is_ascii()));
}

#[test]
fn a_repetition_may_hold_another() {
    let inner = Atom::Repeat(vec![Atom::text("b")]);
    let words = Language::from_atoms(
        Domain::Name,
        vec![vec![Atom::Repeat(vec![Atom::text("a"), inner])]],
    );
    for (text, held) in [
        ("a", true),
        ("abba", true),
        ("aab", true),
        ("ba", false),
        ("abx", false),
    ] {
        assert_eq!(words.holds(&Sample::Name(text.to_owned())), held, "{text}");
    }
}

#[test]
fn a_leak_and_a_loss_are_formulas() {
    let rules =
        |texts: &[&str]| Formula::Or(texts.iter().map(|text| Formula::In(path(text))).collect());
    let policy = rules(&["/srv/**"]).without(rules(&["**/.env"]));
    let target = rules(&["/srv/**"]);
    assert_eq!(
        shown(&find(
            &target.clone().without(policy.clone()),
            &mut budget()
        )),
        "/srv/.env"
    );
    assert_eq!(find(&policy.without(target), &mut budget()), Answer::No);
}
