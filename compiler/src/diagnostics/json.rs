//! Diagnostics for machines: stable field names, bytes as well as lines and columns.
//!
//! Lines and columns count from one, columns in characters; offsets are bytes of UTF-8.

use serde::Serialize;

use super::{Diagnostic, Edit, Fix, Label};
use crate::source::{Sources, Span};

/// One diagnostic, as `--format json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub name: &'static str,
    pub severity: &'static str,
    pub message: String,
    #[serde(flatten)]
    pub place: Place,
    pub label: String,
    pub labels: Vec<SecondaryLabel>,
    pub notes: Vec<String>,
    pub help: Option<String>,
    pub fixes: Vec<ReportedFix>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    pub start: u32,
    pub end: u32,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecondaryLabel {
    #[serde(flatten)]
    pub place: Place,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportedFix {
    pub title: String,
    pub edits: Vec<ReportedEdit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportedEdit {
    #[serde(flatten)]
    pub place: Place,
    pub replacement: String,
}

pub fn reports(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Report> {
    diagnostics
        .iter()
        .map(|diagnostic| report(diagnostic, sources))
        .collect()
}

fn report(diagnostic: &Diagnostic, sources: &Sources) -> Report {
    let labels = diagnostic.secondary.iter();
    Report {
        name: diagnostic.name,
        severity: diagnostic.severity.word(),
        message: diagnostic.message.clone(),
        place: place(diagnostic.primary.span, sources),
        label: diagnostic.primary.text.clone(),
        labels: labels
            .map(|label| secondary_label(label, sources))
            .collect(),
        notes: diagnostic.notes.clone(),
        help: diagnostic.help.clone(),
        fixes: diagnostic
            .fixes
            .iter()
            .map(|fix| reported_fix(fix, sources))
            .collect(),
    }
}

fn secondary_label(label: &Label, sources: &Sources) -> SecondaryLabel {
    SecondaryLabel {
        place: place(label.span, sources),
        text: label.text.clone(),
    }
}

fn reported_fix(fix: &Fix, sources: &Sources) -> ReportedFix {
    let edits = fix
        .edits
        .iter()
        .map(|edit| reported_edit(edit, sources))
        .collect();
    ReportedFix {
        title: fix.title.clone(),
        edits,
    }
}

fn reported_edit(edit: &Edit, sources: &Sources) -> ReportedEdit {
    ReportedEdit {
        place: place(edit.span, sources),
        replacement: edit.replacement.clone(),
    }
}

fn place(span: Span, sources: &Sources) -> Place {
    let span = sources.clamp(span);
    let start = sources.position(span.file, span.start);
    let end = sources.position(span.file, span.end);
    Place {
        file: sources.path(span.file).to_owned(),
        start: span.start,
        end: span.end,
        line: start.line + 1,
        column: start.characters + 1,
        end_line: end.line + 1,
        end_column: end.characters + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_report_are_stable() {
        let mut sources = Sources::new();
        let file = sources.add("a.tappass", "# é\nalow");
        let span = Span::new(file, 5, 9);
        let diagnostic = Diagnostic {
            secondary: vec![Label::new(Span::new(file, 0, 1), "there")],
            notes: vec!["a note".to_owned()],
            help: Some("write `allow`".to_owned()),
            fixes: vec![Fix::replace(span, "allow")],
            ..Diagnostic::error("a-name", "a message", Label::new(span, "here"))
        };
        insta::assert_json_snapshot!(reports(&[diagnostic], &sources), @r#"
        [
          {
            "name": "a-name",
            "severity": "error",
            "message": "a message",
            "file": "a.tappass",
            "start": 5,
            "end": 9,
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 5,
            "label": "here",
            "labels": [
              {
                "file": "a.tappass",
                "start": 0,
                "end": 1,
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 2,
                "text": "there"
              }
            ],
            "notes": [
              "a note"
            ],
            "help": "write `allow`",
            "fixes": [
              {
                "title": "replace with `allow`",
                "edits": [
                  {
                    "file": "a.tappass",
                    "start": 5,
                    "end": 9,
                    "line": 2,
                    "column": 1,
                    "end_line": 2,
                    "end_column": 5,
                    "replacement": "allow"
                  }
                ]
              }
            ]
          }
        ]
        "#);
    }
}
