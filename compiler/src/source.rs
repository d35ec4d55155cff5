//! Source texts and places in them.
//!
//! Every phase speaks of the user's text through [`Span`]; only [`Sources`] knows what the text is
//! and what the file is called. Text arrives from outside: nothing here reads a file. Offsets are
//! bytes of UTF-8; lines and columns are computed on demand, for people and for editors.

use std::ops::Range;
use std::sync::OnceLock;

/// One file of a compilation. The number is an index into the [`Sources`] that issued it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file; `start <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// An inverted pair becomes the empty span at its start.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self {
            file,
            start,
            end: end.max(start),
        }
    }

    /// From the start of `self` to the end of `last`, which stands in the same file.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        Self::new(self.file, self.start, last.end)
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and the place where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// A place as people and editors count it. Everything is zero-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    /// Bytes of UTF-8 before the place, in its line.
    pub utf8: u32,
    /// UTF-16 code units before the place, in its line.
    pub utf16: u32,
    /// Characters (Unicode scalar values) before the place, in its line.
    pub characters: u32,
}

/// All texts of one compilation.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Debug)]
struct SourceFile {
    path: String,
    text: String,
    line_starts: OnceLock<Vec<u32>>,
}

impl Sources {
    pub fn new() -> Self {
        Self::default()
    }

    /// `path` is what diagnostics show; it is never opened.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(to_u32(self.files.len()));
        self.files.push(SourceFile {
            path: path.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
        });
        id
    }

    pub fn files(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..to_u32(self.files.len())).map(FileId)
    }

    /// The display path; empty for a file that these sources do not have.
    pub fn path(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.path)
    }

    /// The whole text; empty for a file that these sources do not have.
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.text)
    }

    /// The text under `span`, after clamping.
    pub fn snippet(&self, span: Span) -> &str {
        self.text(span.file)
            .get(self.clamp(span).range())
            .unwrap_or("")
    }

    /// The nearest span that lies inside the text and on character boundaries. A renderer calls
    /// this first, so that no span can make it panic.
    pub fn clamp(&self, span: Span) -> Span {
        let text = self.text(span.file);
        let start = floor_char_boundary(text, span.start);
        let end = floor_char_boundary(text, span.end.max(span.start));
        Span::new(span.file, start, end)
    }

    pub fn position(&self, file: FileId, offset: u32) -> Position {
        let Some(source) = self.file(file) else {
            return Position {
                line: 0,
                utf8: 0,
                utf16: 0,
                characters: 0,
            };
        };
        let offset = floor_char_boundary(&source.text, offset);
        let starts = source.line_starts();
        let line = starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let line_start = starts.get(line).copied().unwrap_or(0);
        let before = source
            .text
            .get(line_start as usize..offset as usize)
            .unwrap_or("");
        Position {
            line: to_u32(line),
            utf8: to_u32(before.len()),
            utf16: to_u32(before.chars().map(char::len_utf16).sum()),
            characters: to_u32(before.chars().count()),
        }
    }

    /// The byte offset of a zero-based line and UTF-16 column. What lies behind the end of a line
    /// or of the text is that end.
    pub fn offset_utf16(&self, file: FileId, line: u32, utf16: u32) -> u32 {
        let text = self.line_text(file, line);
        let mut units = 0;
        let mut bytes = 0;
        for character in text.chars() {
            if units >= utf16 {
                break;
            }
            units += to_u32(character.len_utf16());
            bytes += to_u32(character.len_utf8());
        }
        self.line_start(file, line) + bytes
    }

    /// The byte offset of a zero-based line and UTF-8 column, clamped like [`Self::offset_utf16`].
    pub fn offset_utf8(&self, file: FileId, line: u32, utf8: u32) -> u32 {
        let text = self.line_text(file, line);
        self.line_start(file, line) + floor_char_boundary(text, utf8)
    }

    /// One line without its line break; empty where there is none.
    pub fn line_text(&self, file: FileId, line: u32) -> &str {
        let start = self.line_start(file, line) as usize;
        let end = self.line_start(file, line.saturating_add(1)) as usize;
        let text = self.text(file).get(start..end).unwrap_or("");
        let text = text.strip_suffix('\n').unwrap_or(text);
        text.strip_suffix('\r').unwrap_or(text)
    }

    fn line_start(&self, file: FileId, line: u32) -> u32 {
        self.file(file).map_or(0, |source| {
            let starts = source.line_starts();
            starts
                .get(line as usize)
                .copied()
                .unwrap_or(to_u32(source.text.len()))
        })
    }

    fn file(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize)
    }
}

impl SourceFile {
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| to_u32(at + 1));
            std::iter::once(0).chain(breaks).collect()
        })
    }
}

/// Characters that reorder, hide or break the line in which they stand, so that a screen does not
/// show what the compiler reads.
pub fn is_deceptive(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
            | '\u{061c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

fn floor_char_boundary(text: &str, offset: u32) -> u32 {
    to_u32(text.floor_char_boundary(offset as usize))
}

/// Offsets are 32 bits wide: the parser refuses a longer text, so that saturation is never seen.
fn to_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Sources, FileId) {
        let mut sources = Sources::new();
        let file = sources.add("a.tappass", text);
        (sources, file)
    }

    #[test]
    fn columns_are_counted_in_bytes_utf16_units_and_characters() {
        let (sources, file) = one("x\né😀y");
        let y = sources.position(file, 8);
        assert_eq!(
            y,
            Position {
                line: 1,
                utf8: 6,
                utf16: 3,
                characters: 2
            }
        );
    }

    #[test]
    fn an_editor_position_leads_back_to_its_offset() {
        let (sources, file) = one("x\né😀y\r\nz");
        for offset in [0, 1, 2, 4, 8, 9, 11] {
            let place = sources.position(file, offset);
            assert_eq!(sources.offset_utf16(file, place.line, place.utf16), offset);
            assert_eq!(sources.offset_utf8(file, place.line, place.utf8), offset);
        }
    }

    #[test]
    fn a_position_behind_the_line_is_the_end_of_the_line() {
        let (sources, file) = one("ab\r\ncd");
        assert_eq!(sources.offset_utf16(file, 0, 99), 2);
        assert_eq!(sources.offset_utf16(file, 99, 0), 6);
    }

    #[test]
    fn a_span_is_clamped_to_the_text_and_to_characters() {
        let (sources, file) = one("é");
        assert_eq!(
            sources.clamp(Span {
                file,
                start: 1,
                end: 40
            }),
            Span::new(file, 0, 2)
        );
        assert_eq!(
            sources.clamp(Span {
                file,
                start: 9,
                end: 3
            }),
            Span::new(file, 2, 2)
        );
        assert_eq!(
            sources.snippet(Span {
                file,
                start: 0,
                end: 40
            }),
            "é"
        );
    }

    #[test]
    fn a_foreign_file_has_no_text() {
        let (sources, _) = one("abc");
        assert_eq!(sources.text(FileId(7)), "");
        assert_eq!(sources.position(FileId(7), 3).line, 0);
    }
}
