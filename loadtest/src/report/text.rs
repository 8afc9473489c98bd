//! Text for a terminal: what comes from outside is made harmless, long lines are folded.

/// The most that a line holds.
pub(super) const COLUMNS: usize = 80;

/// One harmless line: addresses, names of errors and of metrics come from strangers, and a terminal obeys escape
/// sequences.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if unsafe_letter(letter) { '\u{fffd}' } else { letter }).collect()
}

/// Control characters, and those that turn the direction of what follows.
pub(super) fn unsafe_letter(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Words in lines of at most [`COLUMNS`], each after its indent. A word that is longer has its own line.
pub(super) fn folded(first: &str, indent: &str, text: &str) -> String {
    let mut folded = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            folded.push_str(&line);
            folded.push('\n');
            indent.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    folded + line.trim_end() + "\n"
}

/// Cut to so many letters, in the middle, so that the ending stays.
pub(super) fn cut(text: &str, most: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= most {
        return text.to_owned();
    }
    let front = most / 2;
    let back = most.saturating_sub(front + 1);
    let [front, back] = [&letters[..front], &letters[letters.len() - back..]].map(String::from_iter);
    format!("{front}…{back}")
}

/// What words look like where a person reads them on a terminal, and only there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    pub(super) fn bad(self, text: &str) -> String {
        self.paint("\x1b[1;31m", text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.paint("\x1b[32m", text)
    }

    pub(super) fn head(self, text: &str) -> String {
        self.paint("\x1b[1m", text)
    }

    fn paint(self, start: &str, text: &str) -> String {
        if self.0 { format!("{start}{text}\x1b[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_steers_a_terminal() {
        assert_eq!(plain("a\x1b[31mb\r\nc\u{202e}d"), "a\u{fffd}[31mb\u{fffd}\u{fffd}c\u{fffd}d");
    }

    #[test]
    fn lines_are_folded_at_words() {
        let text = folded("- ", "  ", &"word ".repeat(40));
        assert!(text.lines().all(|line| line.len() <= COLUMNS));
        assert!(text.lines().skip(1).all(|line| line.starts_with("  word")));
        assert_eq!(text.split_whitespace().filter(|word| *word == "word").count(), 40);
        assert_eq!(folded("", "", &"x".repeat(100)).trim_end().len(), 100);
    }

    #[test]
    fn cut_keeps_both_ends() {
        assert_eq!(cut("abcdefghij", 5), "ab…ij");
        assert_eq!(cut("abc", 5), "abc");
    }
}
