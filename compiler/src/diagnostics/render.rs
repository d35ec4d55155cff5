//! Diagnostics for people: the source with its faults marked, in a terminal.
//!
//! The only place that knows ariadne. It gets clamped spans in bytes, because it panics on inverted
//! ones and counts characters unless told otherwise.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use ariadne::{Cache, Color, Config, IndexType, Report, ReportKind, Source};

use super::{Diagnostic, Label, Severity};
use crate::source::{FileId, Sources, Span, is_deceptive};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    On,
    Off,
}

/// The diagnostics in the given order, each with the lines that it speaks of.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, colour: Colour) -> String {
    let mut cache = SourceCache {
        sources,
        prepared: BTreeMap::new(),
    };
    let mut output = Vec::new();
    for diagnostic in diagnostics {
        if marks_a_long_line(diagnostic, sources) {
            output.extend(super::plain::plain(std::slice::from_ref(diagnostic), sources).bytes());
            continue;
        }
        let written = report(diagnostic, sources, colour).write(&mut cache, &mut output);
        if written.is_err() {
            // Only a foreign span gets here: the message matters more than the picture.
            output.extend_from_slice(diagnostic.message.as_bytes());
            output.push(b'\n');
        }
    }
    let text = String::from_utf8_lossy(&output);
    match colour {
        Colour::On => text.into_owned(),
        Colour::Off => without_escapes(&text),
    }
}

/// Nobody reads a picture of a line that fills screens.
fn marks_a_long_line(diagnostic: &Diagnostic, sources: &Sources) -> bool {
    const LONGEST: usize = 1_000;
    let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
    let mut ends = labels.flat_map(|label| {
        [
            (label.span.file, label.span.start),
            (label.span.file, label.span.end),
        ]
    });
    ends.any(|(file, offset)| {
        let line = sources.position(file, offset).line;
        sources.line_text(file, line).len() > LONGEST
    })
}

/// Ariadne colours the severity even where colour is off.
fn without_escapes(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let mut output = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        output.push_str(piece.split_once('m').map_or(piece, |(_, rest)| rest));
    }
    output
}

type Place = (FileId, Range<usize>);

fn report(diagnostic: &Diagnostic, sources: &Sources, colour: Colour) -> Report<'static, Place> {
    let tint = tint(diagnostic.severity);
    let kind = ReportKind::Custom(diagnostic.severity.word(), tint);
    let config = Config::default()
        .with_index_type(IndexType::Byte)
        .with_color(colour == Colour::On);
    let mut report = Report::build(kind, place(diagnostic.primary.span, sources))
        .with_config(config)
        .with_code(diagnostic.name)
        .with_message(&diagnostic.message)
        .with_label(label(&diagnostic.primary, sources, tint).with_priority(1));
    for secondary in &diagnostic.secondary {
        report.add_label(label(secondary, sources, Color::Blue));
    }
    for note in &diagnostic.notes {
        report.add_note(note);
    }
    if let Some(help) = &diagnostic.help {
        report.add_help(help);
    }
    report.finish()
}

fn tint(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Note => Color::Cyan,
    }
}

fn label(label: &Label, sources: &Sources, tint: Color) -> ariadne::Label<Place> {
    ariadne::Label::new(place(label.span, sources))
        .with_message(&label.text)
        .with_color(tint)
}

fn place(span: Span, sources: &Sources) -> Place {
    (span.file, sources.clamp(span).range())
}

/// A file is split into lines once, however many diagnostics speak of it.
struct SourceCache<'a> {
    sources: &'a Sources,
    prepared: BTreeMap<FileId, Source<Cow<'a, str>>>,
}

impl<'a> Cache<FileId> for SourceCache<'a> {
    type Storage = Cow<'a, str>;

    fn fetch(&mut self, file: &FileId) -> Result<&Source<Cow<'a, str>>, impl std::fmt::Debug> {
        let text = self.sources.text(*file);
        let prepared = self
            .prepared
            .entry(*file)
            .or_insert_with(|| Source::from(harmless(text)));
        Ok::<_, std::convert::Infallible>(prepared)
    }

    fn display<'b>(&self, file: &'b FileId) -> Option<impl std::fmt::Display + 'b> {
        Some(self.sources.path(*file).to_owned())
    }
}

