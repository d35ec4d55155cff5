//! What the compiler says about a policy.
//!
//! Every phase reports through one type, [`Diagnostic`], and never fails. Each diagnostic is one
//! file here, one line in the registry below and one page of the book, which `explain` prints.
//! The renderers turn diagnostics into text for people ([`render`], [`plain`]) and machines
//! ([`json`]); nothing else knows how a diagnostic looks.

pub mod json;
pub mod plain;
pub mod render;

mod cycle;
mod listing;

use crate::source::{Span, is_deceptive};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Kebab-case, stable: users write it in scripts and look it up with `explain`.
    pub name: &'static str,
    pub severity: Severity,
    /// One line, lower case, no final stop, the user's words in backticks.
    pub message: String,
    /// What is wrong.
    pub primary: Label,
    /// What it conflicts with; maybe in other files.
    pub secondary: Vec<Label>,
    pub notes: Vec<String>,
    /// The next step, in the imperative.
    pub help: Option<String>,
    pub fixes: Vec<Fix>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// Edits that a machine may apply together without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Edit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub replacement: String,
}

impl Diagnostic {
    pub fn error(name: &'static str, message: impl Into<String>, primary: Label) -> Self {
        Self::new(name, Severity::Error, message.into(), primary)
    }

    pub fn warning(name: &'static str, message: impl Into<String>, primary: Label) -> Self {
        Self::new(name, Severity::Warning, message.into(), primary)
    }

    pub fn note(name: &'static str, message: impl Into<String>, primary: Label) -> Self {
        Self::new(name, Severity::Note, message.into(), primary)
    }

    fn new(name: &'static str, severity: Severity, message: String, primary: Label) -> Self {
        let (secondary, notes, help, fixes) = Default::default();
        Self {
            name,
            severity,
            message,
            primary,
            secondary,
            notes,
            help,
            fixes,
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl Severity {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Label {
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self {
            span,
            text: text.into(),
        }
    }
}

impl Fix {
    /// The fix that replaces one piece of text.
    pub fn replace(span: Span, replacement: impl Into<String>) -> Self {
        let replacement = replacement.into();
        let title = format!("replace with {}", quoted(&replacement));
        Self {
            title,
            edits: vec![Edit { span, replacement }],
        }
    }
}

/// The user's words in backticks: cut where they are long, and safe to print.
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let shown = text.chars().take(LONGEST);
    let shown: String = shown
        .map(|shown| {
            if is_deceptive(shown) {
                '\u{fffd}'
            } else {
                shown
            }
        })
        .collect();
    let cut = if text.chars().nth(LONGEST).is_some() {
        "…"
    } else {
        ""
    };
    format!("`{shown}{cut}`")
}

/// One line for each diagnostic: its module and file, its type, its name. The name is also that
/// of its page in the book.
macro_rules! diagnostics {
    ($($module:ident: $Type:ident = $name:literal,)+) => {
        $(
            mod $module;
            pub use $module::$Type;

            impl $Type {
                pub const NAME: &'static str = $name;
            }
        )+

        /// Every diagnostic's name and page, in the order of the names.
        const PAGES: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../../book/src/diagnostics/", $name, ".md")),
        )),+];
    };
}

diagnostics! {
    clipped_rule: ClippedRule = "clipped-rule",
    contradictory_rules: ContradictoryRules = "contradictory-rules",
    depends_on_binding: DependsOnBinding = "depends-on-binding",
    duplicate_field: DuplicateField = "duplicate-field",
    duplicate_name: DuplicateName = "duplicate-name",
    import_cycle: ImportCycle = "import-cycle",
    import_not_found: ImportNotFound = "import-not-found",
    invalid_character: InvalidCharacter = "invalid-character",
    invalid_pattern: InvalidPattern = "invalid-pattern",
    invalid_string: InvalidString = "invalid-string",
    misplaced_category: MisplacedCategory = "misplaced-category",
    misplaced_modifier: MisplacedModifier = "misplaced-modifier",
    misplaced_statement: MisplacedStatement = "misplaced-statement",
    missing_field: MissingField = "missing-field",
    misspelt_keyword: MisspeltKeyword = "misspelt-keyword",
    narrows_cycle: NarrowsCycle = "narrows-cycle",
    nesting_too_deep: NestingTooDeep = "nesting-too-deep",
    not_imported: NotImported = "not-imported",
    not_proven: NotProven = "not-proven",
    provider_alias: ProviderAlias = "provider-alias",
    redeclared_curated: RedeclaredCurated = "redeclared-curated",
    redundant_rule: RedundantRule = "redundant-rule",
    syntax_error: SyntaxError = "syntax-error",
    too_many_errors: TooManyErrors = "too-many-errors",
    unclosed_block: UnclosedBlock = "unclosed-block",
    unclosed_bracket: UnclosedBracket = "unclosed-bracket",
    undeclared_aspect: UndeclaredAspect = "undeclared-aspect",
    unknown_gap: UnknownGap = "unknown-gap",
    unknown_name: UnknownName = "unknown-name",
    unmatched_brace: UnmatchedBrace = "unmatched-brace",
    unmet_require: UnmetRequire = "unmet-require",
    unquoted_pattern: UnquotedPattern = "unquoted-pattern",
    unsupported_harness: UnsupportedHarness = "unsupported-harness",
    widens_parent: WidensParent = "widens-parent",
    wrong_ring: WrongRing = "wrong-ring",
    wrong_section: WrongSection = "wrong-section",
    wrong_unit: WrongUnit = "wrong-unit",
    wrong_value: WrongValue = "wrong-value",
}

