//! HTML that is put together from fixed text and escaped pieces: what comes from outside cannot become markup.

use std::fmt::{self, Write};

use super::super::text::unsafe_letter;

/// HTML in the making.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

/// What may stand in HTML.
pub(super) trait Piece {
    fn put(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A piece, as it stands in HTML.
pub(super) struct Put<'a, T: ?Sized>(pub(super) &'a T);

impl<T: Piece + ?Sized> fmt::Display for Put<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.put(f)
    }
}

/// Adds to a [`Markup`]: fixed text with `{}` where pieces go. `concat!` refuses names within the braces, so that
/// nothing gets past the escaping.
macro_rules! html {
    ($out:expr, $format:literal $(, $piece:expr)* $(,)?) => {
        $out.add(format_args!(concat!($format) $(, $crate::report::html::markup::Put(&$piece))*))
    };
}
pub(super) use html;

impl Markup {
    /// Text of the program's own.
    pub(super) fn fixed(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn add(&mut self, pieces: fmt::Arguments<'_>) {
        // A string takes everything.
        let _ = self.0.write_fmt(pieces);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// A name that may go on in the next line after an underscore, rather than anywhere.
pub(super) fn breakable(name: &str) -> Markup {
    let mut out = Markup::default();
    for part in name.split_inclusive('_') {
        html!(
            out,
            "{}{}",
            part,
            if part.ends_with('_') { Markup::fixed("<wbr>") } else { Markup::default() }
        );
    }
    out
}

impl Piece for Markup {
    fn put(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Piece for str {
    fn put(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_char('\n')?,
                letter if unsafe_letter(letter) => f.write_char('\u{fffd}')?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

impl Piece for String {
    fn put(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().put(f)
    }
}

/// A coordinate: a tenth of a pixel is enough.
impl Piece for f64 {
    fn put(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self * 10.0).round() / 10.0;
        write!(f, "{}", if tenths.is_finite() { tenths } else { 0.0 })
    }
}

impl Piece for usize {
    fn put(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<T: Piece + ?Sized> Piece for &T {
    fn put(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).put(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let mut out = Markup::default();
        let stranger = "\"><script>alert('&')</script>\0\u{202e}";
        html!(out, "<p title=\"{}\">{}</p>", stranger, stranger.to_owned());
        let escaped = "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\u{fffd}\u{fffd}";
        assert_eq!(out.into_text(), format!("<p title=\"{escaped}\">{escaped}</p>"));
    }

    #[test]
    fn coordinates_are_short_and_never_something_else() {
        let mut out = Markup::default();
        html!(out, "{} {} {}", 1.04, 1.06, f64::NAN);
        assert_eq!(out.into_text(), "1 1.1 0");
    }
}