/// The text as a terminal may show it. What could reorder, hide or overwrite its line is replaced by
/// as many bytes, so that all spans hold.
fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut output = String::with_capacity(text.len());
    for character in text.chars() {
        match (is_deceptive(character), character.len_utf8()) {
            (false, _) => output.push(character),
            (true, 1) => output.push('?'),
            (true, 2) => output.push('¿'),
            (true, 3) => output.push('\u{fffd}'),
            (true, _) => output.push_str("¿¿"),
        }
    }
    Cow::Owned(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_before_the_span_may_be_anything() {
        let mut sources = Sources::new();
        let file = sources.add("café.tappass", "# café — ééé 😀\nalow read\n");
        let start = u32::try_from("# café — ééé 😀\n".len()).unwrap();
        let label = Label::new(Span::new(file, start, start + 4), "unknown word");
        let diagnostic = Diagnostic {
            help: Some("write `allow`".to_owned()),
            ..Diagnostic::error("a-name", "a message", label)
        };
        insta::assert_snapshot!(render(&[diagnostic], &sources, Colour::Off), @r"
        [a-name] error: a message
           ╭─[ café.tappass:2:1 ]
           │
         2 │ alow read
           │ ──┬─  
           │   ╰─── unknown word
           │ 
           │ Help: write `allow`
        ───╯
        ");
    }

    #[test]
    fn labels_may_stand_in_several_files() {
        let mut sources = Sources::new();
        let org = sources.add("org.tappass", "deny read");
        let team = sources.add("team.tappass", "allow read");
        let diagnostic = Diagnostic {
            secondary: vec![Label::new(Span::new(org, 0, 4), "denied here")],
            ..Diagnostic::warning(
                "a-name",
                "a message",
                Label::new(Span::new(team, 0, 5), "allowed here"),
            )
        };
        insta::assert_snapshot!(render(&[diagnostic], &sources, Colour::Off), @r"
        [a-name] warning: a message
           ╭─[ team.tappass:1:1 ]
           │
         1 │ allow read
           │ ──┬──  
           │   ╰──── allowed here
           │
           ├─[ org.tappass:1:1 ]
           │
         1 │ deny read
           │ ──┬─  
           │   ╰─── denied here
        ───╯
        ");
    }

    #[test]
    fn no_span_makes_it_panic() {
        let mut sources = Sources::new();
        let file = sources.add("a.tappass", "é\n");
        for (start, end) in [(1, 2), (9, 3), (0, 99), (3, 3), (4, 2)] {
            let label = Label::new(Span { file, start, end }, "here");
            let foreign = Label::new(
                Span {
                    file: FileId(9),
                    start,
                    end,
                },
                "there",
            );
            let diagnostic = Diagnostic {
                secondary: vec![foreign],
                ..Diagnostic::error("a-name", "a message", label)
            };
            assert!(render(&[diagnostic], &sources, Colour::Off).contains("a message"));
        }
    }

    #[test]
    fn a_source_cannot_speak_to_the_terminal() {
        let text = "\u{1b}[2J \u{202e}\u{9b}\u{e0041} é";
        assert_eq!(harmless(text), "?[2J \u{fffd}¿¿¿ é");
        assert_eq!(harmless(text).len(), text.len());
        let mut sources = Sources::new();
        let file = sources.add("a.tappass", text);
        let label = Label::new(Span::new(file, 0, 1), "here");
        let diagnostic = Diagnostic::error("a-name", "a message", label);
        let shown = render(&[diagnostic], &sources, Colour::Off);
        assert!(!shown.contains(is_deceptive), "{shown:?}");
    }

    #[test]
    fn colour_is_a_choice() {
        let mut sources = Sources::new();
        let file = sources.add("a.tappass", "x");
        let label = Label::new(Span::new(file, 0, 1), "here");
        let diagnostic = [Diagnostic::error("a-name", "a message", label)];
        assert!(render(&diagnostic, &sources, Colour::On).contains('\u{1b}'));
        assert!(!render(&diagnostic, &sources, Colour::Off).contains('\u{1b}'));
    }
}