pub use invalid_string::StringFault;

/// The names of all diagnostics, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(name, _)| *name)
}

/// The page of the book about a diagnostic, in Markdown.
pub fn explain(name: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, page)| *page)
}

#[cfg(test)]
pub(crate) mod expectation;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::expectation::check_page;
    use super::*;

    /// The text between a heading and the next one.
    fn section<'a>(page: &'a str, heading: &str) -> &'a str {
        let (_, body) = page.split_once(&format!("\n## {heading}\n")).unwrap();
        body.split("\n## ").next().unwrap()
    }

    fn policy<'a>(name: &str, page: &'a str, heading: &str) -> &'a str {
        let fence = section(page, heading).split_once("```tappass\n");
        let (_, body) = fence.unwrap_or_else(|| panic!("{name}: {heading} has no policy"));
        body.split_once("```").unwrap().0
    }

    /// Pages whose diagnostic no small policy yields.
    const WITHOUT_EXAMPLE: &[&str] = &[NotProven::NAME];

    #[test]
    fn a_name_is_that_of_its_file() {
        for name in names() {
            let file = format!(
                "{}/src/diagnostics/{}.rs",
                env!("CARGO_MANIFEST_DIR"),
                name.replace('-', "_")
            );
            assert!(std::path::Path::new(&file).exists(), "{file}");
        }
    }

    #[test]
    fn the_registry_is_sorted() {
        assert!(names().is_sorted());
        assert_eq!(names().collect::<BTreeSet<_>>().len(), PAGES.len());
    }

    #[test]
    fn every_page_has_the_four_headings() {
        for (name, page) in PAGES {
            let headings: Vec<_> = page
                .lines()
                .filter(|line| line.starts_with("# ") || line.starts_with("## "))
                .filter(|line| {
                    !section(page, "Example").contains(*line) && !line.starts_with("# file: ")
                })
                .collect();
            let title = format!("# {name}");
            assert_eq!(
                headings,
                [
                    &title,
                    "## What it means",
                    "## Why it matters",
                    "## Example",
                    "## Fix"
                ]
            );
        }
    }

    #[test]
    fn the_example_of_a_page_yields_its_diagnostic_and_nothing_else() {
        for (name, page) in PAGES
            .iter()
            .filter(|(name, _)| !WITHOUT_EXAMPLE.contains(name))
        {
            let found: BTreeSet<_> = check_page(name, policy(name, page, "Example"))
                .iter()
                .map(|diagnostic| diagnostic.name)
                // It takes other errors to have too many of them.
                .filter(|found| *name != TooManyErrors::NAME || found == name)
                .collect();
            assert_eq!(found, BTreeSet::from([*name]), "{name}");
        }
    }

    #[test]
    fn the_fix_of_a_page_yields_nothing() {
        for (name, page) in PAGES {
            assert_eq!(check_page(name, policy(name, page, "Fix")), [], "{name}");
        }
    }

    #[test]
    fn explain_knows_the_registered_names_only() {
        assert!(explain("syntax-error").is_some_and(|page| page.starts_with("# syntax-error\n")));
        assert_eq!(explain("Syntax-Error"), None);
    }

    #[test]
    fn a_quotation_is_cut_and_safe_to_print() {
        assert_eq!(quoted("\u{1b}[2J"), "`\u{fffd}[2J`");
        assert_eq!(quoted("é"), "`é`");
        assert_eq!(quoted(&"é".repeat(61)), format!("`{}…`", "é".repeat(60)));
    }
}
